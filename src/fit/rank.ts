/** Orders of candidates: places in a rung, the Pareto front of what was measured, and best to worst. */
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

/** In a list ordered by score each further one of a family has to be better by so many standard errors. */
const FURTHER = 1;

export interface Scored { readonly config: { readonly family: string }; readonly score: number; readonly error: number }

/** Best first, mixed by families: where a budget cuts the list, the near equals of one good model have not pushed out all other kinds. */
export function mixed<T extends Scored>(items: readonly T[]): readonly T[] {
  const seen = new Map<string, number>();
  const keyed = items.map((t, i) => ({ t, i })).toSorted((a, b) => b.t.score - a.t.score || a.i - b.i).map(({ t, i }) => {
    const before = seen.get(t.config.family) ?? 0;
    seen.set(t.config.family, before + 1);
    return { t, i, key: t.score - FURTHER * t.error * before };
  });
  return keyed.toSorted((a, b) => b.key - a.key || a.i - b.i).map(({ t }) => t);
}

/** A family has at most this part of the places that fronts give: single trees alone make a front of dozens of sizes. */
const MOST_OF_A_FAMILY = 0.25;

/** `count` places: half to the best, mixed by families, the other half to fronts of all goods; in this order. */
export function places<T extends Scored>(items: readonly T[], goods: (t: T) => Goods, count: number): readonly T[] {
  const first = mixed(items).slice(0, Math.ceil(count / 2));
  const taken = new Set(first);
  const most = Math.max(1, Math.ceil((count - first.length) * MOST_OF_A_FAMILY));
  const held = new Map<string, number>();
  const rest = survivors(items.filter((t) => !taken.has(t)), goods, items.length).filter(({ config: { family } }) => {
    held.set(family, (held.get(family) ?? 0) + 1);
    return (held.get(family) ?? 0) <= most;
  });
  return [...first, ...rest.slice(0, count - first.length)];
}

const ones = (v: number): number => { let n = 0; for (let b = v; b > 0; b >>= 1) n += b & 1; return n; };

/**
 * Standard error of the difference of two accuracies on the same rows (McNemar): rows that both answer right, or both wrong,
 * tell nothing of it. 0 where answers are not right or wrong: then the better figure is taken.
 */
export function pairedError(a: string | null, b: string | null, rows: number): number {
  if (a === null || b === null) return 0;
  const [x, y] = [Buffer.from(a, "base64"), Buffer.from(b, "base64")];
  let [onlyA, onlyB] = [0, 0];
  for (let i = 0; i < x.length; i++) { onlyA += ones((x[i] ?? 0) & ~(y[i] ?? 0)); onlyB += ones((y[i] ?? 0) & ~(x[i] ?? 0)); }
  return Math.sqrt(onlyA + onlyB - (onlyA - onlyB) ** 2 / rows) / rows;
}

const byNumber = (a: number, b: number): number => (a === b ? 0 : a - b);

/** Best first: validated, then fewer cycles, less flash, less RAM; the name decides what is equal in all. */
export function byScore(a: FitCandidate, b: FitCandidate): number {
  return byNumber(b.validated, a.validated) || byNumber(a.cycles?.mean ?? Infinity, b.cycles?.mean ?? Infinity) || byNumber(a.flash.total, b.flash.total) || byNumber(a.ram.total, b.ram.total) || (a.id < b.id ? -1 : 1);
}

const goodsOf = (c: FitCandidate): Goods => [c.validated, -c.flash.total, -c.ram.total, -(c.ram.stack ?? 0), -(c.cycles?.mean ?? 0)];

/** Marks the candidates that fit and are dominated by no other that fits. Energy grows with cycles, so it needs no place of its own. */
export function withFront(candidates: readonly FitCandidate[]): readonly FitCandidate[] {
  const fitting = candidates.filter((c) => c.fits).map((c) => ({ id: c.id, g: goodsOf(c) }));
  return candidates.map((c) => ({ ...c, front: c.fits && !fitting.some((o) => dominates(o.g, goodsOf(c))) }));
}

/** Cycles that a call costs anyway, to read the inputs: nobody gives accuracy away to save less than these. */
const ANYWAY = 1000;

/** Factors of ten in cycles, and so in energy, that one needs less than the other; 0 where nothing was counted. */
const saved = (c: FitCandidate, than: FitCandidate): number => (c.cycles && than.cycles ? Math.log10((than.cycles.mean + ANYWAY) / (c.cycles.mean + ANYWAY)) : 0);

/** What the choice needs to know beside the candidates. */
export interface Doubts {
  /** Standard error of the difference of two validated figures; 0 asks for the better figure, whatever it costs. */
  readonly between: (a: FitCandidate, b: FitCandidate) => number;
  /** Standard error of one validated figure. */
  readonly of: (c: FitCandidate) => number;
}

/**
 * Best to worst, with fronts and distances from the best that fits. The one-standard-error rule of Breiman, Friedman, Olshen
 * and Stone (1984), weighed: a difference below one standard error does not tell which model is better, but it is the best
 * guess there is. So of those on the front within one standard error of the best, energy decides, a factor of ten of it against
 * one standard error. What is better and does not fit stands first.
 */
export function ranked(candidates: readonly FitCandidate[], d: Doubts): readonly FitCandidate[] {
  const all = withFront(candidates).toSorted(byScore);
  const top = all.find((c) => c.fits);
  if (!top) return all;
  const list = all.map((c) => ({ ...c, behind: top.validated - c.validated, doubt: c.id === top.id ? 0 : d.between(top, c) }));
  const worth = (c: FitCandidate): number => c.validated + d.of(top) * saved(c, top);
  const near = list.filter((c) => c.front && c.behind <= c.doubt).toSorted((a, b) => byNumber(worth(b), worth(a)) || byScore(a, b));
  const isNear = new Set(near);
  const better = list.filter((c) => !c.fits && c.behind < 0);
  return [...better, ...near, ...list.filter((c) => !isNear.has(c) && !better.includes(c))];
}

/** The candidate that breaks its limits least. */
export const nearest = <T extends { readonly binds: readonly Bind[] }>(list: readonly T[]): T | undefined => list.filter((c) => c.binds.length > 0).toSorted((a, b) => excess(a.binds) - excess(b.binds))[0];
