/**
 * Strided reading: `y[i0, i1, ...] = x[start + i0 * step0 + i1 * step1 + ...]`, i0 slowest. Transpose, slice, reverse, tile, broadcast
 * and the space/depth shuffles are all of this kind; what they do to a tensor is written as one loop per axis.
 */
import { fail } from "./diagnostics.js";
import type { NetBuilder, Template, Value } from "./op.js";
import { narrowest } from "./params.js";
import { count, makeArray, type Shape, type TypedArray } from "./types.js";

export interface Loop {
  readonly size: number;
  /** Elements of x from one turn to the next; 0 repeats, negative runs backwards. */
  readonly step: number;
}

export interface Strided {
  readonly start: number;
  readonly loops: readonly Loop[];
}

/** Elements an import may allocate for one tensor: a damaged file must not ask for more. */
export const allocatable = (n: number, where: string): number => (n <= 1_000_000 ? n : fail("network/too-large", where, `${n} elements`, "Supported: tensors of up to 1000000 elements."));

/** All of a tensor, one loop per axis. */
export function whole(shape: Shape): Strided {
  const loops: Loop[] = [];
  for (let d = shape.length - 1, step = 1; d >= 0; step *= shape[d] ?? 1, d--) loops.unshift({ size: shape[d] ?? 1, step });
  return { start: 0, loops };
}

const loopAt = (v: Strided, axis: number): Loop => v.loops[axis] ?? fail("ir/bad-axis", "tensor", `axis ${axis} of ${v.loops.length}`, "The file is damaged; convert the model again.");

export const permuted = (v: Strided, order: readonly number[]): Strided => ({ ...v, loops: order.map((a) => loopAt(v, a)) });

/** `n` positions of an axis: from, from + by, ... */
export function sliced(v: Strided, axis: number, from: number, by: number, n: number): Strided {
  const { size, step } = loopAt(v, axis);
  const last = from + (n - 1) * by;
  if (n < 1 || Math.min(from, last) < 0 || Math.max(from, last) >= size) fail("ir/bad-slice", "tensor", `${n} positions from ${from} by ${by}, of an axis of ${size}`, "A slice must be inside the tensor and not empty. Convert the model with a fixed input shape.");
  return { start: v.start + from * step, loops: v.loops.with(axis, { size: n, step: step * by }) };
}

/** The loops of the result, slowest first; a loop of no weight is dropped and neighbours that run as one become one. */
export function merged(v: Strided): Strided {
  const loops: Loop[] = [];
  for (const l of v.loops) {
    const before = loops.at(-1);
    if (l.size === 1) continue;
    if (before && before.step === l.step * l.size) loops[loops.length - 1] = { size: before.size * l.size, step: l.step };
    else loops.push(l);
  }
  return { start: v.start, loops };
}

/** What to add to the place in x when a loop turns and all faster ones start again. */
export function deltas(loops: readonly Loop[]): readonly number[] {
  let back = 0;
  return loops.toReversed().map(({ size, step }) => { const d = step - back; back += (size - 1) * step; return d; }).toReversed();
}

/** Calls `visit` with the place of every element, in the order of y: the odometer that kernels run as well. */
export function walk(start: number, size: ArrayLike<number>, next: ArrayLike<number>, visit: (place: number) => void): void {
  const at = new Int32Array(size.length);
  let place = start;
  for (let d = 1; d > 0;) {
    visit(place);
    for (d = size.length; d > 0; d--) {
      if (++at[d - 1]! < (size[d - 1] as number)) { place += next[d - 1] as number; break; }
      at[d - 1] = 0;
    }
  }
}

/** Counters of the outer loops that kernels have. */
const MAX_LOOPS = 8;

/** The parameters of kernels that run over `v`: an odometer of `dims` outer loops, and an innermost loop of `run` turns by `step`. */
export function odometer(v: Strided, where: string): { readonly start: number; readonly run: number; readonly step: number; readonly dims: number; readonly size: TypedArray; readonly next: TypedArray } {
  const { start, loops } = merged(v);
  const inner = loops.at(-1) ?? { size: 1, step: 1 };
  const outer = loops.slice(0, -1);
  if (outer.length > MAX_LOOPS) fail("network/too-many-axes", where, `${loops.length} axes move apart`, `Supported: ${MAX_LOOPS + 1}. Split the layer into two.`);
  const [size, next] = outer.length > 0 ? [outer.map((l) => l.size), deltas(outer)] : [[0], [0]];
  return { start, run: inner.size, step: inner.step, dims: outer.length, size: narrowest(size, ["u8", "u16", "u32"]), next: narrowest(next) };
}

/** Reads the elements that `v` names. */
export function readStrided<T extends TypedArray>(x: ArrayLike<number>, v: Strided, y: T): T {
  let i = 0;
  walk(v.start, v.loops.map((l) => l.size), deltas(v.loops), (place) => { y[i++] = x[place] as number; });
  return y;
}

const sizeOf = (v: Strided): number => v.loops.reduce((n, l) => n * l.size, 1);

/** The attributes of a `rearrange` node. */
export const rearrangement = (v: Strided, shape: Shape): { readonly shape: Int32Array; readonly size: Int32Array; readonly step: Int32Array; readonly start: number } => ({
  shape: Int32Array.from(shape), size: Int32Array.from(v.loops, (l) => l.size), step: Int32Array.from(v.loops, (l) => l.step), start: v.start,
});

/**
 * Adds what `v` does to `x`: nothing but a new shape where all elements stay where they are, a new constant where x is one, else a
 * node. @param shape of the result; a file that says otherwise (a lost axis of length 1) wins.
 */
export function addStrided(b: NetBuilder, x: Value, v: Strided, shape: Shape, as?: Template): Value {
  const t = b.tensor(x);
  const n = sizeOf(v);
  const told = as?.shape && count(as.shape) === n ? as.shape : shape;
  const template = as ?? { name: `${t.name}_moved`, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) };
  if (t.data) return b.constant({ ...template, dtype: t.dtype, shape: told, data: readStrided(t.data, v, makeArray(t.dtype, allocatable(n, template.name))) });
  const [only, more] = merged(v).loops;
  if (v.start === 0 && n === count(t.shape) && !more && (only?.step ?? 1) === 1) return b.add("reshape", { shape: Int32Array.from(told) }, [x], template);
  return b.add("rearrange", rearrangement(v, told), [x], template);
}
