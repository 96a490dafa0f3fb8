/** What TFLite Micro refuses is refused here too, and the two multiplier rules differ as its own do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "../../../ir/types.js";
import op from "./index.js";

const none = { min: new Float64Array(0), max: new Float64Array(0), mean: new Float64Array(0) };
const [si, sw, so] = [0.0437, 0.00719, 0.093];
const x: Tensor = { name: "x", dtype: "i8", shape: [1, 2], quant: { scale: [si], zero: [3] } };
const y: Tensor = { name: "y", dtype: "i8", shape: [1, 2], quant: { scale: [so], zero: [0] } };
const weights = (scale: readonly number[], zero = 0): Tensor => ({ name: "w", dtype: "i8", shape: [2, 2], data: Int8Array.of(1, 2, 3, 4), quant: { scale, zero: [zero], axis: 0 } });
const bias = (scale: number): Tensor => ({ name: "b", dtype: "i32", shape: [2], data: Int32Array.of(5, 6), quant: { scale: [scale], zero: [0] } });
const prepare = (inputs: readonly Tensor[]) => op.prepare?.({ attrs: { keepDims: false, activation: "none" }, arithmetic: "int", inputs, outputs: [y], inputStats: [none], outputStats: [none], perElementOutput: false, level: 0 });

test("one scale: the product of the scales is rounded to float32; one for each channel: it is not", () => {
  const one = prepare([x, weights([sw])])?.params;
  const each = prepare([x, weights([sw, sw])])?.params;
  const f32 = Math.fround;
  assert.equal(one?.mult[0], Math.round((f32(f32(si) * f32(sw)) / f32(so)) * 2 ** -(one?.shift[0] ?? 0) * 2 ** 31));
  assert.equal(each?.mult[0], Math.round(((f32(si) * f32(sw)) / f32(so)) * 2 ** -(each?.shift[0] ?? 0) * 2 ** 31));
  assert.notEqual(one?.mult[0], each?.mult[0]);
});

test("a bias whose scale is not input * weights is refused", () => {
  assert.ok(prepare([x, weights([sw]), bias(si * sw)]));
  assert.throws(() => prepare([x, weights([sw]), bias(0.01)]), /the bias has the scale/);
});

test("weights with a zero point are refused", () => {
  assert.throws(() => prepare([x, weights([sw], 4)]), /zero point 4/);
});
