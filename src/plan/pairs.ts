/** Overlaps by the two buffers they are about; a pair may have several. */
import type { Overlap } from "./types.js";

export const pairOf = (a: number, b: number): string => `${Math.min(a, b)} ${Math.max(a, b)}`;

export function byPair(overlaps: readonly Overlap[]): ReadonlyMap<string, readonly Overlap[]> {
  const pairs = new Map<string, Overlap[]>();
  for (const o of overlaps) {
    const list = pairs.get(pairOf(o.a, o.b)) ?? [];
    list.push(o);
    pairs.set(pairOf(o.a, o.b), list);
  }
  return pairs;
}
