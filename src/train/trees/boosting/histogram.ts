/**
 * Sums of slopes, curvatures and rows by code, for every feature of a node.
 *
 * Slopes become whole numbers of some twenty bits, and one double holds rows * 2^shift + sum of slopes: both are exact,
 * in any order, and a child is its parent less its sister to the last bit. A histogram is (codes, 2): packed, curvature.
 */
import type { Bins } from "../../bins.js";

export interface Packing {
  /** Whole slope = slope * scale. */
  readonly scale: number;
  /** 2^shift: one row. */
  readonly row: number;
}

/** @param peak largest |slope|. */
export function packingFor(rows: number, peak: number): Packing {
  const bits = 32 - Math.clz32(rows);
  let scale = 2 ** Math.max(1, 51 - 2 * bits > 24 ? 24 : 51 - 2 * bits);
  const top = scale;
  // The largest slope takes all bits; beyond the bounds slopes are nothing, or no float32 targets.
  for (let k = 0; k < 400 && peak * scale > top; k++) scale /= 2;
  for (let k = 0; k < 400 && peak * scale <= top / 2; k++) scale *= 2;
  return { scale, row: top * 2 ** (bits + 1) };
}

export const rowsIn = (p: Packing, packed: number): number => Math.floor(packed / p.row + 0.5);
export const slopeIn = (p: Packing, packed: number): number => (packed - rowsIn(p, packed) * p.row) / p.scale;

export interface Layout {
  readonly bins: Bins;
  /** First code of each feature in the histogram, and the number of codes at the end. */
  readonly starts: Int32Array;
}

export function layoutOf(bins: Bins): Layout {
  const starts = new Int32Array(bins.features + 1);
  for (let f = 0; f < bins.features; f++) starts[f + 1] = starts[f]! + bins.counts[f]!;
  return { bins, starts };
}

/** Packed slope and curvature of the rows of a node, in its order. */
export interface Gathered { readonly packed: Float64Array; readonly curvature: Float64Array }

export function gather(rows: Int32Array, from: number, to: number, packed: Float64Array, h: Float64Array, at: number, out: Gathered): void {
  for (let i = from; i < to; i++) {
    const j = rows[i]!;
    out.packed[i - from] = packed[j]!;
    out.curvature[i - from] = h[at + j]!;
  }
}

/** Four features in one pass over the rows: their sums do not wait for each other. */
function addFour(codes: Uint8Array, n: number, f: number, starts: Int32Array, rows: Int32Array, from: number, size: number, g: Gathered, out: Float64Array): void {
  const { packed, curvature } = g;
  const [s0, s1, s2, s3] = [2 * starts[f]!, 2 * starts[f + 1]!, 2 * starts[f + 2]!, 2 * starts[f + 3]!];
  const [o0, o1, o2, o3] = [f * n, (f + 1) * n, (f + 2) * n, (f + 3) * n];
  for (let i = 0; i < size; i++) {
    const j = rows[from + i]!;
    const p = packed[i]!;
    const h = curvature[i]!;
    const a = s0 + 2 * codes[o0 + j]!;
    out[a]! += p;
    out[a + 1]! += h;
    const b = s1 + 2 * codes[o1 + j]!;
    out[b]! += p;
    out[b + 1]! += h;
    const c = s2 + 2 * codes[o2 + j]!;
    out[c]! += p;
    out[c + 1]! += h;
    const d = s3 + 2 * codes[o3 + j]!;
    out[d]! += p;
    out[d + 1]! += h;
  }
}

function addOne(codes: Uint8Array, n: number, f: number, start: number, rows: Int32Array, from: number, size: number, g: Gathered, out: Float64Array): void {
  const { packed, curvature } = g;
  for (let i = 0; i < size; i++) {
    const a = 2 * (start + codes[f * n + rows[from + i]!]!);
    out[a]! += packed[i]!;
    out[a + 1]! += curvature[i]!;
  }
}

/** @param g what {@link gather} read of the same rows. */
export function fillHistogram(layout: Layout, rows: Int32Array, from: number, to: number, g: Gathered, out: Float64Array): void {
  const { bins, starts } = layout;
  out.fill(0);
  let f = 0;
  for (; f + 3 < bins.features; f += 4) addFour(bins.codes, bins.rows, f, starts, rows, from, to - from, g, out);
  for (; f < bins.features; f++) addOne(bins.codes, bins.rows, f, starts[f]!, rows, from, to - from, g, out);
}

/** The parent becomes its other child. */
export function subtract(parent: Float64Array, child: Float64Array): void {
  for (let i = 0; i < parent.length; i++) parent[i]! -= child[i]!;
}

export interface Found {
  readonly feature: number;
  readonly code: number;
  /** The next code that the node holds. */
  readonly next: number;
  readonly gain: number;
}

export interface SplitRule {
  readonly minLeaf: number;
  readonly l2: number;
}

/** Smallest curvature of a side, as in scikit-learn. */
const LEAST_CURVATURE = 1e-3;

/** Best split of a node from its histogram; `feature` -1 where none gains. */
export function findSplit(layout: Layout, histogram: Float64Array, packing: Packing, total: { readonly packed: number; readonly curvature: number }, rule: SplitRule): Found {
  const { starts, bins } = layout;
  const { row, scale } = packing;
  const { l2 } = rule;
  // Adding and taking off this rounds to whole rows: doubles of its size are `row` apart.
  const rounder = 1.5 * 2 ** 52 * row;
  const unit = 1 / scale / scale;
  const all = rowsIn(packing, total.packed);
  const slope = total.packed - all * row;
  const least = rule.minLeaf * row;
  const most = Math.min(all - rule.minLeaf, all - 1) * row;
  const base = (slope * slope) / (total.curvature + l2);
  let top = base + 1e-12 / unit;
  let best = -1;
  let bestFeature = -1;
  for (let f = 0; f < bins.features; f++) {
    let packed = 0;
    let curvature = 0;
    const end = 2 * starts[f + 1]!;
    for (let at = 2 * starts[f]!; at < end; at += 2) {
      // Empty codes are not skipped: they change nothing, and where they lie cannot be foreseen.
      packed += histogram[at]!;
      curvature += histogram[at + 1]!;
      const rows = packed + rounder - rounder;
      if (rows < least) continue;
      if (rows > most) break;
      const rest = total.curvature - curvature;
      if (curvature < LEAST_CURVATURE || rest < LEAST_CURVATURE) continue;
      const s = packed - rows;
      const a = curvature + l2;
      const b = rest + l2;
      // s² / a + (slope - s)² / b, compared without a division.
      const gained = s * s * b + (slope - s) * (slope - s) * a;
      if (gained <= top * a * b) continue;
      top = gained / (a * b);
      best = at >> 1;
      bestFeature = f;
    }
  }
  if (bestFeature < 0) return { feature: -1, code: 0, next: 0, gain: 0 };
  const code = best - starts[bestFeature]!;
  const next = nextCode(histogram, starts[bestFeature]!, code, bins.counts[bestFeature]!);
  return { feature: bestFeature, code, next, gain: (top - base) * unit };
}

/** The next code after `code` that the node holds. */
function nextCode(histogram: Float64Array, start: number, code: number, codes: number): number {
  let next = code + 1;
  while (next < codes - 1 && histogram[2 * (start + next)] === 0) next++;
  return next;
}
