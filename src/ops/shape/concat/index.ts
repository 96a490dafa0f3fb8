/** Tensors side by side along an axis, or stacked along a new one. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type LayerCase, type PrepareCtx } from "../../../ir/op.js";
import { narrowest, type ParamValues } from "../../../ir/params.js";
import { count, type DType, type Quant, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromTflite } from "./from-tflite.js";
import { fromOnnx } from "./from-onnx.js";
import { fromKeras } from "./from-keras.js";

/** `stack`: the operands have one shape, and `axis` is a new one. */
export type ConcatAttrs = { readonly axis: number; readonly stack: boolean };

const params = { n: "u16", outer: "len", run: "rom" } as const;
type Values = ParamValues<typeof params>;

function infer(a: ConcatAttrs, xs: readonly Shape[]): readonly Shape[] {
  const [first = [], ...more] = xs;
  const fits = a.axis >= 0 && a.axis < first.length + (a.stack ? 1 : 0);
  const alike = more.every((x) => x.length === first.length && x.every((size, d) => size === first[d] || (!a.stack && d === a.axis)));
  if (!fits || !alike) fail("ir/bad-shape", "concat", `${xs.map((x) => `(${x.join(", ")})`).join(", ")} along axis ${a.axis}`, "All operands must have the same lengths along the other axes.");
  return [a.stack ? first.toSpliced(a.axis, 0, xs.length) : first.with(a.axis, xs.reduce((n, x) => n + (x[a.axis] as number), 0))];
}

/** Runs of neighbours that every operand gives in turn. */
const geometry = (a: ConcatAttrs, shapes: readonly Shape[]): { readonly outer: number; readonly runs: readonly number[] } =>
  ({ outer: count((shapes[0] ?? []).slice(0, a.axis)), runs: shapes.map((s) => count(s.slice(a.axis))) });

function join<T extends { [i: number]: number }>(xs: readonly ArrayLike<number>[], outer: number, runs: ArrayLike<number>, y: T): T {
  let to = 0;
  for (let o = 0; o < outer; o++) xs.forEach((x, i) => {
    const run = runs[i] as number;
    for (let r = 0; r < run; r++) y[to++] = x[o * run + r] as number;
  });
  return y;
}

function float(a: ConcatAttrs, xs: readonly Float64Array[], io?: { readonly inputs: readonly Tensor[] }): readonly Float64Array[] {
  const { outer, runs } = geometry(a, io?.inputs.map((t) => t.shape) ?? []);
  return [join(xs, outer, runs, new Float64Array(xs.reduce((n, x) => n + x.length, 0)))];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<ConcatAttrs>) {
  const y = outputs[0] as Tensor;
  const constant = inputs.find((t) => t.data);
  if (constant) fail("network/constant-input", y.name, `the operand ${constant.name} is a constant`, "Copy it into a tensor first (operator constant).");
  const { outer, runs } = geometry(attrs, inputs.map((t) => t.shape));
  return { params: { n: inputs.length, outer, run: narrowest(runs, ["u8", "u16", "u32"]) }, outputs: [{ dtype: y.dtype, ...(y.quant ? { quant: y.quant } : {}) }] };
}

function int(p: Values, xs: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (y) join(xs, p.outer, p.run, y);
}

type Kind = { readonly dtype: DType; readonly quant?: Quant };
const int8: Kind = { dtype: "i8", quant: { scale: [0.05], zero: [-20] } };
const layer = (title: string, t: Kind, attrs: ConcatAttrs, ...shapes: readonly Shape[]): LayerCase<ConcatAttrs> => ({ title, attrs, inputs: shapes.map((shape) => ({ ...t, shape })), output: t, tolerance: 0 });

export default defineOp({
  name: "concat",
  family: "shape",
  doc: "y = the operands side by side along an axis",
  inputs: ["x"],
  variadic: true,
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { followsAxes: (a, order) => (a.stack ? null : { attrs: { ...a, axis: order.indexOf(a.axis) }, order }), quantise: { sameScale: true } },
  from: {},
  net: { keras: fromKeras, tflite: fromTflite, onnx: fromOnnx },
  write: { tflite: (a, w) => {
      if (a.stack) w.add("PACK", ["PackOptions", { values_count: w.inputs.length, axis: a.axis }], w.inputs, w.output);
      else w.add("CONCATENATION", ["ConcatenationOptions", { axis: a.axis, fused_activation_function: "NONE" }], w.inputs, w.output);
    } },
  cases: [],
  layerCases: [
    layer("channels", int8, { axis: 3, stack: false }, [1, 3, 3, 2], [1, 3, 3, 4], [1, 3, 3, 1]),
    layer("one after the other", int8, { axis: 0, stack: false }, [2, 5], [1, 5]),
    layer("int16, middle axis", { dtype: "i16", quant: { scale: [0.001], zero: [0] } }, { axis: 1, stack: false }, [2, 300, 2], [2, 1, 2]),
    layer("stacked along a new axis", { dtype: "i32" }, { axis: 1, stack: true }, [3, 2], [3, 2], [3, 2]),
    layer("stacked behind", int8, { axis: 1, stack: true }, [4], [4]),
  ],
});
