/** A smaller puzzle: each buffer that may lie exactly where the one before it does is taken to lie there. */
import type { Buffer, Overlap, Plan } from "./types.js";

export interface Fused {
  readonly buffers: readonly Buffer[];
  readonly overlaps: readonly Overlap[];
  /** By buffer of the larger puzzle, its index here. */
  readonly index: readonly number[];
}

/** By buffer, the one whose bytes it takes over at the step in which that one dies; itself for all others. */
function rootsOf(buffers: readonly Buffer[], overlaps: readonly Overlap[]): readonly number[] {
  const indexOf = new Map(buffers.map((b, i) => [b.id, i]));
  const roots = buffers.map((_, i) => i);
  const heir = new Set<number>();
  // In the order of time, so that a chain has one root.
  for (const y of buffers.map((_, i) => i).sort((i, k) => (buffers[i]?.first ?? 0) - (buffers[k]?.first ?? 0) || i - k)) {
    const b = buffers[y] as Buffer;
    const x = overlaps.filter((o) => o.from === 0 && o.to === 0).map((o) => indexOf.get(o.a === b.id ? o.b : o.b === b.id ? o.a : NaN) ?? -1)
      .find((i) => i >= 0 && !heir.has(i) && buffers[i]?.last === b.first && (buffers[i]?.bytes ?? 0) >= b.bytes && buffers[i]?.align === b.align);
    if (x === undefined) continue;
    heir.add(x);
    roots[y] = roots[x] as number;
  }
  return roots;
}

/** The steps in which both are alive. */
const together = (x: Buffer, y: Buffer): string => `${Math.max(x.first, y.first)} ${Math.min(x.last, y.last)}`;

/** Null where nothing can be fused. */
export function fuse(buffers: readonly Buffer[], overlaps: readonly Overlap[]): Fused | null {
  const roots = rootsOf(buffers, overlaps);
  const kept = buffers.flatMap((_, i) => (roots[i] === i ? [i] : []));
  if (kept.length === buffers.length) return null;
  const fused = kept.map((r): Buffer => ({ ...(buffers[r] as Buffer), last: Math.max(...buffers.map((b, i) => (roots[i] === r ? b.last : -Infinity))) }));
  const index = roots.map((r) => kept.indexOf(r));
  const known = new Map(buffers.map((b, i) => [b.id, { b, whole: fused[index[i] as number] as Buffer }]));
  const moved = overlaps.flatMap((o): Overlap[] => {
    const [a, b] = [known.get(o.a), known.get(o.b)];
    if (!a || !b || a.whole === b.whole) return [];
    // What is allowed beside a part of a buffer holds only while that part lives.
    return together(a.b, b.b) === together(a.whole, b.whole) ? [{ ...o, a: a.whole.id, b: b.whole.id }] : [];
  });
  return { buffers: fused, overlaps: moved, index };
}

export const unfused = (f: Fused, plan: Plan): Plan => ({ offsets: f.index.map((i) => plan.offsets[i] ?? 0), bytes: plan.bytes });
