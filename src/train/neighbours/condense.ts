/**
 * Fewer rows for the nearest neighbour: edited (Wilson, 1972) and condensed (Hart, 1968) neighbours keep some of the rows;
 * prototypes are cluster centres of each class, moved by learning vector quantisation (Kohonen's LVQ1).
 */
import { kMeans, squaredDistance } from "../cluster/k-means.js";
import { range, shuffle, type Random } from "../random.js";
import { gather } from "../scale/classes.js";

export interface Labelled {
  /** (rows, features) */
  readonly x: Float64Array;
  /** Class of each row. */
  readonly y: Int32Array;
  readonly features: number;
}

const EDIT_NEIGHBOURS = 3;
const EPOCHS = 20;
const RATE = 0.05;
const STARTS = 2;

/** Places of the `k` nearest of `rows` to row r, itself left out; the nearest first. */
function nearest(p: Labelled, r: number, rows: ArrayLike<number>, count: number, k: number): number[] {
  const best: number[] = [];
  const far: number[] = [];
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    if (row === r) continue;
    const v = squaredDistance(p.x, r, p.x, row * p.features, p.features);
    if (best.length === k && v >= far[k - 1]!) continue;
    let at = best.length === k ? k - 1 : best.length;
    for (; at > 0 && far[at - 1]! > v; at--) {
      far[at] = far[at - 1]!;
      best[at] = best[at - 1]!;
    }
    far[at] = v;
    best[at] = row;
  }
  return best;
}

/** Rows whose class most of their neighbours share; a class that would vanish keeps its rows. */
function edited(p: Labelled, onRow: (part: number) => void): Int32Array {
  const all = range(p.y.length);
  const kept = all.filter((r) => {
    if (r % 64 === 0) onRow(r / all.length);
    const near = nearest(p, r, all, all.length, EDIT_NEIGHBOURS);
    return near.filter((i) => p.y[i] === p.y[r]).length * 2 >= near.length;
  });
  const left = new Set(kept.map((r) => p.y[r]!));
  return all.filter((r) => !left.has(p.y[r]!)).length === 0 ? kept : Int32Array.from([...kept, ...all.filter((r) => !left.has(p.y[r]!))]).sort();
}

/** Rows from which the nearest neighbour gives every edited row its class: at most `budget` of them, one of each class at least. */
export function condensed(p: Labelled, budget: number, random: Random, onPart: (part: number) => void): Labelled {
  const order = shuffle(edited(p, (part) => onPart(part / 2)), random);
  const store: number[] = [];
  for (const cls of new Set(p.y.toSorted())) store.push(order.find((r) => p.y[r] === cls)!);
  const stored = new Set(store);
  for (let added = true, round = 1; added && store.length < budget; round++) {
    added = false;
    onPart(1 - 0.5 ** round / 2);
    for (const r of order) {
      if (store.length >= budget) break;
      if (stored.has(r) || p.y[nearest(p, r, store, store.length, 1)[0]!] === p.y[r]) continue;
      store.push(r);
      stored.add(r);
      added = true;
    }
  }
  const rows = store.toSorted((a, b) => p.y[a]! - p.y[b]! || a - b);
  return { x: gather(p.x, p.features, rows), y: Int32Array.from(rows, (r) => p.y[r]!), features: p.features };
}

/** How many prototypes each class gets: in proportion to its rows, one at least, by the largest remainders. */
function shares(counts: readonly number[], budget: number): number[] {
  const rows = counts.reduce((s, n) => s + n, 0);
  const share = counts.map((n) => Math.min(n, Math.max(1, Math.floor((n * budget) / rows))));
  for (let left = budget - share.reduce((s, n) => s + n, 0); left > 0; left--) {
    let best = -1;
    counts.forEach((n, c) => {
      const lack = (i: number): number => (counts[i]! * budget) / rows - share[i]!;
      if (share[c]! < n && (best < 0 || lack(c) > lack(best))) best = c;
    });
    if (best < 0) break;
    share[best]! += 1;
  }
  return share;
}

/** Rows draw the nearest prototype of their own class nearer and push a wrong one away, less and less. */
function quantise(p: Labelled, made: { readonly x: Float64Array; readonly y: Int32Array }, random: Random, onPart: (part: number) => void): void {
  const d = p.features;
  const order = range(p.y.length);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    onPart(0.5 + epoch / EPOCHS / 2);
    shuffle(order, random);
    const rate = RATE * (1 - epoch / EPOCHS);
    for (const r of order) {
      let [best, least] = [0, Infinity];
      for (let c = 0; c < made.y.length; c++) {
        const v = squaredDistance(p.x, r, made.x, c * d, d);
        if (v < least) [best, least] = [c, v];
      }
      const step = made.y[best] === p.y[r] ? rate : -rate;
      for (let j = 0; j < d; j++) made.x[best * d + j]! += step * (p.x[r * d + j]! - made.x[best * d + j]!);
    }
  }
}

/** `budget` points, sorted by class. */
export function prototypes(p: Labelled, budget: number, random: Random, onPart: (part: number) => void): Labelled {
  const classes = [...new Set(p.y.toSorted())];
  const groups = classes.map((c) => range(p.y.length).filter((r) => p.y[r] === c));
  const share = shares(groups.map((g) => g.length), Math.max(budget, classes.length));
  const parts = groups.map((rows, c) => {
    onPart(c / classes.length / 2);
    return kMeans({ x: gather(p.x, p.features, rows), rows: rows.length, features: p.features }, share[c]!, STARTS, random.stream(c), () => onPart(c / classes.length / 2)).centres;
  });
  const x = new Float64Array(parts.reduce((s, v) => s + v.length, 0));
  parts.reduce((at, v) => { x.set(v, at); return at + v.length; }, 0);
  const made = { x, y: Int32Array.from(share.flatMap((n, c) => Array.from({ length: n }, () => classes[c]!))) };
  quantise(p, made, random.stream(classes.length), onPart);
  return { ...made, features: p.features };
}
