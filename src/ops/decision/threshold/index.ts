/** Two-way decision: 1 where the only score lies above a constant. */
import { defineOp } from "../../../ir/op.js";
import { clamp } from "../../../ir/fixed.js";
import { isInt, limits, scaleAt, zeroAt } from "../../../ir/types.js";

export type ThresholdAttrs = { readonly at: number };

export default defineOp({
  name: "threshold",
  family: "decision",
  doc: "y = x > at ? 1 : 0",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a: ThresholdAttrs) => [[1]],
  float: (a, [x]) => [Float64Array.of((x?.[0] ?? 0) > a.at ? 1 : 0)],
  params: { at: "i32", always: "u8", real: "f32" },
  levels: 1,
  prepare: ({ attrs, inputs: [x] }) => {
    // real > at  <=>  q > at / scale + zero  <=>  q > floor(at / scale + zero), as q is whole.
    const at = x?.quant ? Math.floor(attrs.at / scaleAt(x.quant, 0) + zeroAt(x.quant, 0)) : Math.floor(attrs.at);
    const [lo, hi] = limits(x && isInt(x.dtype) ? x.dtype : "i32");
    // The bits of a u32 constant are kept in the i32 parameter; kernel and reference read them back as the input's type.
    return { params: { at: clamp(at, lo, hi) | 0, always: at < lo ? 1 : 0, real: Math.fround(attrs.at) }, outputs: [{ dtype: "u8" }] };
  },
  int: (p, [x], [y]) => {
    if (!x || !y) return;
    const at = x instanceof Float32Array ? p.real : x instanceof Uint32Array ? p.at >>> 0 : p.at;
    y[0] = (p.always !== 0 && !(x instanceof Float32Array)) || (x[0] ?? 0) > at ? 1 : 0;
  },
  traits: {},
  from: {},
  cases: [
    { title: "at 0.5", attrs: { at: 0.5 }, features: 1, range: [-2, 2], tolerance: 0 },
    { title: "below all inputs", attrs: { at: -1e9 }, features: 1, range: [-2, 2], inputs: ["i16", "u8"], tolerance: 0 },
    { title: "beyond 31 bits", attrs: { at: 0.5 }, features: 1, range: [0, 1], inputs: ["u32"], tolerance: 0 },
  ],
});
