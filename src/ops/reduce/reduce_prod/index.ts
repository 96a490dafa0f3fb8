/** Product over axes, float32 alone: products of quantised numbers have no kernel in TFLite Micro. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { reductionFollows, addReduction, eachGroup, groupsOf, reducedShape, reduceReal, type ReductionAttrs } from "../../../ir/reduction.js";
import type { Tensor, TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";

const params = { outer: "len", n: "len", inner: "len" } as const;
type Values = ParamValues<typeof params>;

function prepare({ attrs, inputs, outputs }: PrepareCtx<ReductionAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  if (x.dtype !== "f32") fail("network/unsupported-type", y.name, `products of ${x.dtype}`, "Supported: float32.");
  return { params: groupsOf(attrs, x.shape), outputs: [{ dtype: "f32" as const }] };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  eachGroup(p, (first, out) => {
    let product = 1;
    for (let k = 0; k < p.n; k++) product = Math.fround(product * (x[first + k * p.inner] as number));
    y[out] = product;
  });
}

export default defineOp({
  name: "reduce_prod",
  family: "reduce",
  doc: "y = product of x over axes",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: ReductionAttrs, xs) => reducedShape(a, xs, "reduce_prod"),
  float: (a, xs, io) => [reduceReal(a, xs, io, 1, (p, v) => p * v)],
  params,
  levels: 1,
  prepare,
  int,
  traits: { followsAxes: reductionFollows },
  from: {},
  net: { tflite: { REDUCE_PROD: (n, b) => addReduction("reduce_prod", {}, n, b) }, onnx: fromOnnx },
  cases: [],
  layerCases: [
    { title: "rows", attrs: { axes: Int32Array.of(1), keep: false }, inputs: [{ dtype: "f32", shape: [3, 4] }], output: { dtype: "f32" }, tolerance: 0 },
    { title: "columns", attrs: { axes: Int32Array.of(0), keep: true }, inputs: [{ dtype: "f32", shape: [3, 4] }], output: { dtype: "f32" }, tolerance: 0 },
    { title: "one element", attrs: { axes: Int32Array.of(0), keep: false }, inputs: [{ dtype: "f32", shape: [1] }], output: { dtype: "f32" }, tolerance: 0 },
  ],
});
