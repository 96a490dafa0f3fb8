/** The larger or the smaller of two tensors, element by element, on the integers as they stand (one scale for all). Logical or, and of 0/1 values are the same. */
import { broadcastShape, walkElements, walkOfTensors, walkParams } from "../../../ir/broadcast.js";
import { oneScale } from "../../../ir/elementwise.js";
import { operands } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type NodeIo, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { fromKeras } from "./from-keras.js";

export type MinMaxAttrs = { readonly largest: boolean };

const params = { ...walkParams, step_a: "u8", step_b: "u8", largest: "u8" } as const;
type Values = ParamValues<typeof params>;

function float(a: MinMaxAttrs, [x, z]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shape = io?.outputs[0]?.shape ?? [];
  const y = new Float64Array(count(shape));
  const { walk, steps } = walkOfTensors(io?.inputs ?? [], shape);
  const pick = a.largest ? Math.max : Math.min;
  if (x && z) walkElements(walk, steps, (i, p, q) => { y[i] = pick(x[p] as number, z[q] as number); });
  return [y];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<MinMaxAttrs>) {
  const [a, b, y] = [...inputs.slice(0, 2), outputs[0]] as [Tensor, Tensor, Tensor];
  oneScale([a, b, y], attrs.largest ? "maximum" : "minimum");
  const { walk, steps: [step_a = 0, step_b = 0] } = walkOfTensors([a, b], y.shape);
  return { params: { ...walk, step_a, step_b, largest: Number(attrs.largest) }, outputs: [{ dtype: y.dtype }] };
}

function int(p: Values, [a, b]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!a || !b || !y) return;
  const pick = p.largest ? Math.max : Math.min;
  walkElements(p, [p.step_a, p.step_b], (i, j, k) => { y[i] = pick(a[j] as number, b[k] as number); });
}

const lower = (largest: boolean) => (n: ForeignNode, b: NetBuilder): readonly Value[] => [b.add("min_max", { largest }, operands(n), n.outputs[0])];

type Input = LayerCase<MinMaxAttrs>["inputs"][number];
const t = (shape: Shape, dtype: "i8" | "i16" = "i8"): Input => ({ dtype, shape, quant: { scale: [0.05], zero: [0] } });
const constant = { dtype: "i8", shape: [3], data: Int8Array.of(-128, 5, 127), quant: { scale: [0.05], zero: [0] } } as const;

export default defineOp({
  name: "min_max",
  family: "arithmetic",
  doc: "y = max(a, b), or min(a, b)",
  inputs: ["a", "b"],
  outputs: ["y"],
  infer: (_a, shapes) => [broadcastShape(shapes.slice(0, 2), "min_max")],
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { elementwise: true, inPlace: true, quantise: { sameScale: true } },
  from: {},
  net: { keras: fromKeras, tflite: { MAXIMUM: lower(true), MINIMUM: lower(false), LOGICAL_OR: lower(true), LOGICAL_AND: lower(false) }, onnx: fromOnnx },
  write: { tflite: (a, w) => w.add(a.largest ? "MAXIMUM" : "MINIMUM", ["MaximumMinimumOptions", {}], w.inputs, w.output) },
  cases: [],
  layerCases: [
    { title: "largest", attrs: { largest: true }, inputs: [t([1, 3, 5]), t([1, 3, 5])], output: { dtype: "i8", quant: { scale: [0.05], zero: [0] } }, tolerance: 0 },
    { title: "smallest, a constant for each channel", attrs: { largest: false }, inputs: [t([1, 2, 2, 3]), constant], output: { dtype: "i8", quant: { scale: [0.05], zero: [0] } }, tolerance: 0 },
    { title: "int16, both are stretched", attrs: { largest: true }, inputs: [t([1, 3, 1, 2], "i16"), t([4, 1, 5, 1], "i16")], output: { dtype: "i16", quant: { scale: [0.05], zero: [0] } }, tolerance: 0 },
    { title: "int32", attrs: { largest: false }, inputs: [{ dtype: "i32", shape: [3] }, { dtype: "i32", shape: [1] }], output: { dtype: "i32" }, tolerance: 0 },
    { title: "float32", attrs: { largest: false }, inputs: [{ dtype: "f32", shape: [2, 3] }, { dtype: "f32", shape: [3] }], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
