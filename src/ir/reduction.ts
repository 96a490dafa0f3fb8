/** Geometry of reductions: `outer` groups of `n` elements, `inner` apart, for axes that stand side by side; other sets are transposed first. */
import { fail } from "./diagnostics.js";
import { axisOf, constantOf, flagOption, operand, shapeOf } from "./foreign-node.js";
import type { ForeignNode, NetBuilder, NodeIo, Template, Value } from "./op.js";
import { addStrided, permuted, whole } from "./strided.js";
import { count, type Shape, type TypedArray } from "./types.js";

/** `axes` are reduced; with `keep` they stay with length 1. */
export type ReductionAttrs = { readonly axes: TypedArray; readonly keep: boolean };

export interface Groups {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

/** Reduced axes that have a length, first to last. */
const long = (x: Shape, axes: ArrayLike<number>): readonly number[] => x.flatMap((size, d) => (size > 1 && Array.from(axes).includes(d) ? [d] : []));

/** Every axis between the first and the last reduced one is reduced as well, or has length 1. */
function adjacent(x: Shape, axes: ArrayLike<number>): boolean {
  const all = long(x, axes);
  const [from = 0, to = -1] = [all[0], all.at(-1)];
  return x.every((size, d) => d < from || d > to || size === 1 || all.includes(d));
}

export function groupsOf(a: ReductionAttrs, x: Shape): Groups {
  const all = long(x, a.axes);
  const [from = x.length, to = x.length - 1] = [all[0], all.at(-1)];
  return { outer: count(x.slice(0, from)), n: count(x.slice(from, to + 1)), inner: count(x.slice(to + 1)) };
}

export function reducedShape(a: ReductionAttrs, [x = []]: readonly Shape[], op: string): readonly Shape[] {
  const axes = [...a.axes];
  if (axes.some((d) => d < 0 || d >= x.length) || !adjacent(x, axes)) fail("ir/bad-axis", op, `axes ${axes.join(", ")} of (${x.join(", ")})`, "The axes must exist and stand side by side; transpose first.");
  const left = x.flatMap((size, d) => (!axes.includes(d) ? [size] : a.keep ? [1] : []));
  return [left.length > 0 ? left : [1]];
}

/** The trait `channelwise`: channels are not reduced. */
export const keepsLastAxis = (a: ReductionAttrs, { inputs: [x] }: NodeIo): boolean => !a.axes.includes((x?.shape.length ?? 0) - 1);

/** The trait `followsAxes`: reduced axes must stand side by side afterwards as well. */
export function reductionFollows<A extends ReductionAttrs>(a: A, order: readonly number[]): { readonly attrs: A; readonly order: readonly number[] } | null {
  const axes = Array.from(a.axes, (d) => order.indexOf(d)).sort((p, q) => p - q);
  if (axes.some((d, i) => i > 0 && d !== (axes[i - 1] as number) + 1)) return null;
  const left = order.filter((d) => !a.axes.includes(d));
  const ranks = left.toSorted((p, q) => p - q);
  return { attrs: { ...a, axes: Int32Array.from(axes) }, order: a.keep ? order : left.map((d) => ranks.indexOf(d)) };
}

/** Calls `group` for every output element: place of its first element in x, place in y. */
export function eachGroup({ outer, n, inner }: Groups, group: (first: number, out: number) => void): void {
  for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) group(o * n * inner + i, o * inner + i);
}

/** The meaning of a reduction of real numbers: a fold, and what is done with its result. */
export function reduceReal(a: ReductionAttrs, [x]: readonly Float64Array[], io: NodeIo | undefined, start: number, fold: (sum: number, v: number) => number): Float64Array {
  const g = groupsOf(a, io?.inputs[0]?.shape ?? []);
  const y = new Float64Array(g.outer * g.inner);
  eachGroup(g, (first, out) => {
    let sum = start;
    for (let k = 0; k < g.n; k++) sum = fold(sum, x?.[first + k * g.inner] ?? 0);
    y[out] = sum;
  });
  return y;
}

/** What a reduction node of a file says: its input with the reduced axes side by side, and its attributes. */
export interface Reduction {
  readonly x: Value;
  readonly attrs: ReductionAttrs;
}

/** Reads a TFLite reducer: axes as second operand, `keep_dims`. */
export function reductionOf(n: ForeignNode, b: NetBuilder): Reduction {
  const x = operand(n, 0);
  const shape = shapeOf(b, x);
  const axes = [...new Set(constantOf(n, b, 1).map((d) => axisOf(n, d, shape.length)))].sort((p, q) => p - q);
  return sideBySide(n, b, x, axes, flagOption(n, "keep_dims"));
}

export function sideBySide(n: ForeignNode, b: NetBuilder, x: Value, axes: readonly number[], keep: boolean): Reduction {
  const shape = shapeOf(b, x);
  if (adjacent(shape, axes)) return { x, attrs: { axes: Int32Array.from(axes), keep } };
  const order = [...shape.keys()].sort((p, q) => Number(axes.includes(p)) - Number(axes.includes(q)) || p - q);
  const { dtype, quant } = b.tensor(x);
  const moved = addStrided(b, x, permuted(whole(shape), order), order.map((d) => shape[d] as number), { name: `${n.name}/transposed`, dtype, ...(quant ? { quant } : {}) });
  // The kept axes of length 1 come back through the shape that the caller gives.
  return { x: moved, attrs: { axes: Int32Array.from(axes, (_, i) => shape.length - axes.length + i), keep: false } };
}

/** Adds the reduction; the shape is the file's, where that differs in axes of length 1 alone. */
export function addReduction(op: string, attrs: Readonly<Record<string, boolean | number | string>>, n: ForeignNode, b: NetBuilder): readonly Value[] {
  const { x, attrs: axes } = reductionOf(n, b);
  const out = n.outputs[0];
  const made = b.add(op, { ...attrs, ...axes }, [x], out);
  const shape = shapeOf(b, made);
  return [out?.shape && out.shape.join() !== shape.join() ? addStrided(b, made, whole(shape), out.shape, { ...out, name: `${out.name}/shape` }) : made];
}

/** Adds a reduction over any axes; `keep`: they stay with length 1. */
export function addReduced(op: string, attrs: Readonly<Record<string, boolean | number | string>>, n: ForeignNode, b: NetBuilder, x: Value, axes: readonly number[], keep: boolean, as: Template): Value {
  const shape = shapeOf(b, x);
  const { x: moved, attrs: made } = sideBySide(n, b, x, [...axes].sort((p, q) => p - q), keep);
  const y = b.add(op, { ...attrs, ...made }, [moved], as);
  const result = shape.flatMap((size, d) => (!axes.includes(d) ? [size] : keep ? [1] : []));
  const t = b.tensor(y);
  return t.shape.join() === result.join() ? y : b.add("reshape", { shape: Int32Array.from(result) }, [y], { name: `${as.name}/shape`, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) });
}
