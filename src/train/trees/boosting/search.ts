/** The best split of a node from its histogram, feature by feature as the sums become known. */
import { GROUP, rowsIn, type Layout, type Packing, type Total } from "./histogram.js";

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

/** What all features of a node are searched with, and the best so far. */
export interface Search {
  readonly histogram: Float64Array;
  /** Adding and taking off this rounds to whole rows: doubles of its size are `row` apart. */
  readonly rounder: number;
  /** Packed rows that a side needs at least, and may have at most. */
  readonly least: number;
  readonly most: number;
  readonly l2: number;
  /** Curvature of both sides, each with `l2`. */
  readonly both: number;
  /** Slope of the node by `both`. */
  readonly mean: number;
  /** What the node is worth undivided, as `top` counts. */
  readonly base: number;
  /** From what `top` counts to a loss. */
  readonly unit: number;
  top: number;
  feature: number;
  /** Last code of the left side, in the histogram. */
  at: number;
}

export function beginSearch(histogram: Float64Array, packing: Packing, total: Total, rule: SplitRule): Search {
  const { row, scale } = packing;
  const { minLeaf, l2 } = rule;
  const all = rowsIn(packing, total.packed);
  const slope = total.packed - all * row;
  const both = total.curvature + 2 * l2;
  const base = (slope * slope) / (total.curvature + l2) / both - (slope * slope) / both / both;
  const unit = both / scale / scale;
  return {
    histogram, rounder: 1.5 * 2 ** 52 * row, least: minLeaf * row, most: Math.min(all - minLeaf, all - 1) * row, l2, both, mean: slope / both,
    base, unit, top: base + 1e-12 / unit, feature: -1, at: -1,
  };
}

/**
 * s² / a + (slope - s)² / b is slope² / (a + b) + (a + b) v² / (a b) with v = s - a slope / (a + b):
 * v² / (a b) is what has to grow, and it is compared without a division.
 */
function searchFeature(search: Search, feature: number, from: number, end: number): void {
  const { histogram, rounder, least, most, l2, both, mean } = search;
  const lowest = l2 + LEAST_CURVATURE;
  const highest = both - lowest;
  let { top } = search;
  let best = -1;
  let packed = 0;
  let a = l2;
  // Empty codes are not skipped: they change nothing, and where they lie cannot be foreseen.
  for (let at = from; at < end; at += 2) {
    packed += histogram[at]!;
    a += histogram[at + 1]!;
    const rows = packed + rounder - rounder;
    if (rows > most) break;
    const v = packed - rows - a * mean;
    const square = v * v;
    const product = a * (both - a);
    // What rarely holds is asked first.
    if (!(square > top * product) || rows < least || a < lowest || a > highest) continue;
    top = square / product;
    best = at;
  }
  if (best < 0) return;
  search.top = top;
  search.feature = feature;
  search.at = best >> 1;
}

/** Searches the features from `f` on, at most a group of them. */
export function searchGroup(layout: Layout, search: Search, f: number): void {
  const { starts, bins } = layout;
  const end = Math.min(bins.features, f + GROUP);
  for (let k = f; k < end; k++) searchFeature(search, k, 2 * starts[k]!, 2 * starts[k + 1]!);
}

/** What was found; null where nothing gains. */
export function endSearch(layout: Layout, search: Search): Found | null {
  const { feature, histogram } = search;
  if (feature < 0) return null;
  const start = layout.starts[feature]!;
  const code = search.at - start;
  return { feature, code, next: nextCode(histogram, start, code, layout.bins.counts[feature]!), gain: (search.top - search.base) * search.unit };
}

/** The next code after `code` that the node holds. */
function nextCode(histogram: Float64Array, start: number, code: number, codes: number): number {
  let next = code + 1;
  while (next < codes - 1 && histogram[2 * (start + next)] === 0) next++;
  return next;
}
