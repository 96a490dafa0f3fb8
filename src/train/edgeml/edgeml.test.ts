/** Bonsai and ProtoNN: gradients, budgets, determinism, and what they learn. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runTable } from "./testing.js";
import { findBoard } from "../../boards/index.js";
import { without } from "../../boards/testing.js";
import type { TrainingSet } from "../learner.js";
import { makeRandom } from "../random.js";
import { bonsaiHead, innerOf, nodesOf } from "./bonsai-head.js";
import { prototypeForm, treeForm } from "./budget.js";
import { loss } from "./fit.js";
import type { Head } from "./head.js";
import { learners } from "./index.js";
import { encode, keepLargest, stepsOf, thresholdTo, weightBytes, type Grid } from "./projection.js";
import { protonnHead } from "./protonn-head.js";
import { accuracy, constantsOf } from "./testing.js";

const fresh = (n: number, seed: number): Float64Array => { const r = makeRandom(seed); return new Float64Array(n).map(() => r.normal()); };

/** Gradient of the loss against central differences, for every parameter and every element of z. */
function checkGradient(head: Head, dims: number, outputs: number, sharpness: number): void {
  const p = fresh(head.size, 3).map((v) => v * 0.6);
  const z = fresh(dims, 5).map((v) => v * 0.6);
  const [scores, d, spare] = [new Float64Array(outputs), new Float64Array(outputs), new Float64Array(outputs)];
  const y = outputs === 1 ? 1 : outputs - 1;
  const value = (): number => { head.scores(p, z, scores, sharpness); return loss(scores, y, spare); };
  const [grad, dz] = [new Float64Array(head.size), new Float64Array(dims)];
  head.scores(p, z, scores, sharpness);
  loss(scores, y, d);
  head.backward(p, z, d, grad, dz);
  const slope = (a: Float64Array, i: number): number => {
    const [kept, h] = [a[i]!, 1e-5];
    a[i] = kept + h;
    const up = value();
    a[i] = kept - h;
    const down = value();
    a[i] = kept;
    return (up - down) / (2 * h);
  };
  for (const [array, got] of [[p, grad], [z, dz]] as const) {
    got.forEach((g, i) => { const want = slope(array, i); assert.ok(Math.abs(g - want) < 1e-6 + 1e-5 * Math.abs(want), `element ${i}: ${g}, differences say ${want}`); });
  }
  assert.ok(grad.some((g) => g !== 0));
}

test("the gradient of a tree agrees with differences", () => {
  for (const [dims, depth, outputs] of [[4, 2, 1], [3, 1, 4], [5, 3, 2], [2, 0, 1]] as const) checkGradient(bonsaiHead({ dims, depth, outputs, sigma: 1.3 }), dims, outputs, 0.8);
});

test("the gradient of prototypes agrees with differences", () => {
  for (const [dims, prototypes, outputs] of [[4, 6, 1], [3, 5, 4]] as const) checkGradient(protonnHead({ dims, prototypes, outputs }), dims, outputs, 1);
});

test("hard thresholding keeps the largest weights, and the budget", () => {
  const w = Float64Array.of(0.1, -3, 2, 0.1, -0.1, 1);
  keepLargest(w, 4);
  assert.deepEqual([...w], [0.1, -3, 2, 0, 0, 1]);
  for (const bits of [4, 16] as const) for (const sparsity of ["columns", "weights"] as const) for (const bytes of [0, 7, 60, 200, 10_000]) {
    const g: Grid = { rows: 5, cols: 90, bits, sparsity, stepPerRow: true };
    const full = fresh(450, 11);
    const kept = full.slice();
    thresholdTo(kept, g, bytes);
    const used = kept.filter((v) => v !== 0);
    if (used.length > 0) assert.ok(weightBytes(kept, g) <= bytes, `${weightBytes(kept, g)} of ${bytes}`);
    if (bytes === 10_000) assert.deepEqual(kept, full);
    const steps = stepsOf(kept, g);
    const codes = new Float64Array(450);
    encode(kept, steps, g, codes);
    assert.ok(codes.every((c, q) => Number.isInteger(c) && Math.abs(c) <= (bits === 4 ? 7 : 127) && (kept[q] !== 0 || c === 0)));
  }
});

test("forms fill the budget, or say that nothing fits", () => {
  for (const bytes of [200, 500, 2000]) for (const outputs of [1, 4]) {
    const s = { bytes, features: 64, outputs, bits: 4 } as const;
    for (const form of [treeForm(s, { dims: 0, depth: -1 }), prototypeForm(s, { dims: 0, prototypes: 0 })]) assert.ok(form.rest > 0 && form.rest < bytes && form.dims >= 1);
  }
  assert.equal(treeForm({ bytes: 500, features: 64, outputs: 1, bits: 4 }, { dims: 5, depth: 2 }).dims, 5);
  assert.equal(nodesOf({ dims: 1, depth: 2, outputs: 1, sigma: 1 }) - innerOf({ dims: 1, depth: 2, outputs: 1, sigma: 1 }), 4);
  assert.throws(() => treeForm({ bytes: 20, features: 64, outputs: 10, bits: 16 }, { dims: 0, depth: -1 }), { name: "CoincellError" });
});

/** Four corners, two classes crosswise, whole numbers of 8 bits; columns without meaning beside them. */
function crosswise(rows: number, more: number): TrainingSet {
  const r = makeRandom(8);
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 0; i < rows; i++) {
    const [a, b] = [r.below(2), r.below(2)];
    x.push(60 + 120 * a + Math.round(10 * r.normal()), 60 + 120 * b + Math.round(10 * r.normal()), ...Array.from({ length: more }, () => 60 + r.below(121)));
    y.push(a ^ b);
  }
  return { features: Array.from({ length: 2 + more }, (_, i) => `f${i}`), x: Float64Array.from(x), rows, y: Float64Array.from(y), classes: ["same", "other"] };
}

/** Four clouds around corners of their own, real numbers of very different size. */
function clouds(rows: number): TrainingSet {
  const r = makeRandom(9);
  const y = Array.from({ length: rows }, (_, i) => i % 4);
  const x = y.flatMap((c) => [r.normal() + 5 * (c % 2), 1000 * (r.normal() + 5 * (c >> 1)), r.normal() * 0.01]);
  return { features: ["a", "b", "c"], x: Float64Array.from(x, Math.fround), rows, y: Float64Array.from(y), classes: [1, 2, 3, 4] };
}

for (const learner of learners) {
  test(`${learner.name} learns what no line can tell apart, within its budget`, () => {
    const data = crosswise(400, 6);
    for (const bytes of [150, 400]) {
      const graph = learner.learn(data, "classification", { bytes }, { seed: 1 });
      assert.ok(accuracy(graph, data) > 0.97, `${bytes}: ${accuracy(graph, data)}`);
      assert.ok(constantsOf(graph, data) <= bytes, `${constantsOf(graph, data)} of ${bytes} bytes`);
    }
  });

  test(`${learner.name} learns four classes from features of very different size`, () => {
    const data = clouds(200);
    const graph = learner.learn(data, "classification", { bytes: 500 }, { seed: 2 });
    assert.ok(accuracy(graph, data) > 0.95, `${accuracy(graph, data)}`);
    assert.ok(constantsOf(graph, data) <= 500);
  });

  test(`${learner.name}: single weights, fixed shape, a constant column`, () => {
    const data = crosswise(200, 30);
    const still: TrainingSet = { ...data, x: data.x.map((v, q) => (q % 32 === 5 ? 77 : v)) };
    const graph = learner.learn(still, "classification", { bytes: 200, sparsity: "weights", dims: 4, epochs: 60 }, { seed: 3 });
    assert.ok(accuracy(graph, still) > 0.85, `${accuracy(graph, still)}`);
    assert.ok(constantsOf(graph, still) <= 200);
  });

  test(`${learner.name} is the same for a seed, and another for another`, () => {
    const data = crosswise(120, 4);
    const learn = (seed: number): string => JSON.stringify(learner.learn(data, "classification", { bytes: 200, epochs: 10 }, { seed }).nodes.map((n) => Object.values(n.attrs).map((v) => (ArrayBuffer.isView(v) ? [...(v as Float64Array)] : v))));
    assert.equal(learn(5), learn(5));
    assert.notEqual(learn(5), learn(6));
  });

  test(`${learner.name} reports progress, stops when told, and refuses what cannot be learnt`, () => {
    const data = crosswise(100, 2);
    const seen: number[] = [];
    learner.learn(data, "classification", { bytes: 200, epochs: 5 }, { seed: 1, onProgress: (p) => seen.push(p) });
    assert.ok(seen.length >= 5 && seen.at(-1) === 1 && seen.every((p, i) => i === 0 || p >= seen[i - 1]!));
    const stop = new AbortController();
    assert.throws(() => learner.learn(data, "classification", { bytes: 200 }, { seed: 1, signal: stop.signal, onProgress: (p) => { if (p > 0.1) stop.abort(); } }), { name: "AbortError" });
    assert.throws(() => learner.learn({ ...data, y: new Float64Array(100) }, "classification", {}, { seed: 1 }), { name: "CoincellError" });
    assert.throws(() => learner.learn(data, "classification", { bytes: 33, dims: 9 }, { seed: 1 }), { name: "CoincellError" });
    assert.throws(() => learner.learn(data, "classification", { bites: 1 }, { seed: 1 }), { name: "CoincellError" });
  });

  for (const [board, compiler] of [["host", "gcc"], ["attiny85", "avr-gcc"], ["atmega328p", "avr-gcc"]] as const) {
    test(`${learner.name} on ${board} answers as the reference does`, { skip: without(compiler) }, async () => {
      for (const data of [crosswise(150, 6), clouds(80)]) {
        const graph = learner.learn(data, "classification", { bytes: 300, epochs: 40 }, { seed: 4 });
        const { report } = await runTable(graph, data, findBoard(board));
        assert.ok(report.fits && report.equal, `${report.flash.total} bytes of flash; ${JSON.stringify(report.difference)}`);
        assert.ok(report.agreement >= 0.98, `${report.agreement} as the float model`);
      }
    });
  }
}
