/** Centres with widths: the early stop finds what the scores find, and real models keep their answers in fixed point. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isReady, ready } from "../../../../test/support/models.js";
import { random } from "../../../../test/support/random.js";
import { convertRow } from "../../../ir/conversion.js";
import type { PrepareCtx } from "../../../ir/op.js";
import { makeArray, type Tensor, type TypedArray } from "../../../ir/types.js";
import { evaluate, runHostChain } from "../../../passes/evaluate.js";
import { dequantise, runProgram } from "../../../passes/run-program.js";
import { evaluate as meaning, type GaussianAttrs } from "./attrs.js";
import op from "./index.js";

const stats = (n: number) => ({ min: new Float64Array(n).fill(-4), max: new Float64Array(n).fill(4), mean: new Float64Array(n) });

function device(a: GaussianAttrs, level: number, scale = [4 / 32767]): { readonly ask: (x: TypedArray) => TypedArray; readonly scale: number } {
  const input: Tensor = { name: "x", dtype: "i16", shape: [a.features], quant: { scale, zero: scale.map(() => 0) } };
  const ctx: PrepareCtx<GaussianAttrs> = { attrs: a, arithmetic: "int", inputs: [input], outputs: [], inputStats: [stats(a.features)], outputStats: [stats(1)], perElementOutput: false, level };
  const made = op.prepare?.(ctx);
  assert.ok(made);
  return {
    ask: (x) => { const y = makeArray(made.outputs[0]?.dtype ?? "i32", a.pick ? 1 : a.rows); op.int(made.params, [x], [y]); return y; },
    scale: made.outputs[0]?.quant?.scale[0] ?? 1,
  };
}

function drawn(seed: number, rows: number, features: number, power = 2): GaussianAttrs {
  const r = random(seed);
  return {
    rows, features, power, pick: false, m: Float64Array.from({ length: rows * features }, () => r.between(-3, 3)),
    r: Float64Array.from({ length: rows * features }, () => 2 ** r.between(-3, 4)), b: Float64Array.from({ length: rows }, () => r.between(-20, 0)),
  };
}

test("with pick, the early stop gives the index of the largest score on any input", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const r = random(seed);
    const a = drawn(seed, 1 + r.below(6), 1 + r.below(12), seed % 3 === 0 ? 1 : 2);
    for (const level of [0, 1]) {
      const [all, one] = [device(a, level), device({ ...a, pick: true }, level)];
      for (let k = 0; k < 50; k++) {
        const x = Int16Array.from({ length: a.features }, () => (k < 4 ? (k % 2 ? 32767 : -32768) : r.below(65536) - 32768));
        const scores = [...all.ask(x)];
        assert.equal(one.ask(x)[0], scores.indexOf(Math.max(...scores)), `seed ${seed}, level ${level}, [${x.join()}]`);
      }
    }
  }
});

test("equal scores give the first class, as numpy's argmax", () => {
  const a: GaussianAttrs = { rows: 3, features: 2, power: 2, pick: true, m: Float64Array.of(1, 1, -1, -1, 1, 1), r: Float64Array.of(1, 1), b: new Float64Array(3) };
  assert.equal(device(a, 1).ask(Int16Array.of(0, 0))[0], 0);
  assert.equal(device(a, 1).ask(Int16Array.of(9000, 9000))[0], 0);
  assert.equal(device(a, 1).ask(Int16Array.of(-9000, -9000))[0], 1);
});

test("features on grids a thousand times apart keep their precision", () => {
  const a = drawn(3, 4, 2);
  const scale = [4 / 32767, 0.1];
  const d = device(a, 1, scale);
  const r = random(9);
  for (let k = 0; k < 200; k++) {
    const x = Int16Array.of(r.below(65536) - 32768, r.below(80) - 40);
    const want = meaning(a, [(x[0] ?? 0) * 4 / 32767, (x[1] ?? 0) * 0.1]);
    d.ask(x).forEach((q, c) => assert.ok(Math.abs(q * d.scale - (want[c] ?? 0)) <= 0.02 + 0.002 * Math.abs(want[c] ?? 0), `class ${c}: ${q * d.scale} against ${want[c]}`));
  }
});

const models = [
  "gnb_binary", "gnb_multi", "gnb_str", "pipe_pca_whiten_gnb", "centroid", "centroid_manhattan", "kmeans", "minibatch_kmeans", "pipe_pca_kmeans",
  "pipe_standard_kmeans", "qda_binary", "qda_multi", "elliptic", "gmm_diag", "gmm_full", "gmm_spherical", "gmm_tied",
];
for (const name of models) {
  test(`${name}: fixed point keeps labels and scores`, () => {
    const m = ready(`sklearn/${name}`, 120);
    assert.ok(isReady(m));
    const p = m.compiled.program;
    let wrong = 0;
    for (const row of m.rows) {
      const [want, got] = [evaluate(m.graph, row), runProgram(p, convertRow(row, p.tensors[p.input] as Tensor))];
      if (got.label !== want.label) wrong++;
      const printed = runHostChain(p.host, dequantise(p, got.scores));
      // Probabilities are steep between classes; all other scores are judged by their size.
      printed.forEach((v, c) => assert.ok(Math.abs(v - (want.scores[c] ?? 0)) <= 0.1 + 0.02 * Math.abs(want.scores[c] ?? 0), `score ${c}: ${v} against ${want.scores[c]}`));
      if (m.compiled.labelProgram) assert.ok(Math.abs(runProgram(m.compiled.labelProgram, convertRow(row, p.tensors[p.input] as Tensor)).label) >= 0);
    }
    assert.ok(wrong <= 1, `${wrong} of ${m.rows.length} labels differ`);
  });
}
