/** A value of the old graph as the elements of a value of the new one in some order: what transposes and reshapes become until a kernel needs them done. */
import { whole, type Loop } from "../../ir/strided.js";
import { count, type Shape } from "../../ir/types.js";

/** The elements of `base` that the loops name, the last loop fastest, under `shape`; every element stands once. */
export interface View {
  readonly base: number;
  readonly shape: Shape;
  readonly loops: readonly Loop[];
}

export const rowMajor = (shape: Shape): readonly number[] => whole(shape).loops.map((l) => l.step);

export const direct = (base: number, shape: Shape): View => ({ base, shape, loops: whole(shape).loops });

/** The same elements under another shape. */
export const reshaped = (v: View, shape: Shape): View => ({ ...v, shape });

/** Loops with a length, neighbours that run as one joined. */
function runs(loops: readonly Loop[]): readonly Loop[] {
  const out: Loop[] = [];
  for (const { size, step } of loops) {
    const before = out.at(-1);
    if (size === 1) continue;
    if (before && before.step === step * size) out[out.length - 1] = { size: before.size * size, step };
    else out.push({ size, step });
  }
  return out;
}

/** The elements stand as they stand in the base. */
export function inOrder(v: View): boolean {
  const [only, more] = runs(v.loops);
  return !more && (only?.step ?? 1) === 1;
}

/** How far apart neighbours along each axis are in the base; null where an axis has no one distance. */
export function stepsOf(v: View): readonly number[] | null {
  if (v.loops.length === v.shape.length && v.loops.every((l, d) => l.size === v.shape[d])) return v.loops.map((l) => l.step);
  const left = [...runs(v.loops)];
  const steps: number[] = [];
  let behind = 1;
  for (const size of v.shape.toReversed()) {
    const run = size === 1 ? undefined : left.at(-1);
    if (size !== 1 && (!run || run.size % size !== 0)) return null;
    const step = run?.step ?? behind;
    steps.unshift(step);
    behind = step * size;
    if (run && run.size === size) left.pop();
    else if (run) left[left.length - 1] = { size: run.size / size, step: behind };
  }
  // Axes of length 1 in front are slower than all others.
  const front = v.shape.findIndex((size) => size !== 1);
  return steps.map((s, d) => (d < front ? count(v.shape) : s));
}

/** A view whose axes can be reordered, with the distance along each. */
export interface Axes extends View {
  readonly steps: readonly number[];
}

export function axesOf(v: View): Axes | null {
  const steps = stepsOf(v);
  return steps && { ...v, steps };
}

/** Axes from the slowest in the base to the fastest. */
export const orderOf = ({ shape, steps }: Axes): readonly number[] =>
  [...shape.keys()].sort((p, q) => (steps[q] as number) - (steps[p] as number) || Number(shape[p] !== 1) - Number(shape[q] !== 1) || p - q);

export function reordered({ base, shape, steps }: Axes, order: readonly number[]): Axes {
  const loops = order.map((d) => ({ size: shape[d] as number, step: steps[d] as number }));
  return { base, shape: loops.map((l) => l.size), steps: loops.map((l) => l.step), loops };
}

/** Axes of length 1 in front. */
export function widened(v: View, rank: number): View {
  const more = Array.from({ length: Math.max(0, rank - v.shape.length) }, () => 1);
  return { base: v.base, shape: [...more, ...v.shape], loops: [...more.map((size) => ({ size, step: count(v.shape) })), ...v.loops] };
}

/** What a rearrangement of a value of `shape` does if it only reorders axes: which axis each of its loops runs along. */
export function axesOfLoops(shape: Shape, size: ArrayLike<number>, step: ArrayLike<number>, start: number): readonly number[] | null {
  if (start !== 0 || size.length !== shape.length) return null;
  const steps = rowMajor(shape);
  const free = new Set(shape.keys());
  const axes = Array.from(size, (n, i) => {
    const same = [...free].filter((d) => shape[d] === n && (n === 1 || steps[d] === step[i]));
    const axis = same.find((d) => steps[d] === step[i]) ?? same[0] ?? -1;
    free.delete(axis);
    return axis;
  });
  return axes.includes(-1) ? null : axes;
}
