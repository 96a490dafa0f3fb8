/** TRANSPOSE, REVERSE_V2, TILE, BROADCAST_TO: the order of the elements changes, or some stand more than once. */
import { axisOf, constantOf, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { addStrided, permuted, sliced, whole } from "../../../ir/strided.js";
import type { Shape } from "../../../ir/types.js";

function transpose(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const shape = shapeOf(b, operand(n, 0));
  const order = constantOf(n, b, 1).map((a) => axisOf(n, a, shape.length));
  if (new Set(order).size !== shape.length || order.length !== shape.length) refuse(n, `the order (${order.join(", ")}) of ${shape.length} axes`, "Every axis must stand once. The file is damaged; convert the model again.");
  return [addStrided(b, operand(n, 0), permuted(whole(shape), order), order.map((a) => shape[a] as number), n.outputs[0])];
}

function reverse(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const shape = shapeOf(b, operand(n, 0));
  const axes = new Set(constantOf(n, b, 1).map((a) => axisOf(n, a, shape.length)));
  const v = [...axes].reduce((u, a) => sliced(u, a, (shape[a] as number) - 1, -1, shape[a] as number), whole(shape));
  return [addStrided(b, operand(n, 0), v, shape, n.outputs[0])];
}

function tile(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const shape = shapeOf(b, operand(n, 0));
  const times = constantOf(n, b, 1);
  if (times.length !== shape.length || times.some((t) => t < 1)) refuse(n, `(${times.join(", ")}) repetitions of ${shape.length} axes`, "Supported: at least one of each axis.");
  const { start, loops } = whole(shape);
  const v = { start, loops: loops.flatMap((l, d) => [{ size: times[d] as number, step: 0 }, l]) };
  return [addStrided(b, operand(n, 0), v, shape.map((s, d) => s * (times[d] as number)), n.outputs[0])];
}

/** Axes are matched from the last one; those of length 1, or that are missing, are repeated. */
function broadcast(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const shape = shapeOf(b, operand(n, 0));
  const to: Shape = constantOf(n, b, 1).map((d) => Math.max(1, d));
  const { start, loops } = whole(shape);
  const missing = to.length - shape.length;
  const out = to.map((size, d) => {
    const l = loops[d - missing] ?? { size: 1, step: 0 };
    return l.size === size ? l : l.size === 1 ? { size, step: 0 } : refuse(n, `(${shape.join(", ")}) to (${to.join(", ")})`, "Only axes of length 1 can be repeated.");
  });
  if (missing < 0) refuse(n, `(${shape.join(", ")}) to (${to.join(", ")})`, "The result must have at least as many axes.");
  return [addStrided(b, operand(n, 0), { start, loops: out }, to, n.outputs[0])];
}

export const movesFromTflite = { TRANSPOSE: transpose, REVERSE_V2: reverse, TILE: tile, BROADCAST_TO: broadcast };
