/** k-means: seeded by k-means++ (Arthur and Vassilvitskii, 2007), then Lloyd's rounds; the best of several starts. */
import type { Random } from "../random.js";

export interface Clusters {
  /** (k, features) */
  readonly centres: Float64Array;
  /** Centre of each row. */
  readonly of: Int32Array;
  /** Sum of squared distances of the rows to their centres. */
  readonly inertia: number;
}

interface Points { readonly x: Float64Array; readonly rows: number; readonly features: number }

const MOST_ROUNDS = 300;
const TRIALS = 3;

/** Squared distance of row r to a point at `at` of `c`. */
export function squaredDistance(x: Float64Array, r: number, c: Float64Array, at: number, features: number): number {
  let sum = 0;
  for (let j = 0, i = r * features; j < features; j++, i++) {
    const v = x[i]! - c[at + j]!;
    sum += v * v;
  }
  return sum;
}

/** A row drawn with a chance proportional to its weight. */
function draw(weight: Float64Array, total: number, random: Random): number {
  let left = random.unit() * total;
  for (let r = 0; r < weight.length; r++) {
    left -= weight[r]!;
    if (left < 0) return r;
  }
  return weight.findLastIndex((w) => w > 0);
}

/** Distances to the nearest centre when row `r` becomes one more. */
function withCentre(p: Points, nearest: Float64Array, r: number): { readonly nearest: Float64Array; readonly total: number } {
  const next = new Float64Array(p.rows);
  let total = 0;
  for (let i = 0; i < p.rows; i++) {
    const v = Math.min(nearest[i]!, squaredDistance(p.x, i, p.x, r * p.features, p.features));
    next[i] = v;
    total += v;
  }
  return { nearest: next, total };
}

function seeds(p: Points, k: number, random: Random): Float64Array {
  const centres = new Float64Array(k * p.features);
  const put = (c: number, r: number): void => centres.set(p.x.subarray(r * p.features, (r + 1) * p.features), c * p.features);
  const first = random.below(p.rows);
  put(0, first);
  let state = withCentre(p, new Float64Array(p.rows).fill(Infinity), first);
  for (let c = 1; c < k; c++) {
    let best: { readonly row: number; readonly state: typeof state } | null = null;
    for (let trial = 0; trial < TRIALS; trial++) {
      const row = Math.max(0, draw(state.nearest, state.total, random));
      const next = withCentre(p, state.nearest, row);
      if (best === null || next.total < best.state.total) best = { row, state: next };
    }
    if (best) {
      put(c, best.row);
      state = best.state;
    }
  }
  return centres;
}

/** Nearest centre of every row; true where one has changed. */
function assign(p: Points, centres: Float64Array, of: Int32Array, distance: Float64Array): boolean {
  let changed = false;
  for (let r = 0; r < p.rows; r++) {
    let best = 0;
    let least = Infinity;
    for (let c = 0, at = 0; at < centres.length; c++, at += p.features) {
      const v = squaredDistance(p.x, r, centres, at, p.features);
      if (v < least) {
        least = v;
        best = c;
      }
    }
    if (of[r] !== best) changed = true;
    of[r] = best;
    distance[r] = least;
  }
  return changed;
}

/** Centres become the means of their rows; an empty one takes the row farthest from its own centre. */
function move(p: Points, centres: Float64Array, of: Int32Array, distance: Float64Array): void {
  const k = centres.length / p.features;
  const count = new Int32Array(k);
  for (const c of of) count[c]! += 1;
  for (let c = 0; c < k; c++) {
    if (count[c]! > 0) continue;
    const far = distance.reduce((best, v, r) => (v > distance[best]! && count[of[r]!]! > 1 ? r : best), 0);
    count[of[far]!]! -= 1;
    of[far] = c;
    count[c] = 1;
    distance[far] = 0;
  }
  centres.fill(0);
  for (let r = 0; r < p.rows; r++) for (let j = 0; j < p.features; j++) centres[of[r]! * p.features + j]! += p.x[r * p.features + j]!;
  for (let at = 0; at < centres.length; at++) centres[at]! /= Math.max(1, count[Math.floor(at / p.features)]!);
}

export function kMeans(p: Points, k: number, starts: number, random: Random, onRound: (start: number) => void): Clusters {
  let best: Clusters | null = null;
  for (let s = 0; s < starts; s++) {
    const centres = seeds(p, k, random.stream(s));
    const of = new Int32Array(p.rows).fill(-1);
    const distance = new Float64Array(p.rows);
    for (let round = 0; round < MOST_ROUNDS && assign(p, centres, of, distance); round++) {
      onRound(s);
      move(p, centres, of, distance);
    }
    assign(p, centres, of, distance);
    const inertia = distance.reduce((sum, v) => sum + v, 0);
    if (best === null || inertia < best.inertia) best = { centres, of, inertia };
  }
  return best ?? { centres: new Float64Array(0), of: new Int32Array(0), inertia: 0 };
}
