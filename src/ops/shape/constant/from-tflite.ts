/** SHAPE, RANK, RANGE, FILL, ZEROS_LIKE: shapes are fixed, so that these are constants. */
import { constantOf, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { addStrided, allocatable } from "../../../ir/strided.js";
import { arrayFrom, count, makeArray, zeroAt, type DType, type Shape, type TypedArray } from "../../../ir/types.js";

function constant(n: ForeignNode, b: NetBuilder, dtype: DType, shape: Shape, data: TypedArray): readonly Value[] {
  const [out] = n.outputs;
  const told = out?.shape && count(out.shape) === count(shape) ? out.shape : shape;
  return [b.constant({ name: n.name, dtype, shape: told, data, ...(out?.quant ? { quant: out.quant } : {}) })];
}

function shapeOfInput(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const shape = shapeOf(b, operand(n, 0));
  return constant(n, b, "i32", [shape.length], Int32Array.from(shape));
}

const rank = (n: ForeignNode, b: NetBuilder): readonly Value[] => constant(n, b, "i32", [1], Int32Array.of(shapeOf(b, operand(n, 0)).length));

function range(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [start = 0, limit = 0, by = 0] = [0, 1, 2].map((i) => constantOf(n, b, i)[0]);
  const size = Math.ceil((limit - start) / by);
  if (!(size >= 1 && size <= 1_000_000)) refuse(n, `from ${start} to ${limit} by ${by}`, "Supported: ranges that are not empty.");
  const dtype = n.outputs[0]?.dtype ?? "i32";
  return constant(n, b, dtype, [size], arrayFrom(dtype, Array.from({ length: size }, (_, i) => start + i * by)));
}

/** A computed value is repeated on the device. */
function fill(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const shape = constantOf(n, b, 0).map((d) => Math.max(1, d));
  return [addStrided(b, operand(n, 1), { start: 0, loops: shape.map((size) => ({ size, step: 0 })) }, shape.length > 0 ? shape : [1], n.outputs[0])];
}

function zerosLike(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const t = b.tensor(operand(n, 0));
  const dtype = n.outputs[0]?.dtype ?? t.dtype;
  const quant = n.outputs[0]?.quant;
  return constant(n, b, dtype, t.shape, makeArray(dtype, allocatable(count(t.shape), n.name)).fill(quant ? zeroAt(quant, 0) : 0));
}

export const fromTflite = { SHAPE: shapeOfInput, RANK: rank, RANGE: range, FILL: fill, ZEROS_LIKE: zerosLike };
