/** Constant, ConstantOfShape, Shape, Size, Range: shapes are fixed, so that these are constants. */
import { constantOf, listOption, numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { ForeignNode, NetBuilder, NetLowering, Value } from "../../../ir/op.js";
import { allocatable } from "../../../ir/strided.js";
import { arrayFrom, count, type DType, type Shape } from "../../../ir/types.js";

const made = (n: ForeignNode, b: NetBuilder, dtype: DType, shape: Shape, data: ArrayLike<number>): readonly Value[] =>
  [b.constant({ name: outputOf(n).name, dtype, shape, data: arrayFrom(dtype, data) })];

/** The attribute `value` is an initializer of its own: the importer hands it over as an input. */
const constant: NetLowering = (n, b) => {
  if (n.inputs[0] !== undefined && n.inputs[0] !== null) return [n.inputs[0]];
  for (const [key, dtype] of [["value_float", "f32"], ["value_int", "i32"]] as const) if (n.options[key] !== undefined) return made(n, b, dtype, [], [numberOption(n, key)]);
  for (const [key, dtype] of [["value_floats", "f32"], ["value_ints", "i32"]] as const) if (n.options[key] !== undefined) { const v = listOption(n, key); return made(n, b, dtype, [v.length], v); }
  return refuse(n, "a constant of another kind", "Supported: numbers and tensors of numbers.");
};

const ofShape: NetLowering = (n, b) => {
  const shape = constantOf(n, b, 0);
  const value = n.inputs[1] ?? null;
  const t = value === null ? null : b.tensor(value);
  const size = allocatable(count(shape), n.where);
  return made(n, b, t?.dtype ?? "f32", shape, Array.from({ length: size }, () => t?.data?.[0] ?? 0));
};

const shape: NetLowering = (n, b) => {
  const all = shapeOf(b, operand(n, 0));
  const part = all.slice(numberOption(n, "start", 0), n.options["end"] === undefined ? all.length : numberOption(n, "end"));
  return made(n, b, "i32", [part.length], part);
};

const range: NetLowering = (n, b) => {
  const [start = 0, limit = 0, by = 1] = [0, 1, 2].map((i) => constantOf(n, b, i)[0]);
  const size = Math.ceil((limit - start) / by);
  if (!(size >= 1)) return refuse(n, `from ${start} to ${limit} by ${by}`, "Supported: ranges that are not empty.");
  return made(n, b, b.tensor(operand(n, 0)).dtype, [size], Array.from({ length: allocatable(size, n.where) }, (_, i) => start + i * by));
};

export const fromOnnx = { Constant: constant, ConstantOfShape: ofShape, Shape: shape, Size: ((n, b) => made(n, b, "i32", [], [count(shapeOf(b, operand(n, 0)))])) as NetLowering, Range: range };
