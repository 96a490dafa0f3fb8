/** Kernel machines: integers near the float meaning, no overflow for any input, C equal to the reference under sanitizers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyOp } from "../../../ir/op.js";
import { arrayFrom, limits, scaleAt, type IntDType, type Tensor, type TypedArray } from "../../../ir/types.js";
import { without } from "../../../boards/testing.js";
import { evaluate, outputsOf, pairIndex, pairTable, type KernelAttrs } from "./attrs.js";
import { cases } from "./cases.js";
import op from "./index.js";
import { floatOnHost, prepared, reference, sameOnHost, type Prepared } from "./testing.js";

const machine = op as unknown as AnyOp;
const skip = without("gcc");
const tensor = (dtype: IntDType, n: number, [lo, hi]: readonly [number, number]): Tensor => {
  const [min, max] = limits(dtype);
  const scale = (hi - lo) / (max - min);
  return { name: "x", dtype, shape: [n], quant: { scale: [scale], zero: [Math.round(min - lo / scale)] } };
};

/** Corners, the middle, and points without pattern. */
function rowsFor(x: Tensor, count = 40): TypedArray[] {
  const n = x.shape[0] ?? 1;
  const dtype = x.dtype as IntDType;
  const [min, max] = limits(dtype);
  let s = 99;
  const next = (): number => { s = (Math.imul(s, 1103515245) + 12345) >>> 0; return min + Math.floor((s / 2 ** 32) * (max - min + 1)); };
  const fixed = [min, max, 0, min + 1, max - 1].map((v) => Array.from({ length: n }, () => v));
  const mixed = Array.from({ length: 8 }, (_, k) => Array.from({ length: n }, (__, j) => ((k >> (j % 3)) & 1 ? min : max)));
  return [...fixed, ...mixed, ...Array.from({ length: count }, () => Array.from({ length: n }, next))].map((r) => arrayFrom(dtype, r));
}

const real = (x: Tensor, r: TypedArray): Float64Array => Float64Array.from(r, (q) => (x.quant?.scale[0] ?? 1) * (q - (x.quant?.zero[0] ?? 0)));
const dequantised = (p: Prepared, y: TypedArray): number[] => [...y].map((v, i) => v * (p.program.scoresView.quant ? scaleAt(p.program.scoresView.quant, i) : 1));

/** Largest error as a part of the output's range over the rows. */
function worst(p: Prepared, a: KernelAttrs, x: Tensor, rows: readonly TypedArray[]): number {
  let [error, low, high] = [0, Infinity, -Infinity];
  for (const r of rows) {
    const want = evaluate(a, real(x, r));
    dequantised(p, reference(p, r)).forEach((v, o) => { error = Math.max(error, Math.abs(v - (want[o] ?? 0))); });
    low = Math.min(low, ...want);
    high = Math.max(high, ...want);
  }
  return error / Math.max(high - low, 1e-9);
}

const one: KernelAttrs = { kernel: "rbf", gamma: 0.5, coef0: 0, degree: 3, features: 2, sv: Float64Array.of(0.5, -0.25), dual: Float64Array.of(2), support: Int32Array.of(1), b: Float64Array.of(-0.75) };

test("pairs are numbered as libsvm does", () => {
  assert.deepEqual([pairIndex(4, 0, 1), pairIndex(4, 0, 3), pairIndex(4, 1, 2), pairIndex(4, 2, 3)], [0, 2, 3, 5]);
  assert.deepEqual(pairTable(3), [0, 1, 0, 2, 1, 2]);
});

test("integers follow the float meaning at every level and input type", () => {
  for (const c of cases) {
    for (const dtype of ["i8", "u8", "i16"] as const) {
      const x = tensor(dtype, c.features, c.range);
      const rows = rowsFor(x);
      for (const level of [0, 1, 2]) {
        const limit = level < 2 ? 0.03 : dtype === "i16" ? c.tolerance : 0.02;
        const error = worst(prepared(machine, c.attrs, x, c.range, level), c.attrs, x, rows);
        assert.ok(error < limit, `${c.title}, ${dtype}, level ${level}: ${error}`);
      }
    }
  }
});

test("the C gives the reference's bytes for any input", { skip }, async () => {
  const jobs = cases.flatMap((c) => (["i8", "u8", "i16"] as const).flatMap((dtype) => [0, 1, 2].map((level) => ({ c, dtype, level }))));
  await Promise.all(jobs.map(async ({ c, dtype, level }) => {
    const x = tensor(dtype, c.features, c.range);
    await sameOnHost(prepared(machine, c.attrs, x, c.range, level, level === 0), rowsFor(x));
  }));
});

test("extreme constants: gamma huge, tiny and zero, large biases and coefficients, no kernel value at all", { skip }, async () => {
  const odd: readonly Partial<KernelAttrs>[] = [
    { gamma: 1e9 }, { gamma: 3000 }, { gamma: 1e-12 }, { gamma: 0 }, { b: Float64Array.of(1e7) }, { b: Float64Array.of(1e15) }, { dual: Float64Array.of(1e6) }, { dual: Float64Array.of(0) }, { sv: Float64Array.of(900, -900) },
    { kernel: "sigmoid", coef0: 5, gamma: 1e4 }, { kernel: "sigmoid", coef0: -0.5, gamma: 1e-9 }, { kernel: "sigmoid", gamma: 0, coef0: 1 },
    { kernel: "poly", degree: 0 }, { kernel: "poly", degree: 1, coef0: 2 }, { kernel: "poly", degree: 9, gamma: 2 }, { kernel: "poly", gamma: 0, coef0: -2 }, { kernel: "linear" }, { kernel: "poly", sv: new Float64Array(2) },
  ];
  await Promise.all(odd.flatMap((more) => (["i8", "i16"] as const).map(async (dtype) => {
    const x = tensor(dtype, 2, [-1, 1]);
    const a = { ...one, ...more };
    const made = prepared(machine, a, x, [-1, 1], 2);
    const rows = rowsFor(x, 10);
    await sameOnHost(made, rows);
    for (const r of rows) {
      const [want = 0] = evaluate(a, real(x, r));
      const [got = 0] = dequantised(made, reference(made, r));
      const scale = Math.max(1, Math.abs(want), Math.abs(a.dual[0] ?? 0));
      if (a.gamma < 100) assert.ok(Math.abs(got - want) < 0.03 * scale, `${JSON.stringify(more)} ${dtype} [${[...r].join()}]: ${got}, wanted ${want}`);
    }
  })));
});

test("many vectors of one sign do not overflow", { skip }, async () => {
  const n = 700;
  const a: KernelAttrs = { ...one, sv: new Float64Array(n * 2), dual: new Float64Array(n).fill(1), support: Int32Array.of(n) };
  for (const dtype of ["i8", "i16"] as const) {
    const x = tensor(dtype, 2, [-1, 1]);
    for (const level of [0, 1]) {
      const made = prepared(machine, a, x, [-1, 1], level);
      const zero = arrayFrom(dtype, [0, 0].map(() => x.quant?.zero[0] ?? 0));
      assert.ok(Math.abs((dequantised(made, reference(made, zero))[0] ?? 0) / (n - 0.75) - 1) < 0.01);
      if (level === 1) await sameOnHost(made, [zero, ...rowsFor(x, 5)]);
    }
  }
});

test("shapes that do not agree are refused", () => {
  assert.throws(() => op.infer({ ...one, support: Int32Array.of(2) }, [[2]]), /sv has/);
  assert.throws(() => op.infer({ ...one, kernel: "cosine" }, [[2]]), /cosine/);
  assert.throws(() => op.infer(one, [[3]]), /3 elements/);
  assert.equal(outputsOf({ ...one, support: Int32Array.of(1, 1, 1, 1) }), 6);
});

test("an inner product takes a scale and zero per element", { skip }, async () => {
  const a: KernelAttrs = { ...one, kernel: "poly", gamma: 0.3, coef0: 0.2, features: 3, sv: Float64Array.of(1, -0.5, 0.25, 0.5, 0.75, -1), dual: Float64Array.of(1, -0.5), support: Int32Array.of(2) };
  const quant = { scale: [0.004, 0.02, 0.0075], zero: [128, -3.5, 100.25] };
  const x: Tensor = { name: "x", dtype: "u8", shape: [3], quant };
  const made = prepared(machine, a, x, [-1, 6], 2);
  const rows = rowsFor(x);
  await sameOnHost(made, rows);
  for (const r of rows) {
    const units = Float64Array.from(r, (q, j) => (quant.scale[j] ?? 1) * (q - (quant.zero[j] ?? 0)));
    const [want = 0] = evaluate(a, units);
    const [got = 0] = dequantised(made, reference(made, r));
    assert.ok(Math.abs(got - want) < 0.03 * Math.max(1, Math.abs(want)), `${[...r].join()}: ${got}, wanted ${want}`);
  }
});

test("float32 follows the meaning", { skip }, async () => {
  for (const c of cases) {
    const x: Tensor = { name: "x", dtype: "f32", shape: [c.features] };
    const rows = [0.3, -1.2, 1.9].map((v) => new Float32Array(c.features).fill(v));
    const got = await floatOnHost(machine, c.attrs, x, rows);
    rows.forEach((r, i) => evaluate(c.attrs, r).forEach((w, o) => assert.ok(Math.abs((got[i]?.[o] ?? NaN) - w) < 1e-4 * Math.max(1, Math.abs(w)), `${c.title}: ${got[i]?.[o]}, wanted ${w}`)));
  }
});
