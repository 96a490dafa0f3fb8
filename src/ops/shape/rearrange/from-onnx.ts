/** Transpose, Slice, Split, Tile, Expand, DepthToSpace, SpaceToDepth: elements in another order, or some of them. */
import { axisOf, constantOf, listOption, numberOption, operand, refuse, shapeOf, textOption } from "../../../ir/foreign-node.js";
import { listOf, outputOf } from "../../../ir/onnx-node.js";
import type { ForeignNode, NetBuilder, NetLowering, Template, Value } from "../../../ir/op.js";
import { addStrided, permuted, sliced, whole, type Strided } from "../../../ir/strided.js";
import { count, type Shape } from "../../../ir/types.js";

const like = (n: ForeignNode, b: NetBuilder, i = 0): Template => { const { dtype, quant } = b.tensor(operand(n, 0)); return { name: outputOf(n, i).name, dtype, ...(quant ? { quant } : {}) }; };
const moved = (n: ForeignNode, b: NetBuilder, v: Strided, shape: Shape): readonly Value[] => [addStrided(b, operand(n, 0), v, shape, like(n, b))];

const transpose: NetLowering = (n, b) => {
  const shape = shapeOf(b, operand(n, 0));
  const given = listOption(n, "perm").map((a) => axisOf(n, a, shape.length));
  const order = given.length > 0 ? given : [...shape.keys()].toReversed();
  if (new Set(order).size !== shape.length || order.length !== shape.length) return refuse(n, `the order (${order.join(", ")}) of ${shape.length} axes`, "The file is damaged; export the model again.");
  return moved(n, b, permuted(whole(shape), order), order.map((a) => shape[a] as number));
};

/** numpy's rules: what lies outside is limited to the ends. */
const slice: NetLowering = (n, b) => {
  const shape = shapeOf(b, operand(n, 0));
  const [starts, ends] = [listOf(n, b, "starts", 1) ?? [], listOf(n, b, "ends", 2) ?? []];
  const axes = (listOf(n, b, "axes", 3) ?? [...starts.keys()]).map((a) => axisOf(n, a, shape.length));
  const steps = listOf(n, b, "steps", 4) ?? starts.map(() => 1);
  if ([ends, axes, steps].some((l) => l.length !== starts.length) || steps.includes(0)) return refuse(n, `${starts.length} starts, ${ends.length} ends, ${axes.length} axes`, "The file is damaged; export the model again.");
  const out = [...shape];
  let v = whole(shape);
  for (const [i, axis] of axes.entries()) {
    const [size, by] = [shape[axis] as number, steps[i] as number];
    const limit = (p: number, low: number, high: number): number => Math.min(high, Math.max(low, p < 0 ? p + size : p));
    const [from, to] = by > 0 ? [limit(starts[i] as number, 0, size), limit(ends[i] as number, 0, size)] : [limit(starts[i] as number, 0, size - 1), limit(ends[i] as number, -1, size - 1)];
    const k = Math.ceil((to - from) / by);
    if (k < 1) return refuse(n, `nothing of axis ${axis}`, "Supported: parts that are not empty. Export the model with a fixed input shape.");
    out[axis] = k;
    v = sliced(v, axis, from, by, k);
  }
  return moved(n, b, v, out);
};

const split: NetLowering = (n, b) => {
  const shape = shapeOf(b, operand(n, 0));
  const axis = axisOf(n, numberOption(n, "axis", 0), shape.length);
  const [size, k] = [shape[axis] as number, n.outputs.length];
  const each = Math.ceil(size / k);
  const lengths = listOf(n, b, "split", 1) ?? Array.from({ length: k }, (_, i) => Math.min(each, size - i * each));
  if (lengths.length !== k || count([...lengths]) <= 0 || lengths.some((l) => l < 1) || lengths.reduce((p, q) => p + q, 0) !== size) return refuse(n, `parts of ${lengths.join(", ")} of an axis of ${size}`, "The parts must cover the axis.");
  let from = 0;
  return lengths.map((length, i) => {
    const v = sliced(whole(shape), axis, from, 1, length);
    from += length;
    return addStrided(b, operand(n, 0), v, shape.with(axis, length), like(n, b, i));
  });
};

const tile: NetLowering = (n, b) => {
  const shape = shapeOf(b, operand(n, 0));
  const times = constantOf(n, b, 1);
  if (times.length !== shape.length || times.some((t) => !(t >= 1))) return refuse(n, `(${times.join(", ")}) repetitions of ${shape.length} axes`, "Supported: at least one of each axis.");
  const { start, loops } = whole(shape);
  return moved(n, b, { start, loops: loops.flatMap((l, d) => [{ size: times[d] as number, step: 0 }, l]) }, shape.map((s, d) => s * (times[d] as number)));
};

/** Axes are matched from the last one, in both directions. */
const expand: NetLowering = (n, b) => {
  const [shape, to] = [shapeOf(b, operand(n, 0)), constantOf(n, b, 1)];
  const rank = Math.max(shape.length, to.length);
  const { start, loops } = whole(shape);
  const out = Array.from({ length: rank }, (_, d) => {
    const [l, want] = [loops[d - rank + shape.length] ?? { size: 1, step: 0 }, to[d - rank + to.length] ?? 1];
    return l.size === want || want === 1 ? l : l.size === 1 ? { size: want, step: 0 } : refuse(n, `(${shape.join(", ")}) to (${to.join(", ")})`, "Only axes of length 1 can be repeated.");
  });
  return moved(n, b, { start, loops: out }, out.map((l) => l.size));
};

function image(n: ForeignNode, b: NetBuilder): readonly [number, number, number, number, number] {
  const [batch = 1, c = 1, h = 1, w = 1, ...more] = shapeOf(b, operand(n, 0));
  const k = numberOption(n, "blocksize");
  return more.length === 0 && k >= 1 && Number.isInteger(k) ? [batch, c, h, w, k] : refuse(n, `blocks of ${k}`, "Supported: images of four axes.");
}

const depthToSpace: NetLowering = (n, b) => {
  const [batch, c, h, w, k] = image(n, b);
  const depth = c / (k * k);
  if (!Number.isInteger(depth)) return refuse(n, `blocks of ${k} from ${c} channels`, "Blocks must divide the channels without a rest.");
  const [cells, order] = textOption(n, "mode", "DCR") === "DCR" ? [[batch, k, k, depth, h, w], [0, 3, 4, 1, 5, 2]] : [[batch, depth, k, k, h, w], [0, 1, 4, 2, 5, 3]];
  return moved(n, b, permuted(whole(cells), order), [batch, depth, h * k, w * k]);
};

const spaceToDepth: NetLowering = (n, b) => {
  const [batch, c, h, w, k] = image(n, b);
  if (h % k !== 0 || w % k !== 0) return refuse(n, `blocks of ${k} of an image of ${h} x ${w}`, "Blocks must divide the image without a rest.");
  return moved(n, b, permuted(whole([batch, c, h / k, k, w / k, k]), [0, 3, 5, 1, 2, 4]), [batch, c * k * k, h / k, w / k]);
};

export const fromOnnx = { Transpose: transpose, Slice: slice, Split: split, Tile: tile, Expand: expand, DepthToSpace: depthToSpace, SpaceToDepth: spaceToDepth };
