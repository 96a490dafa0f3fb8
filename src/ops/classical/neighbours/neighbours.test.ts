/** Nearest neighbours: rows on the sensor's grid are exact, ties go to the smallest class, and what cannot be meant is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isReady, ready } from "../../../../test/support/models.js";
import { random } from "../../../../test/support/random.js";
import { convertRow } from "../../../ir/conversion.js";
import { CoincellError } from "../../../ir/diagnostics.js";
import type { Foreign, ForeignValue } from "../../../ir/foreign.js";
import type { Builder, PrepareCtx } from "../../../ir/op.js";
import { makeArray, type DType, type Tensor, type TypedArray } from "../../../ir/types.js";
import { evaluate } from "../../../passes/evaluate.js";
import { dequantise, runProgram } from "../../../passes/run-program.js";
import type { NeighboursAttrs } from "./attrs.js";
import op from "./index.js";
import { COMMON, PLAIN, WEIGHED } from "./twin.js";

function prepared(a: NeighboursAttrs, dtype: DType, scale: readonly number[], range: readonly [number, number], level = 1) {
  const n = a.features;
  const s = { min: new Float64Array(n).fill(range[0]), max: new Float64Array(n).fill(range[1]), mean: new Float64Array(n) };
  const ctx: PrepareCtx<NeighboursAttrs> = {
    attrs: a, arithmetic: "int", inputs: [{ name: "x", dtype, shape: [n], quant: { scale, zero: scale.map(() => 0) } }], outputs: [], inputStats: [s], outputStats: [], perElementOutput: false, level,
  };
  const made = op.prepare?.(ctx);
  assert.ok(made);
  const ask = (x: TypedArray): readonly TypedArray[] => {
    const ys = made.outputs.map((o, i) => makeArray(o.dtype, [a.kind === "values" ? 1 : a.target.length, a.k, a.k, n][i] ?? 1));
    op.int(made.params, [x], ys);
    return ys;
  };
  return { ask, params: made.params, outputs: made.outputs };
}

/** Whole numbers, so that every distance is exact. */
function grid(seed: number, over: Partial<NeighboursAttrs> = {}): NeighboursAttrs {
  const r = random(seed);
  const rows = 40;
  const features = 3;
  return { rows, features, k: 5, power: 2, kind: "classes", weighted: false, target: Float64Array.of(10, 25, 40), points: Float64Array.from({ length: rows * features }, () => r.below(100)), ...over };
}

test("rows on the integers of the input give the very neighbours of the float model", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const r = random(seed + 100);
    for (const power of [2, 1, 0]) {
      const a = grid(seed, { power });
      const d = prepared(a, "u8", [1], [0, 99]);
      assert.equal(d.params.mode, PLAIN);
      for (let k = 0; k < 20; k++) {
        const x = Uint8Array.from({ length: 3 }, () => r.below(k < 5 ? 256 : 100));
        const want = op.float(a, [Float64Array.from(x)]);
        const got = d.ask(x);
        assert.deepEqual([...(got[1] ?? [])].map((v) => v * (d.outputs[1]?.quant?.scale[0] ?? 1)), [...(want[1] ?? [])]);
        assert.deepEqual([...(got[2] ?? [])], [...(want[2] ?? [])]);
      }
    }
  }
});

test("the way to a common unit follows from scales and widths", () => {
  const a = grid(1);
  const scaled = { ...a, points: a.points.map((v, at) => v * [1, 2, 3][at % 3]!) };
  assert.equal(prepared(scaled, "u8", [1, 2, 3], [0, 99]).params.mode, WEIGHED);
  assert.equal(prepared(scaled, "i16", [1, 2, 3], [0, 99]).params.mode, WEIGHED);
  assert.equal(prepared(scaled, "i16", [0.01, 0.02, 0.03], [0, 99]).params.mode, COMMON);
  assert.equal(prepared(a, "u8", [1], [0, 99]).params.bytes, 1);
  assert.equal(prepared(a, "i16", [1], [0, 99]).params.bytes, 0);
});

test("a tied vote goes to the smallest class", () => {
  const a = grid(1, { rows: 4, features: 1, k: 4, points: Float64Array.of(50, 52, 10, 12), target: Float64Array.of(0, 2, 4) });
  const [y] = prepared(a, "u8", [1], [0, 99]).ask(Uint8Array.of(31));
  assert.deepEqual([...(y ?? [])], [0, 2, 2]);
});

test("a neighbour at distance 0 outvotes all others, also when it stands there several times", () => {
  for (const power of [2, 1]) {
    const a = grid(1, { rows: 5, features: 1, k: 5, power, weighted: true, kind: "values", points: Float64Array.of(7, 7, 8, 9, 200), target: Float64Array.of(10, 30, 90, 95, 100) });
    const d = prepared(a, "u8", [1], [0, 255]);
    const q = d.outputs[0]?.quant;
    const value = (x: number): number => ((d.ask(Uint8Array.of(x))[0]?.[0] ?? 0) - (q?.zero[0] ?? 0)) * (q?.scale[0] ?? 1);
    assert.ok(Math.abs(value(7) - 20) < 0.01);
    for (const x of [0, 6, 100, 255]) assert.ok(Math.abs(value(x) - (op.float(a, [Float64Array.of(x)])[0]?.[0] ?? NaN)) < 0.3, `at ${x}`);
  }
});

const models = ["knn_k3", "knn_brute", "knn_p1", "knn_distance", "knn_chebyshev", "knn_k1_str", "pipe_robust_knn", "knnr", "knnr_distance"];
for (const name of models) {
  test(`${name}: fixed point keeps the answers`, () => {
    const m = ready(`sklearn/${name}`, 200);
    assert.ok(isReady(m));
    const p = m.compiled.program;
    let wrong = 0;
    let error = 0;
    for (const row of m.rows) {
      const [want, got] = [evaluate(m.graph, row), runProgram(p, convertRow(row, p.tensors[p.input] as Tensor))];
      if (got.label !== want.label) wrong++;
      else if (p.label === null) error += Math.abs((dequantise(p, got.scores)[0] ?? 0) - (want.scores[0] ?? 0));
    }
    assert.ok(wrong <= 2, `${wrong} of ${m.rows.length} labels differ`);
    assert.ok(error / m.rows.length < 0.05, `mean error ${error / m.rows.length}`);
  });
}

const nd = (data: readonly number[], shape: readonly number[]): ForeignValue => ({ kind: "ndarray", shape, data: Float64Array.from(data) });
const classifier = (over: Readonly<Record<string, ForeignValue>>): Foreign => ({
  kind: "foreign", type: "sklearn.neighbors._classification.KNeighborsClassifier", where: "test",
  fields: new Map<string, ForeignValue>(Object.entries({ _fit_X: nd([0, 1], [2, 1]), _y: nd([0, 1], [2]), classes_: nd([0, 1], [2]), n_neighbors: 1, weights: "uniform", effective_metric_: "euclidean", effective_metric_params_: new Map(), ...over })),
});
const builder: Builder = { x: 0, features: () => 1, add: () => 0, output: () => undefined, setLabels: () => undefined, setTask: () => undefined, note: () => undefined, lower: () => 0 };
const lower = (f: Foreign): unknown => op.from.sklearn?.KNeighborsClassifier?.(f, builder);

test("what has no meaning on a device is refused by name", () => {
  assert.doesNotThrow(() => lower(classifier({})));
  const refused: readonly (readonly [string, Readonly<Record<string, ForeignValue>>])[] = [
    ["sklearn/unsupported-metric", { effective_metric_: "minkowski", effective_metric_params_: new Map([["p", 3]]) }],
    ["sklearn/unsupported-metric", { effective_metric_params_: new Map<ForeignValue, ForeignValue>([["w", nd([1], [1])]]) }],
    ["sklearn/unsupported-weights", { weights: { kind: "foreign", type: "__main__.f", where: "test", fields: new Map() } }],
    ["sklearn/unsupported-outputs", { _y: nd([0, 1, 1, 0], [2, 2]) }],
    ["sklearn/bad-shape", { _y: nd([0, 7], [2]) }],
    ["import/bad-count", { n_neighbors: 3 }],
  ];
  for (const [code, over] of refused) assert.throws(() => lower(classifier(over)), (e) => e instanceof CoincellError && e.diagnostic.code === code, code);
});
