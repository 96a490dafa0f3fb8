/** STRIDED_SLICE, SLICE, SPLIT, SPLIT_V, UNPACK: parts of a tensor; what has several outputs in the file becomes one node for each. */
import { axisOf, constantOf, flagOption, numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { addStrided, sliced, whole, type Strided } from "../../../ir/strided.js";
import type { Shape } from "../../../ir/types.js";

const bit = (mask: number, i: number): boolean => ((mask >> i) & 1) === 1;

interface Spec {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly by: readonly number[];
  readonly mask: (key: string, i: number) => boolean;
  /** `end` is counted from `begin`. */
  readonly relative: boolean;
}

function specOf(n: ForeignNode, b: NetBuilder): Spec {
  const [begin, end, by] = [constantOf(n, b, 1), constantOf(n, b, 2), constantOf(n, b, 3)];
  if (end.length !== begin.length || by.length !== begin.length) refuse(n, `${begin.length} begins, ${end.length} ends, ${by.length} strides`, "The file is damaged; convert the model again.");
  return { begin, end, by, mask: (key, i) => bit(numberOption(n, `${key}_mask`, 0), i), relative: flagOption(n, "offset") };
}

/** First position, step and number of positions of one axis: numpy's rules. */
function interval(n: ForeignNode, s: Spec, i: number, size: number): readonly [number, number, number] {
  const [first, stop, by] = [s.begin[i] as number, s.end[i] as number, s.by[i] as number];
  const from = first < 0 ? first + size : first;
  if (s.mask("shrink_axis", i)) return from >= 0 && from < size ? [from, 1, 1] : refuse(n, `position ${first} of an axis of ${size}`, "The file is damaged; convert the model again.");
  if (by === 0) refuse(n, "a stride of 0", "The file is damaged; convert the model again.");
  const [low, high] = by > 0 ? [0, size] : [-1, size - 1];
  const limit = (v: number): number => Math.min(high, Math.max(low, v));
  const start = s.mask("begin", i) ? (by > 0 ? 0 : size - 1) : limit(from);
  const last = s.mask("end", i) ? (by > 0 ? size : -1) : limit(s.relative ? start + stop : stop < 0 ? stop + size : stop);
  return [start, by, Math.ceil((last - start) / by)];
}

function stridedSlice(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const shape = shapeOf(b, x);
  const s = specOf(n, b);
  const added = s.begin.filter((_, i) => s.mask("new_axis", i) && !s.mask("ellipsis", i)).length;
  const dots = s.begin.some((_, i) => s.mask("ellipsis", i)) ? 1 : 0;
  let v: Strided = whole(shape);
  const out: number[] = [];
  let axis = 0;
  const keep = (): void => { out.push(shape[axis] ?? refuse(n, `${s.begin.length} ranges for ${shape.length} axes`, "The file is damaged; convert the model again.")); axis++; };
  s.begin.forEach((_, i) => {
    if (s.mask("ellipsis", i)) { for (let more = shape.length - (s.begin.length - added - dots); more > 0; more--) keep(); return; }
    if (s.mask("new_axis", i)) { out.push(1); return; }
    const [from, by, positions] = interval(n, s, i, shape[axis] ?? 0);
    v = part(n, v, axis, from, by, positions);
    if (!s.mask("shrink_axis", i)) out.push(positions);
    axis++;
  });
  while (axis < shape.length) keep();
  return [addStrided(b, x, v, out.length > 0 ? out : [1], n.outputs[0])];
}

function part(n: ForeignNode, v: Strided, axis: number, from: number, by: number, positions: number): Strided {
  const size = v.loops[axis]?.size ?? 0;
  const last = from + (positions - 1) * by;
  return positions >= 1 && Math.min(from, last) >= 0 && Math.max(from, last) < size ? sliced(v, axis, from, by, positions)
    : refuse(n, `${positions} positions from ${from} by ${by}, of an axis of ${size}`, "Supported: parts inside the tensor that are not empty. Convert the model with a fixed input shape (batch 1).");
}

function slice(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const shape = shapeOf(b, x);
  const [begin, sizes] = [constantOf(n, b, 1), constantOf(n, b, 2)];
  if (begin.length !== shape.length || sizes.length !== shape.length) refuse(n, `${begin.length} begins and ${sizes.length} sizes for ${shape.length} axes`, "The file is damaged; convert the model again.");
  const out = sizes.map((size, d) => (size < 0 ? (shape[d] as number) - (begin[d] as number) : size));
  const v = out.reduce((u, size, d) => part(n, u, d, begin[d] as number, 1, size), whole(shape));
  return [addStrided(b, x, v, out, n.outputs[0])];
}

/** Parts of the given lengths along one axis, one after the other. */
function parts(n: ForeignNode, b: NetBuilder, x: Value, axis: number, lengths: readonly number[], shapeOfPart: (length: number) => Shape): readonly Value[] {
  const shape = shapeOf(b, x);
  const total = lengths.reduce((p, q) => p + q, 0);
  if (total !== shape[axis] || lengths.length !== n.outputs.length) refuse(n, `parts of ${lengths.join(", ")} of an axis of ${shape[axis]}, ${n.outputs.length} outputs`, "The parts must cover the axis. The file is damaged; convert the model again.");
  let from = 0;
  return lengths.map((length, i) => {
    const v = part(n, whole(shape), axis, from, 1, length);
    from += length;
    return addStrided(b, x, v, shapeOfPart(length), n.outputs[i]);
  });
}

const oneOf = (n: ForeignNode, b: NetBuilder, i: number): number => constantOf(n, b, i)[0] ?? refuse(n, `input ${i} is empty`, "The file is damaged; convert the model again.");

function split(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 1);
  const shape = shapeOf(b, x);
  const axis = axisOf(n, oneOf(n, b, 0), shape.length);
  const k = n.outputs.length;
  return parts(n, b, x, axis, Array.from({ length: k }, () => (shape[axis] as number) / k), (length) => shape.with(axis, length));
}

/** One length may be -1: what is left. */
function splitV(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const shape = shapeOf(b, x);
  const axis = axisOf(n, oneOf(n, b, 2), shape.length);
  const given = constantOf(n, b, 1);
  const rest = (shape[axis] as number) - given.reduce((p, q) => p + Math.max(0, q), 0);
  return parts(n, b, x, axis, given.map((q) => (q < 0 ? rest : q)), (length) => shape.with(axis, length));
}

function unpack(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const shape = shapeOf(b, x);
  const axis = axisOf(n, numberOption(n, "axis", 0), shape.length);
  const left = shape.toSpliced(axis, 1);
  return parts(n, b, x, axis, n.outputs.map(() => 1), () => (left.length > 0 ? left : [1]));
}

export const slicesFromTflite = { STRIDED_SLICE: stridedSlice, SLICE: slice, SPLIT: split, SPLIT_V: splitV, UNPACK: unpack };
