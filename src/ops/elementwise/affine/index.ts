/** Per-feature scaling: what scalers before a model do. It is folded into the quantisation of the input, so it costs nothing on the device. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp } from "../../../ir/op.js";
import { onnx } from "./from-onnx.js";
import { sklearn } from "./from-sklearn.js";

export type AffineAttrs = { readonly scale: Float64Array; readonly offset: Float64Array };

export default defineOp({
  name: "affine",
  family: "elementwise",
  doc: "y[i] = x[i] * scale[i] + offset[i]",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: AffineAttrs, [x]) => {
    if (x?.[0] !== a.scale.length || a.offset.length !== a.scale.length) fail("ir/shape", "affine", `${x?.[0]} elements, ${a.scale.length} scales, ${a.offset.length} offsets`, "All three must be equal.");
    if (a.scale.some((s) => !(s > 0 && Number.isFinite(s))) || !a.offset.every(Number.isFinite)) fail("ir/bad-attribute", "affine", "a scale that is not above zero, or a number that is not finite", "Supported: scales above zero; remove constant features and fit the scaler again.");
    return [[a.scale.length]];
  },
  float: (a, [x]) => [a.scale.map((s, i) => (x?.[i] ?? 0) * s + (a.offset[i] ?? 0))],
  params: { n: "len", scale: "rom", offset: "rom" },
  levels: 1,
  prepare: (ctx) => {
    if (ctx.arithmetic === "int") throw new Error("affine: folded into the input's quantisation before fixed point is prepared");
    return { params: { n: ctx.attrs.scale.length, scale: Float32Array.from(ctx.attrs.scale), offset: Float32Array.from(ctx.attrs.offset) }, outputs: [{ dtype: "f32" }] };
  },
  /** Float arithmetic only; in fixed point no step of it is left. */
  int: (p, [x], [y]) => { if (x && y) for (let i = 0; i < p.n; i++) y[i] = Math.fround(Math.fround((x[i] ?? 0) * (p.scale[i] ?? 1)) + (p.offset[i] ?? 0)); },
  traits: { affine: (a) => a, perElementInput: true },
  from: { sklearn, onnx },
  cases: [{ title: "three features", attrs: { scale: Float64Array.of(0.5, 2, 1e-3), offset: Float64Array.of(0, 3, -0.25) }, features: 3, range: [-10, 30], tolerance: 0 }],
});
