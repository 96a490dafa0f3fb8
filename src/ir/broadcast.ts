/** Broadcasting after numpy's rules, as kernels walk it: the TypeScript twin of the section `broadcast` of `runtime/coincell.h`. */
import { fail } from "./diagnostics.js";
import { count, type Shape, type Tensor, type TypedArray } from "./types.js";

const MAX_RANK = 5;

/** Shape of the result: an axis of length 1 is stretched, missing axes stand in front. */
export function broadcastShape(shapes: readonly Shape[], where: string): Shape {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  if (rank > MAX_RANK) fail("ir/bad-shape", where, `${rank} dimensions`, `Supported: up to ${MAX_RANK} dimensions.`);
  return Array.from({ length: rank }, (_, k) => {
    const lengths = shapes.map((s) => s[k - rank + s.length] ?? 1);
    const longest = Math.max(...lengths);
    if (lengths.some((d) => d !== 1 && d !== longest)) fail("ir/bad-shape", where, `the shapes ${shapes.map((s) => `(${s.join(", ")})`).join(" and ")} do not fit each other`, "Axes must be of equal length, or 1.");
    return longest;
  });
}

/** Parameters of every operator that broadcasts; besides them it has a `step_…` for each operand. */
export const walkParams = { n: "len", run: "len", rank: "u8", axes: "rom" } as const;

export interface Walk {
  /** Elements of the output. */
  readonly n: number;
  /** Elements of the innermost axis, which an operand walks by its step, 0 or 1. */
  readonly run: number;
  /** Rows of `axes`: the other axes, innermost first, each its length and how far every operand moves when it advances. */
  readonly rank: number;
  readonly axes: TypedArray;
}

interface Axis {
  readonly length: number;
  readonly strides: readonly number[];
}

/** Axes of the output with the strides of all operands, innermost first; axes that are walked in one go are one axis. */
function mergedAxes(operands: readonly Shape[], y: Shape): readonly Axis[] {
  const sizes = operands.map(() => 1);
  const axes: Axis[] = [];
  for (let k = y.length - 1; k >= 0; k--) {
    const lengths = operands.map((s) => s[k - y.length + s.length] ?? 1);
    const strides = lengths.map((d, o) => (d === 1 ? 0 : sizes[o] ?? 1));
    lengths.forEach((d, o) => { sizes[o] = (sizes[o] ?? 1) * d; });
    const inner = axes.at(-1);
    if (y[k] === 1) continue;
    if (inner && strides.every((s, o) => s === (inner.strides[o] ?? 0) * inner.length)) axes[axes.length - 1] = { length: inner.length * (y[k] ?? 1), strides: inner.strides };
    else axes.push({ length: y[k] ?? 1, strides });
  }
  return axes.length > 0 ? axes : [{ length: 1, strides: operands.map(() => 0) }];
}

/** How a kernel walks operands of these shapes along an output; `steps`: one for each operand. */
export function walkOf(operands: readonly Shape[], y: Shape): { readonly walk: Walk; readonly steps: readonly number[] } {
  const [first, ...rest] = mergedAxes(operands, y) as [Axis, ...Axis[]];
  // What an operand has moved since the axis at hand last advanced.
  const moved = first.strides.map((s) => s * first.length);
  const rows = rest.flatMap(({ length, strides }) => {
    const row = [length, ...strides.map((s, o) => s - (moved[o] ?? 0))];
    strides.forEach((s, o) => { moved[o] = (moved[o] ?? 0) + (length - 1) * s; });
    return row;
  });
  return { walk: { n: count(y), run: first.length, rank: rest.length, axes: Int32Array.from(rows.length > 0 ? rows : [0]) }, steps: first.strides };
}

/** {@link walkOf} for a node's own tensors. */
export const walkOfTensors = (operands: readonly Tensor[], y: Shape): ReturnType<typeof walkOf> => walkOf(operands.map((t) => t.shape), y);

/** Calls `cell` for every element i of the output with the elements of the operands that belong to it. */
export function walkElements(p: Walk, steps: readonly number[], cell: (i: number, a: number, b: number, c: number) => void): void {
  const [sa = 0, sb = 0, sc = 0] = steps;
  const width = steps.length + 1;
  const counts = new Int32Array(p.rank);
  let [a, b, c] = [0, 0, 0];
  for (let i = 0; i < p.n;) {
    for (let r = 0; r < p.run; r++, a += sa, b += sb, c += sc) cell(i++, a, b, c);
    for (let k = 0; k < p.rank; k++) {
      const row = k * width;
      if ((counts[k] as number) + 1 < (p.axes[row] as number)) {
        counts[k] = (counts[k] as number) + 1;
        a += p.axes[row + 1] as number;
        b += p.axes[row + 2] ?? 0;
        if (width > 3) c += p.axes[row + 3] as number;
        break;
      }
      counts[k] = 0;
    }
  }
}
