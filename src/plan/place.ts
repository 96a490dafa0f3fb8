/** The planner: greedy orders first, then searches in the order of time and in that of offsets, then a seeded wander, until the lower bound is met. */
import { liveBound } from "./bound.js";
import { RANK_COUNT, search } from "./exact.js";
import { fuse, unfused } from "./fuse.js";
import { makePuzzle, orders, placeInOrder, type Puzzle } from "./greedy.js";
import { searchInTime } from "./in-time.js";
import type { Buffer, Overlap, Placement, Plan } from "./types.js";

/** Places looked at in the order of time, where many buffers at once would hide that it leads nowhere. */
const IN_TIME = 400_000;
/** Places looked at; together some 50 ms, spent only where greedy orders miss the bound. */
const AIMED = 300_000;
const WIDE = 200_000;
const WANDER = 250_000;
/** The search goes one call deeper with every buffer. */
const MAX_EXACT = 500;

const smaller = (a: Plan, b: Plan | null): Plan => (b !== null && b.bytes < a.bytes ? b : a);

function greedy(p: Puzzle, bound: number): Plan {
  let best: Plan | null = null;
  for (const fit of ["lowest", "tightest"] as const) {
    for (const order of orders(p.buffers)) {
      const plan = placeInOrder(p, order, fit);
      best = best === null ? plan : smaller(best, plan);
      if (best.bytes <= bound) return best;
    }
  }
  return best ?? { offsets: [], bytes: 0 };
}

/** Whether all that an overlap allows is how far the one above may come down; the exact search knows no other. */
function simple(o: Overlap, buffers: readonly Buffer[]): boolean {
  const [a, b] = [buffers.find((x) => x.id === o.a)?.bytes ?? 0, buffers.find((x) => x.id === o.b)?.bytes ?? 0];
  return (o.from <= -b && o.to <= 0) || (o.from >= 0 && o.to >= a);
}

/** First only plans at the bound, which cuts most of the tree; then near it, then anything smaller than what there is. */
function exact(buffers: readonly Buffer[], overlaps: readonly Overlap[], start: Plan, bound: number): { readonly plan: Plan; readonly proven: boolean } {
  for (let rank = 0; rank < RANK_COUNT; rank++) {
    const effort = { left: AIMED };
    const plan = search(buffers, overlaps, rank, bound, bound, effort);
    if (plan) return { plan, proven: true };
    // All was tried: no plan meets the bound.
    if (effort.left > 0) break;
  }
  let plan = start;
  for (const part of [0.25, 1]) {
    const effort = { left: WIDE };
    const limit = Math.floor(bound + (plan.bytes - 1 - bound) * part);
    plan = smaller(plan, search(buffers, overlaps, 0, limit, bound, effort));
    if (part === 1 && effort.left > 0) return { plan, proven: true };
  }
  return { plan, proven: false };
}

/** Moves buffers forward in the order of the best plan, mostly such as reach its top; the same steps every time. */
function wander(p: Puzzle, start: Plan, bound: number): Plan {
  let state = 1;
  const below = (n: number): number => Math.floor(((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32) * n);
  const cost = p.conflicts.reduce((s, c) => s + c.length, p.buffers.length);
  let best = start;
  let current = start;
  let order = p.buffers.map((_, i) => i).sort((a, b) => (start.offsets[a] ?? 0) - (start.offsets[b] ?? 0) || a - b);
  for (let left = WANDER; left > 0 && best.bytes > bound; left -= cost) {
    const { offsets, bytes } = current;
    const peaks = order.filter((i) => (offsets[i] ?? 0) + (p.buffers[i]?.bytes ?? 0) === bytes);
    const moved = (below(2) === 0 ? peaks[below(peaks.length)] : undefined) ?? order[below(order.length)] ?? 0;
    const rest = order.filter((i) => i !== moved);
    const next = rest.toSpliced(below(order.length), 0, moved);
    const plan = placeInOrder(p, next);
    if (plan.bytes > current.bytes) continue;
    [order, current, best] = [next, plan, smaller(best, plan)];
  }
  return best;
}

/** As it stands, without anything fused. */
function solve(buffers: readonly Buffer[], overlaps: readonly Overlap[], bound: number): Plan {
  const p = makePuzzle(buffers, overlaps);
  let best = greedy(p, bound);
  if (best.bytes <= bound) return best;
  if (overlaps.length > 0) best = smaller(best, searchInTime(p, best.bytes - 1, bound, { left: IN_TIME }));
  if (best.bytes <= bound) return best;
  if (buffers.length > MAX_EXACT) return wander(p, best, bound);
  const { plan, proven } = exact(buffers, overlaps, best, bound);
  return proven && overlaps.every((o) => simple(o, buffers)) ? plan : wander(p, plan, bound);
}

/** The smallest plan found, and what could be hoped for at best. */
export function place(buffers: readonly Buffer[], overlaps: readonly Overlap[] = []): Placement {
  const bound = liveBound(buffers, overlaps);
  const fused = fuse(buffers, overlaps);
  const easy = fused && unfused(fused, solve(fused.buffers, fused.overlaps, bound));
  if (easy && easy.bytes <= bound) return { ...easy, bound };
  return { ...smaller(solve(buffers, overlaps, bound), easy), bound };
}
