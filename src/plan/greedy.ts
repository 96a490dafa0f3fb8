/** Buffers placed one after the other, each where it fits among those already there. */
import { byPair, pairOf } from "./pairs.js";
import type { Buffer, Overlap, Plan } from "./types.js";

export type Order = readonly number[];

/** Offsets strictly between `low` and `high` are taken. */
interface Taken {
  readonly low: number;
  readonly high: number;
}

/** A buffer that may not lie anywhere while `other` lies where it does; distances count from the offset of `other`. */
export interface Conflict {
  readonly other: number;
  readonly taken: readonly Taken[];
}

export interface Puzzle {
  readonly buffers: readonly Buffer[];
  /** By buffer, those that live at the same time. */
  readonly conflicts: readonly (readonly Conflict[])[];
}

/** Where `b` may not start while `u` starts at 0: all distances that would make them touch, less those allowed. */
function takenBy(u: Buffer, b: Buffer, overlaps: readonly Overlap[]): readonly Taken[] {
  let taken: readonly Taken[] = [{ low: -b.bytes, high: u.bytes }];
  for (const o of overlaps) {
    const [from, to] = o.a === u.id ? [o.from, o.to] : [-o.to, -o.from];
    // Either part of what is split may be nothing.
    taken = taken.flatMap(({ low, high }) => (to <= low || from >= high ? [{ low, high }] : [{ low, high: from }, { low: to, high }].filter((t) => t.high > t.low)));
  }
  return taken;
}

export function makePuzzle(buffers: readonly Buffer[], overlaps: readonly Overlap[]): Puzzle {
  const allowed = byPair(overlaps);
  const conflicts = buffers.map((b) => buffers.flatMap((u, other): Conflict[] => {
    const together = u !== b && u.bytes > 0 && b.bytes > 0 && u.first <= b.last && b.first <= u.last;
    return together ? [{ other, taken: takenBy(u, b, allowed.get(pairOf(u.id, b.id)) ?? []) }] : [];
  }));
  return { buffers, conflicts };
}

/** Where the next buffer goes: to the lowest place, or to the one that leaves the least room above it. */
export type Fit = "lowest" | "tightest";

function spot(taken: readonly Taken[], align: number, fit: Fit): number {
  let x = 0;
  let best = -1;
  let room = Infinity;
  for (const t of taken) {
    if (x <= t.low) {
      if (fit === "lowest") return x;
      if (t.low - x < room) [best, room] = [x, t.low - x];
    }
    if (t.high > x) x = Math.ceil(t.high / align) * align;
  }
  return best >= 0 ? best : x;
}

/** Places buffers in the given order. */
export function placeInOrder(p: Puzzle, order: Order, fit: Fit = "lowest"): Plan {
  const offsets = p.buffers.map(() => -1);
  let bytes = 0;
  for (const i of order) {
    const b = p.buffers[i];
    if (b === undefined) continue;
    const taken: Taken[] = [];
    for (const c of p.conflicts[i] ?? []) {
      const at = offsets[c.other] ?? -1;
      if (at >= 0) for (const t of c.taken) taken.push({ low: at + t.low, high: at + t.high });
    }
    taken.sort((s, t) => s.low - t.low);
    const at = spot(taken, b.align, fit);
    offsets[i] = at;
    bytes = Math.max(bytes, at + b.bytes);
  }
  return { offsets, bytes };
}

const life = (b: Buffer): number => b.last - b.first + 1;

/** What to place first; ties go to what begins first, then to the lower index, so that plans never change by chance. */
const RANKS: readonly ((b: Buffer) => number)[] = [
  (b) => -b.bytes,
  (b) => -b.bytes * life(b),
  (b) => -life(b),
  (b) => b.first,
  (b) => -b.last,
  // Line buffers that live as long as each other: what is made from another one, and may lie below its end, goes first.
  (b) => -b.first,
];

/** Orders worth trying. */
export function orders(buffers: readonly Buffer[]): readonly Order[] {
  return RANKS.map((rank) => buffers.map((b, i) => ({ i, r: rank(b), b })).sort((s, t) =>
    s.r - t.r || t.b.bytes - s.b.bytes || s.b.first - t.b.first || s.i - t.i).map((x) => x.i));
}
