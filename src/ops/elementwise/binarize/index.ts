/** One bit per element: whether it lies above a constant. Exact on integer inputs, whatever their scale. */
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import { narrowest } from "../../../ir/params.js";
import { isInt, limits, scaleAt, zeroAt, type DType, type Tensor } from "../../../ir/types.js";
import { onnx } from "./from-onnx.js";
import { sklearn } from "./from-sklearn.js";

export type BinarizeAttrs = { readonly at: number };

/** Largest integer whose real value is not above `at`: q > it means real > at. */
function floorAt(at: number, x: Tensor, i: number): number {
  if (!isInt(x.dtype)) return 0;
  const [s, z] = x.quant ? [scaleAt(x.quant, i), zeroAt(x.quant, i)] : [1, 0];
  const [lo, hi] = limits(x.dtype);
  let q = Math.floor(at / s + z);
  // Division and multiplication round differently: the step next to the constant is settled by the real values.
  if (q >= lo - 1 && q < hi && s * (q + 1 - z) <= at) q++;
  else if (q >= lo && q <= hi && s * (q - z) > at) q--;
  return Math.min(hi, Math.max(lo - 1, q));
}

function prepare({ attrs, arithmetic, inputs: [x] }: PrepareCtx<BinarizeAttrs>) {
  const n = x?.shape[0] ?? 1;
  if (arithmetic === "float") return { params: { n, common: 1, at: Float32Array.of(attrs.at) }, outputs: [{ dtype: "f32" as DType }] };
  const at = Array.from({ length: n }, (_, i) => (x ? floorAt(attrs.at, x, i) : 0));
  const common = at.every((v) => v === at[0]);
  return { params: { n, common: common ? 1 : 0, at: narrowest(common ? at.slice(0, 1) : at) }, outputs: [{ dtype: "u8" as DType, quant: { scale: [1], zero: [0] } }] };
}

export default defineOp({
  name: "binarize",
  family: "elementwise",
  doc: "y[i] = x[i] > at ? 1 : 0",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a: BinarizeAttrs, [x]) => [x ?? [1]],
  float: (a, [x]) => [Float64Array.from(x ?? [], (v) => (v > a.at ? 1 : 0))],
  params: { n: "len", common: "u8", at: "rom" },
  levels: 1,
  prepare,
  int: (p, [x], [y]) => {
    if (!x || !y) return;
    for (let i = 0; i < p.n; i++) y[i] = (x[i] ?? 0) > (p.at[p.common ? 0 : i] ?? 0) ? 1 : 0;
  },
  traits: { perElementInput: true, clippingSafe: true },
  from: { sklearn, onnx },
  cases: [
    { title: "above zero", attrs: { at: 0 }, features: 6, range: [-3, 3], tolerance: 0 },
    { title: "above a constant that no integer stands for", attrs: { at: 0.12345 }, features: 3, range: [-1, 1], tolerance: 0 },
  ],
});
