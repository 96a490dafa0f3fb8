/** Sparse maps beyond the common suite: the form that is stored, the bytes it takes, and constants at the end of every range. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PrepareCtx } from "../../../ir/op.js";
import { makeArray, type IntDType, type Tensor } from "../../../ir/types.js";
import op from "./index.js";
import type { SparseAttrs } from "./prepare.js";
import { ALL, GAPS, LISTED, store } from "./store.js";

const sparse = (rows: number, cols: number, used: (i: number, j: number) => boolean): number[] => Array.from({ length: rows * cols }, (_, q) => (used(Math.floor(q / cols), q % cols) ? (q % 7) + 1 : 0));

const of = (bits: 4 | 8, code: number[], cols: number) => store({ rows: code.length / cols, cols, code, bits });
const stats = (n: number, v: number) => ({ min: new Float64Array(n).fill(-v), max: new Float64Array(n).fill(v), mean: new Float64Array(n) });

test("the smallest form is taken", () => {
  assert.equal(of(4, sparse(4, 20, () => true), 20).form, ALL);
  assert.equal(of(4, sparse(4, 20, () => true), 20).w.length, 40);
  const listed = of(8, sparse(4, 20, (_, j) => j % 6 === 5), 20);
  assert.deepEqual([listed.form, listed.cols, [...listed.skip]], [LISTED, 3, [5, 5, 5]]);
  const gaps = of(4, sparse(3, 40, (i, j) => (i * 3 + j) % 13 === 12), 40);
  assert.deepEqual([gaps.form, [...gaps.count], gaps.w.length], [GAPS, [3, 3, 3], 9]);
});

function contextOf(attrs: SparseAttrs, dtype: IntDType, z: number): PrepareCtx<SparseAttrs> {
  const x: Tensor = { name: "x", dtype, shape: [attrs.cols], quant: { scale: [1], zero: [0] } };
  return { attrs, arithmetic: "int", inputs: [x], outputs: [{ name: "y", dtype: "f64", shape: [attrs.rows] }], inputStats: [stats(attrs.cols, 100)], outputStats: [stats(attrs.rows, z)], perElementOutput: false, level: 0 };
}

test("no input overflows a sum, whatever the weights and biases are", () => {
  const cols = 700;
  const all = new Float64Array(cols).fill(7);
  const odd = all.map((_, j) => 7 + (j % 13) / 13);
  for (const w of [all, odd, all.map((v) => v * 1e9), all.map((v) => v * 1e-9), new Float64Array(cols)]) for (const b of [0, 1e3, 1e12, -1e-12]) for (const weightBits of [8, 16]) {
    const attrs: SparseAttrs = { rows: 1, cols, w, b: Float64Array.of(b), outBits: 16, weightBits };
    const made = op.prepare?.(contextOf(attrs, "i16", 1000));
    assert.ok(made);
    const scale = made.outputs[0]?.quant?.scale[0] ?? NaN;
    for (const v of [-32768, 32767, 0]) {
      const x = makeArray("i16", cols).fill(v);
      const y = makeArray("i16", 1);
      op.int(made.params, [x], [y]);
      const want = op.float(attrs, [Float64Array.from(x)])[0]?.[0] ?? 0;
      const limited = Math.max(-32767, Math.min(32767, want / scale));
      assert.ok(Math.abs((y[0] ?? 0) - limited) <= 2 + Math.abs(limited) * 0.01, `w ${w[1]}, b ${b}, x ${v}: ${y[0]}, wanted ${limited}`);
    }
  }
});

test("shapes and widths that do not agree are refused", () => {
  const a: SparseAttrs = { rows: 1, cols: 2, w: Float64Array.of(1, 2), b: Float64Array.of(0), outBits: 16, weightBits: 8 };
  assert.throws(() => op.infer(a, [[3]]), /3 elements/);
  assert.throws(() => op.infer({ ...a, outBits: 12 }, [[2]]), /12 bits/);
  assert.throws(() => op.infer({ ...a, w: Float64Array.of(1, NaN) }, [[2]]), /finite/);
  assert.throws(() => op.infer({ ...a, b: Float64Array.of(0, 0) }, [[2]]), /biases/);
});
