/** Largest or smallest element over axes, of any type: maximum, minimum, and "any" and "all" of truth values. */
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import { operand, refuse } from "../../../ir/foreign-node.js";
import type { ParamValues } from "../../../ir/params.js";
import { keepsLastAxis, reductionFollows, addReduction, eachGroup, groupsOf, reducedShape, reduceReal, type ReductionAttrs } from "../../../ir/reduction.js";
import type { Shape, Tensor, TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { reductionWriter } from "../../../ir/write-node.js";
import { fromKeras } from "./from-keras.js";

export type ExtremeAttrs = ReductionAttrs & { readonly smallest: boolean };

const params = { outer: "len", n: "len", inner: "len", smallest: "u8" } as const;
type Values = ParamValues<typeof params>;

function prepare({ attrs, inputs, outputs }: PrepareCtx<ExtremeAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  return { params: { ...groupsOf(attrs, x.shape), smallest: attrs.smallest ? 1 : 0 }, outputs: [{ dtype: x.dtype, ...(y.quant ? { quant: y.quant } : {}) }] };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  eachGroup(p, (first, out) => {
    let best = x[first] as number;
    for (let k = 1; k < p.n; k++) {
      const v = x[first + k * p.inner] as number;
      if (p.smallest !== 0 ? v < best : v > best) best = v;
    }
    y[out] = best;
  });
}

/** Integers are compared as they are, which needs one scale on both sides. */
function lower(smallest: boolean): (n: ForeignNode, b: NetBuilder) => readonly Value[] {
  return (n, b) => {
    const [from, to] = [b.tensor(operand(n, 0)).quant, n.outputs[0]?.quant];
    if (from && to && (from.scale[0] !== to.scale[0] || from.zero[0] !== to.zero[0])) refuse(n, "input and output have different scales", "Supported: one scale, as TensorFlow's converter writes it. Convert the model again.");
    return addReduction("reduce_extreme", { smallest }, n, b);
  };
}

const attrs = (smallest: boolean, ...axes: readonly number[]): ExtremeAttrs => ({ smallest, axes: Int32Array.from(axes), keep: false });
const int8 = { dtype: "i8", quant: { scale: [0.1], zero: [4] } } as const;
const layer = (title: string, a: ExtremeAttrs, shape: Shape): LayerCase<ExtremeAttrs> => ({ title, attrs: a, inputs: [{ ...int8, shape }], output: int8, tolerance: 0 });

export default defineOp({
  name: "reduce_extreme",
  family: "reduce",
  doc: "y = largest (or smallest) x over axes",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: ExtremeAttrs, xs) => reducedShape(a, xs, "reduce_extreme"),
  float: (a, xs, io) => [reduceReal(a, xs, io, a.smallest ? Infinity : -Infinity, a.smallest ? Math.min : Math.max)],
  params,
  levels: 1,
  prepare,
  int,
  traits: { channelwise: keepsLastAxis, followsAxes: reductionFollows, quantise: { sameScale: true } },
  from: {},
  net: { keras: fromKeras, tflite: { REDUCE_MAX: lower(false), REDUCE_MIN: lower(true), REDUCE_ANY: lower(false), REDUCE_ALL: lower(true) }, onnx: fromOnnx },
  write: { tflite: (a, w) => reductionWriter(a.smallest ? "REDUCE_MIN" : "REDUCE_MAX")(a, w) },
  cases: [],
  layerCases: [
    layer("largest of an image", attrs(false, 1, 2), [1, 4, 5, 6]),
    layer("smallest of rows", attrs(true, 1), [3, 300]),
    layer("one axis of four", { ...attrs(false, 2), keep: true }, [1, 4, 5, 6]),
    { title: "int16", attrs: attrs(true, 0), inputs: [{ dtype: "i16", shape: [9, 2], quant: { scale: [0.01], zero: [0] } }], output: { dtype: "i16", quant: { scale: [0.01], zero: [0] } }, tolerance: 0 },
    { title: "truth values", attrs: attrs(false, 1), inputs: [{ dtype: "u8", shape: [4, 3] }], output: { dtype: "u8" }, tolerance: 0 },
    { title: "float", attrs: attrs(false, 0), inputs: [{ dtype: "f32", shape: [4, 3] }], output: { dtype: "f32" }, tolerance: 0 },
  ],
});
