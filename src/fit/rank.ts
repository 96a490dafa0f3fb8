/** Orders of candidates: fronts of accuracy against size, the Pareto front of what was measured, and best to worst. */
import type { Bind, FitCandidate } from "../report/pareto-types.js";
import { excess } from "./limits.js";

/** Larger is better in every place. */
export type Goods = readonly number[];

/** At least as good in everything, better in something. */
export const dominates = (a: Goods, b: Goods): boolean => a.every((v, i) => v >= (b[i] ?? 0)) && a.some((v, i) => v > (b[i] ?? 0));

/** Layers of an onion: the first is dominated by nobody, the next only by the first … Ties stay in the same layer. */
export function layers<T>(items: readonly T[], goods: (t: T) => Goods): readonly (readonly T[])[] {
  const out: T[][] = [];
  let rest = items.map((item) => ({ item, g: goods(item) }));
  while (rest.length > 0) {
    const front = rest.filter((a) => !rest.some((b) => dominates(b.g, a.g)));
    out.push(front.map((f) => f.item));
    const taken = new Set(front);
    rest = rest.filter((r) => !taken.has(r));
  }
  return out;
}

/** The best `count` by layers; within the last layer by `goods[0]`, then by their order. */
export function survivors<T>(items: readonly T[], goods: (t: T) => Goods, count: number): readonly T[] {
  const kept: T[] = [];
  for (const layer of layers(items, goods)) {
    const room = count - kept.length;
    if (room <= 0) break;
    kept.push(...layer.toSorted((a, b) => (goods(b)[0] ?? 0) - (goods(a)[0] ?? 0)).slice(0, room));
  }
  return kept;
}

/**
 * What the integer model may be trusted with: the validated accuracy less every answer in which it differs from the float
 * model that was validated (of values, their squared difference as a part of the variance). The labels of the test rows are not asked.
 */
export const trusted = (c: Pick<FitCandidate, "validated" | "agreement">): number => c.validated - (1 - c.agreement);

const byNumber = (a: number, b: number): number => (a === b ? 0 : a - b);

/** Best first: trusted accuracy, then fewer cycles, less flash, less RAM; the name decides what is equal in all. */
export function byMerit(a: FitCandidate, b: FitCandidate): number {
  return byNumber(trusted(b), trusted(a)) || byNumber(a.cycles?.mean ?? Infinity, b.cycles?.mean ?? Infinity) || byNumber(a.flash.total, b.flash.total) || byNumber(a.ram.total, b.ram.total) || (a.id < b.id ? -1 : 1);
}

const goodsOf = (c: FitCandidate): Goods => [trusted(c), -c.flash.total, -c.ram.total, -(c.ram.stack ?? 0), -(c.cycles?.mean ?? 0)];

/** Marks the candidates that fit and are dominated by no other that fits. Energy grows with cycles, so it needs no place of its own. */
export function withFront(candidates: readonly FitCandidate[]): readonly FitCandidate[] {
  const fitting = candidates.filter((c) => c.fits).map((c) => ({ id: c.id, g: goodsOf(c) }));
  return candidates.map((c) => ({ ...c, front: c.fits && !fitting.some((o) => dominates(o.g, goodsOf(c))) }));
}

/** The candidate that breaks its limits least. */
export const nearest = <T extends { readonly binds: readonly Bind[] }>(list: readonly T[]): T | undefined => list.filter((c) => c.binds.length > 0).toSorted((a, b) => excess(a.binds) - excess(b.binds))[0];
