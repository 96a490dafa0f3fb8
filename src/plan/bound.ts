/** What no plan can be smaller than: the step in which the most bytes are alive. */
import { byPair } from "./pairs.js";
import type { Buffer, Overlap } from "./types.js";

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

/** Buffers at multiples of `unit` fill whole units, except the topmost one, behind which nothing needs to be aligned. */
function alignedSum(alive: readonly Buffer[]): number {
  const unit = alive.reduce((u, b) => gcd(u, b.align), 0);
  let sum = 0;
  let slack = 0;
  for (const { bytes } of alive) {
    sum += roundUp(bytes, unit);
    slack = Math.max(slack, roundUp(bytes, unit) - bytes);
  }
  return sum - slack;
}

/** The most bytes that `a` and `b` can share under one overlap. */
function sharableUnder(a: Buffer, b: Buffer, o: Overlap): number {
  // One lies wholly inside the other while their distance is between these two.
  const [least, most] = [Math.min(0, a.bytes - b.bytes), Math.max(0, a.bytes - b.bytes)];
  const unit = gcd(a.align, b.align);
  const [from, to] = [Math.ceil(o.from / unit) * unit, Math.floor(o.to / unit) * unit];
  if (from > to) return 0;
  const distance = from > most ? from : to < least ? to : Math.max(least, from);
  return Math.max(0, Math.min(a.bytes, distance + b.bytes) - Math.max(0, distance));
}

export interface SharedMost {
  readonly a: Buffer;
  readonly b: Buffer;
  readonly bytes: number;
}

/** The most bytes that each pair can share. */
export function sharable(buffers: readonly Buffer[], overlaps: readonly Overlap[]): readonly SharedMost[] {
  const byId = new Map(buffers.map((b) => [b.id, b]));
  return [...byPair(overlaps).values()].flatMap((pair): SharedMost[] => {
    const [a, b] = [byId.get(pair[0]?.a ?? NaN), byId.get(pair[0]?.b ?? NaN)];
    return a && b ? [{ a, b, bytes: Math.max(...pair.map((o) => (o.a === a.id ? sharableUnder(a, b, o) : sharableUnder(b, a, o)))) }] : [];
  });
}

/** Bytes that some step needs at least; a plan of this size is the best there is. */
export function liveBound(buffers: readonly Buffer[], overlaps: readonly Overlap[] = []): number {
  const solid = buffers.filter((b) => b.bytes > 0);
  const pairs = sharable(solid, overlaps);
  let bound = 0;
  // The number of living buffers only grows where one begins.
  for (const step of new Set(solid.map((b) => b.first))) {
    const alive = solid.filter((b) => b.first <= step && step <= b.last);
    const here = new Set(alive);
    const saved = pairs.reduce((sum, p) => (here.has(p.a) && here.has(p.b) ? sum + p.bytes : sum), 0);
    // The union of sets is no smaller than their sum less what each pair shares.
    const need = saved === 0 ? alignedSum(alive) : Math.max(...alive.map((b) => b.bytes), alive.reduce((s, b) => s + b.bytes, 0) - saved);
    bound = Math.max(bound, need);
  }
  return bound;
}
