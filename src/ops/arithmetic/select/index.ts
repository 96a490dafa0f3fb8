/** Takes each element from one of two tensors, by a condition of 0 and 1. */
import { broadcastShape, walkElements, walkOfTensors, walkParams } from "../../../ir/broadcast.js";
import { oneScale } from "../../../ir/elementwise.js";
import { operand, shapeOf } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type NodeIo, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";

export type SelectAttrs = Readonly<Record<string, never>>;

const params = { ...walkParams, step_c: "u8", step_a: "u8", step_b: "u8" } as const;
type Values = ParamValues<typeof params>;

function float(_a: SelectAttrs, [c, a, b]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shape = io?.outputs[0]?.shape ?? [];
  const y = new Float64Array(count(shape));
  const { walk, steps } = walkOfTensors(io?.inputs ?? [], shape);
  if (c && a && b) walkElements(walk, steps, (i, j, k, l) => { y[i] = (c[j] ? a[k] : b[l]) as number; });
  return [y];
}

function prepare({ inputs, outputs }: PrepareCtx<SelectAttrs>) {
  const [c, a, b, y] = [...inputs.slice(0, 3), outputs[0]] as [Tensor, Tensor, Tensor, Tensor];
  oneScale([a, b, y], "select");
  const { walk, steps: [step_c = 0, step_a = 0, step_b = 0] } = walkOfTensors([c, a, b], y.shape);
  return { params: { ...walk, step_c, step_a, step_b }, outputs: [{ dtype: y.dtype }] };
}

function int(p: Values, [c, a, b]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (c && a && b && y) walkElements(p, [p.step_c, p.step_a, p.step_b], (i, j, k, l) => { y[i] = (c[j] ? a[k] : b[l]) as number; });
}

const lower = (n: ForeignNode, b: NetBuilder, condition: Value): readonly Value[] => {
  const [x, z] = [operand(n, 1), operand(n, 2)];
  // The node's type is that of its second operand, not of its first.
  return [b.add("select", {}, [condition, x, z], n.outputs[0] ?? b.tensor(x))];
};

/** The first form of SELECT: a condition of one dimension picks whole rows. */
function lowerRows(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const c = operand(n, 0);
  const [length = 1, ...more] = shapeOf(b, c);
  const rank = shapeOf(b, operand(n, 1)).length;
  if (more.length > 0 || rank < 2 || length === 1) return lower(n, b, c);
  return lower(n, b, b.add("reshape", { shape: Int32Array.from({ length: rank }, (_, i) => (i === 0 ? length : 1)) }, [c]));
}

type Input = LayerCase<SelectAttrs>["inputs"][number];
const bits = (shape: Shape): Input => ({ dtype: "u8", shape });
const t = (shape: Shape, dtype: "i8" | "i16" = "i8"): Input => ({ dtype, shape, quant: { scale: [0.05], zero: [-3] } });
const constant = { dtype: "i8", shape: [1], data: Int8Array.of(-128), quant: { scale: [0.05], zero: [-3] } } as const;

export default defineOp({
  name: "select",
  family: "arithmetic",
  doc: "y = a where c, else b",
  inputs: ["c", "a", "b"],
  outputs: ["y"],
  infer: (_a, shapes) => [broadcastShape(shapes.slice(0, 3), "select")],
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { quantise: { sameScale: true } },
  from: {},
  net: { onnx: fromOnnx, tflite: { SELECT: lowerRows, SELECT_V2: (n, b) => lower(n, b, operand(n, 0)) } },
  cases: [],
  layerCases: [
    { title: "equal shapes", attrs: {}, inputs: [bits([1, 3, 5]), t([1, 3, 5]), t([1, 3, 5])], output: { dtype: "i8", quant: { scale: [0.05], zero: [-3] } }, tolerance: 0 },
    { title: "a constant elsewhere", attrs: {}, inputs: [bits([2, 3]), t([2, 3]), constant], output: { dtype: "i8", quant: { scale: [0.05], zero: [-3] } }, tolerance: 0 },
    { title: "all are stretched, int16", attrs: {}, inputs: [bits([3, 1, 1]), t([1, 2, 4], "i16"), t([2, 1], "i16")], output: { dtype: "i16", quant: { scale: [0.05], zero: [-3] } }, tolerance: 0 },
    { title: "float32", attrs: {}, inputs: [bits([3]), { dtype: "f32", shape: [2, 3] }, { dtype: "f32", shape: [1] }], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
