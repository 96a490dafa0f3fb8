/** Rows of a tensor by computed indices: embeddings, look-ups. An index outside the axis is limited to its ends. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type LayerCase, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { count, isInt, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromTflite } from "./from-tflite.js";
import { fromOnnx } from "./from-onnx.js";
import { fromKeras } from "./from-keras.js";

/** `shape` of y: the axis is replaced by the axes of the indices. */
export type GatherAttrs = { readonly axis: number; readonly shape: TypedArray };

const params = { outer: "len", size: "len", n: "len", run: "len" } as const;
type Values = ParamValues<typeof params>;

function geometry(a: GatherAttrs, x: Shape, index: Shape): Values {
  return { outer: count(x.slice(0, a.axis)), size: x[a.axis] ?? 1, n: count(index), run: count(x.slice(a.axis + 1)) };
}

function infer(a: GatherAttrs, [x = [], index = []]: readonly Shape[]): readonly Shape[] {
  const { outer, n, run } = geometry(a, x, index);
  const shape = [...a.shape];
  if (a.axis < 0 || a.axis >= x.length || count(shape) !== outer * n * run) fail("ir/bad-shape", "gather", `axis ${a.axis} of (${x.join(", ")}), ${n} indices, result (${shape.join(", ")})`, "The axis must exist, and the result have one place for each index.");
  return [shape];
}

function gather(p: Values, x: ArrayLike<number>, index: ArrayLike<number>, y: { [i: number]: number }): void {
  let to = 0;
  for (let o = 0; o < p.outer; o++) for (let k = 0; k < p.n; k++) {
    const i = Math.min(p.size - 1, Math.max(0, Math.round(index[k] as number)));
    for (let r = 0; r < p.run; r++) y[to++] = x[(o * p.size + i) * p.run + r] as number;
  }
}

function float(a: GatherAttrs, [x, index]: readonly Float64Array[], io?: { readonly inputs: readonly Tensor[] }): readonly Float64Array[] {
  const y = new Float64Array(count([...a.shape]));
  gather(geometry(a, io?.inputs[0]?.shape ?? [], io?.inputs[1]?.shape ?? []), x ?? [], index ?? [], y);
  return [y];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<GatherAttrs>) {
  const [x, index, y] = [inputs[0] as Tensor, inputs[1] as Tensor, outputs[0] as Tensor];
  if (!isInt(index.dtype)) fail("network/unsupported-type", y.name, `indices of type ${index.dtype}`, "Supported: integers.");
  return { params: geometry(attrs, x.shape, index.shape), outputs: [{ dtype: x.dtype, ...(y.quant ? { quant: y.quant } : {}) }] };
}

const int8 = { dtype: "i8", quant: { scale: [0.05], zero: [-20] } } as const;
const indices = (n: number): LayerCase<GatherAttrs>["inputs"][number] => ({ dtype: "i8", shape: [n] });

export default defineOp({
  name: "gather",
  family: "shape",
  doc: "y[.., k, ..] = x[.., index[k], ..]",
  inputs: ["x", "index"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int: (p: Values, [x, index], [y]) => { if (x && index && y) gather(p, x, index, y); },
  traits: { quantise: { sameScale: true } },
  from: {},
  net: { keras: fromKeras, tflite: fromTflite, onnx: fromOnnx },
  cases: [],
  layerCases: [
    { title: "rows", attrs: { axis: 0, shape: Int32Array.of(6, 3) }, inputs: [{ ...int8, shape: [100, 3] }, indices(6)], output: int8, tolerance: 0 },
    { title: "last axis", attrs: { axis: 2, shape: Int32Array.of(2, 3, 4) }, inputs: [{ dtype: "i16", shape: [2, 3, 60], quant: { scale: [0.01], zero: [0] } }, indices(4)], output: { dtype: "i16", quant: { scale: [0.01], zero: [0] } }, tolerance: 0 },
    { title: "a stored table", attrs: { axis: 0, shape: Int32Array.of(5, 4) }, inputs: [{ ...int8, shape: [20, 4], data: Int8Array.from({ length: 80 }, (_, i) => (i * 53) % 256 - 128) }, indices(5)], output: int8, tolerance: 0 },
  ],
});
