/** Two-way decision: 1 where the only score lies above a constant. */
import { defineOp } from "../../../ir/op.js";
import { clamp } from "../../../ir/fixed.js";
import { scaleAt, zeroAt } from "../../../ir/types.js";

export type ThresholdAttrs = { readonly at: number };

export default defineOp({
  name: "threshold",
  family: "decision",
  doc: "y = x > at ? 1 : 0",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a: ThresholdAttrs) => [[1]],
  float: (a, [x]) => [Float64Array.of((x?.[0] ?? 0) > a.at ? 1 : 0)],
  params: { at: "i32", real: "f32" },
  levels: 1,
  prepare: ({ attrs, inputs: [x] }) => {
    // real > at  <=>  q > at / scale + zero  <=>  q > floor(at / scale + zero), as q is whole.
    const at = x?.quant ? Math.floor(attrs.at / scaleAt(x.quant, 0) + zeroAt(x.quant, 0)) : Math.floor(attrs.at);
    return { params: { at: clamp(at, -(2 ** 31), 2 ** 31 - 1), real: Math.fround(attrs.at) }, outputs: [{ dtype: "u8" }] };
  },
  int: (p, [x], [y]) => { if (x && y) y[0] = (x[0] ?? 0) > (x instanceof Float32Array ? p.real : p.at) ? 1 : 0; },
  traits: {},
  from: {},
  cases: [{ title: "at 0.5", attrs: { at: 0.5 }, features: 1, range: [-2, 2], tolerance: 0 }],
});
