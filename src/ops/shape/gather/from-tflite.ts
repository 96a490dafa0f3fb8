/** GATHER, GATHER_ND, EMBEDDING_LOOKUP. Constant indices become tables (`pick`). */
import { axisOf, constantOf, numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Template, Value } from "../../../ir/op.js";
import { addPicked, upTo } from "../../../ir/picked.js";
import { addStrided, whole } from "../../../ir/strided.js";
import { count, type Shape } from "../../../ir/types.js";

const inside = (n: ForeignNode, i: number, size: number): number =>
  i >= 0 && i < size ? i : refuse(n, `index ${i} of an axis of ${size}`, "The file is damaged; convert the model again.");

function along(n: ForeignNode, b: NetBuilder, x: Value, index: Value, axis: number): readonly Value[] {
  const [shape, at] = [shapeOf(b, x), b.tensor(index)];
  const result: Shape = shape.toSpliced(axis, 1, ...at.shape);
  const as: Template | undefined = n.outputs[0];
  const told = as?.shape && count(as.shape) === count(result) ? as.shape : result;
  if (at.data) return [addPicked(b, x, shape.map((size, d) => (d === axis ? Array.from(at.data ?? [], (i) => inside(n, i, size)) : upTo(size))), told, as)];
  if (as?.dtype && as.dtype !== b.tensor(x).dtype) refuse(n, `rows of type ${b.tensor(x).dtype}, a result of type ${as.dtype}`, "Supported: one type; quantise the whole model.");
  return [b.add("gather", { axis, shape: Int32Array.from(told) }, [x, index], as)];
}

function gather(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [x, index] = [operand(n, 0), operand(n, 1)];
  if (numberOption(n, "batch_dims", 0) !== 0) refuse(n, `batch_dims ${numberOption(n, "batch_dims", 0)}`, "Supported: batch_dims 0.");
  return along(n, b, x, index, axisOf(n, numberOption(n, "axis", 0), shapeOf(b, x).length));
}

const embedding = (n: ForeignNode, b: NetBuilder): readonly Value[] => along(n, b, operand(n, 1), operand(n, 0), 0);

/** Constant indices of the first axes: these become one axis. */
function gatherNd(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [x, index] = [operand(n, 0), shapeOf(b, operand(n, 1))];
  const shape = shapeOf(b, x);
  const values = constantOf(n, b, 1);
  const depth = index.at(-1) ?? 1;
  if (depth > shape.length) refuse(n, `indices of ${depth} axes of (${shape.join(", ")})`, "The file is damaged; convert the model again.");
  const rest = shape.slice(depth);
  const rows = Array.from({ length: values.length / depth }, (_, k) => upTo(depth).reduce((p, d) => p * (shape[d] as number) + inside(n, values[k * depth + d] as number, shape[d] as number), 0));
  const flat: Shape = [count(shape.slice(0, depth)), count(rest)];
  const table = addStrided(b, x, whole(shape), flat, { ...b.tensor(x), name: `${n.name}/rows`, shape: flat });
  return [addPicked(b, table, [rows, upTo(count(rest))], [...index.slice(0, -1), ...rest], n.outputs[0])];
}

export const fromTflite = { GATHER: gather, GATHER_ND: gatherNd, EMBEDDING_LOOKUP: embedding };
