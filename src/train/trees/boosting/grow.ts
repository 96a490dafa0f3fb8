/** Grows one boosted tree, best split first, from histograms; a child's is its parent's less its sister's. */
import { between } from "../../bins.js";
import type { Tree } from "../grow.js";
import { partByCode, type Part } from "../part.js";
import { fillGroup, gather, GROUP, subtractGroup, type Gathered, type Layout, type Packing, type Total } from "./histogram.js";
import { beginSearch, endSearch, searchGroup, type Found, type Search, type SplitRule } from "./search.js";

export interface BoostRule extends SplitRule {
  readonly depth: number;
  readonly maxLeaves: number;
  readonly rate: number;
}

/** Buffers and functions that live as long as the model is learnt. */
export interface Workshop {
  readonly layout: Layout;
  readonly rule: BoostRule;
  readonly gathered: Gathered;
  readonly part: Part;
  readonly free: Float64Array[];
}

export function workshopOf(layout: Layout, rule: BoostRule): Workshop {
  const n = layout.bins.rows;
  return { layout, rule, gathered: { packed: new Float64Array(n), curvature: new Float64Array(n) }, part: partByCode(layout.bins, new Int32Array(n)), free: [] };
}

/** Slopes of one output: `g` and `h` hold all outputs, this one begins at `at`. */
export interface Slopes {
  readonly g: Float64Array;
  readonly h: Float64Array;
  readonly at: number;
  readonly packed: Float64Array;
  readonly packing: Packing;
}

/** A node and its rows. */
interface Side { readonly node: number; readonly from: number; readonly to: number; readonly depth: number }
/** A node that may be split; one with fewer rows than a feature has codes keeps no histogram: its children's are sooner counted than taken off. */
interface Leaf extends Side { readonly histogram: Float64Array | null; readonly total: Total; readonly split: Found }
interface Nodes { readonly feature: number[]; readonly threshold: number[]; readonly left: number[]; readonly right: number[]; readonly value: number[]; readonly weight: number[] }

const divisible = (w: Workshop, side: Side): boolean => side.depth < w.rule.depth && side.to - side.from >= 2 * w.rule.minLeaf;
const histogramFor = (w: Workshop): Float64Array => w.free.pop() ?? new Float64Array(2 * w.layout.starts[w.layout.bins.features]!);

/** The node with its best split; null where there is none. A histogram that is not kept is given back. */
function leafOf(w: Workshop, side: Side, total: Total, search: Search | null, histogram: Float64Array): Leaf | null {
  const { starts, bins } = w.layout;
  const split = search && endSearch(w.layout, search);
  const keeps = split !== null && (side.to - side.from) * bins.features > starts[bins.features]!;
  if (!keeps) w.free.push(histogram);
  return split && { ...side, total, histogram: keeps ? histogram : null, split };
}

/** A node from its rows alone. */
function countedLeaf(w: Workshop, s: Slopes, rows: Int32Array, side: Side): Leaf | null {
  if (!divisible(w, side)) return null;
  const { from, to } = side;
  const histogram = histogramFor(w);
  const total = gather(rows, from, to, s.packed, s.h, s.at, w.gathered);
  const search = beginSearch(histogram, s.packing, total, w.rule);
  for (let f = 0; f < w.layout.bins.features; f += GROUP) {
    fillGroup(w.layout, f, rows, from, to, w.gathered, histogram);
    searchGroup(w.layout, search, f);
  }
  return leafOf(w, side, total, search, histogram);
}

/**
 * Both children: the small one counted, the large one what that leaves of the parent. Group by group, so that sums are searched
 * and taken off while they are at hand: all histograms of a tree are more than a cache holds.
 */
function pairOfLeaves(w: Workshop, s: Slopes, rows: Int32Array, parent: Leaf, kept: Float64Array, small: Side, large: Side): readonly (Leaf | null)[] {
  const { layout, rule, gathered } = w;
  const { from, to } = small;
  const histogram = histogramFor(w);
  const total = gather(rows, from, to, s.packed, s.h, s.at, gathered);
  const rest = { packed: parent.total.packed - total.packed, curvature: parent.total.curvature - total.curvature };
  const searchLarge = beginSearch(kept, s.packing, rest, rule);
  const searchSmall = divisible(w, small) ? beginSearch(histogram, s.packing, total, rule) : null;
  for (let f = 0; f < layout.bins.features; f += GROUP) {
    fillGroup(layout, f, rows, from, to, gathered, histogram);
    if (searchSmall) searchGroup(layout, searchSmall, f);
    subtractGroup(layout, f, kept, histogram);
    searchGroup(layout, searchLarge, f);
  }
  return [leafOf(w, large, rest, searchLarge, kept), leafOf(w, small, total, searchSmall, histogram)];
}

/** The children that may split further, with their best splits. */
function children(w: Workshop, s: Slopes, rows: Int32Array, parent: Leaf, middle: number, nodes: readonly [number, number]): Leaf[] {
  const depth = parent.depth + 1;
  const sides = [{ node: nodes[0], from: parent.from, to: middle, depth }, { node: nodes[1], from: middle, to: parent.to, depth }] as const;
  const [small, large] = middle - parent.from <= parent.to - middle ? sides : [sides[1], sides[0]];
  const kept = parent.histogram;
  if (kept && divisible(w, large)) return pairOfLeaves(w, s, rows, parent, kept, small, large).filter((leaf) => leaf !== null);
  if (kept) w.free.push(kept);
  return [large, small].map((side) => countedLeaf(w, s, rows, side)).filter((leaf) => leaf !== null);
}

function addNode(t: Nodes, rows: number): number {
  t.feature.push(-1);
  t.threshold.push(0);
  t.left.push(-1);
  t.right.push(-1);
  t.value.push(0);
  return t.weight.push(rows) - 1;
}

/** Newton's step of each leaf, from the true slopes; added to the rows' raw scores. */
function settle(w: Workshop, s: Slopes, rows: Int32Array, t: Nodes, spans: readonly (readonly [number, number])[], raw: Float64Array): void {
  spans.forEach(([from, to], node) => {
    if (t.feature[node]! >= 0) return;
    let [g, h] = [0, 0];
    for (let i = from; i < to; i++) {
      g += s.g[s.at + rows[i]!]!;
      h += s.h[s.at + rows[i]!]!;
    }
    // A leaf without curvature has nothing left to learn.
    const value = h + w.rule.l2 > 1e-300 ? (-w.rule.rate * g) / (h + w.rule.l2) : 0;
    t.value[node] = value;
    for (let i = from; i < to; i++) raw[s.at + rows[i]!]! += value;
  });
}

/** Learns from `rows` (reordered) and moves their raw scores. */
export function growBoosted(w: Workshop, s: Slopes, rows: Int32Array, raw: Float64Array): Tree {
  const t: Nodes = { feature: [], threshold: [], left: [], right: [], value: [], weight: [] };
  const spans: [number, number][] = [[0, rows.length]];
  addNode(t, rows.length);
  const open: Leaf[] = [];
  const root = countedLeaf(w, s, rows, { node: 0, from: 0, to: rows.length, depth: 0 });
  if (root) open.push(root);
  for (let leaves = 1; open.length > 0 && leaves < w.rule.maxLeaves; leaves++) {
    let at = 0;
    for (let i = 1; i < open.length; i++) if (open[i]!.split.gain > open[at]!.split.gain) at = i;
    const [leaf] = open.splice(at, 1);
    if (leaf === undefined) break;
    const { feature, code, next } = leaf.split;
    const threshold = between(w.layout.bins, feature, code, next);
    const middle = w.part(rows, leaf.from, leaf.to, { feature, code, threshold, gain: 0 });
    t.feature[leaf.node] = feature;
    t.threshold[leaf.node] = threshold;
    const pair = [addNode(t, middle - leaf.from), addNode(t, leaf.to - middle)] as const;
    [t.left[leaf.node], t.right[leaf.node]] = pair;
    spans.push([leaf.from, middle], [middle, leaf.to]);
    if (leaves + 1 < w.rule.maxLeaves) open.push(...children(w, s, rows, leaf, middle, pair));
    else if (leaf.histogram) w.free.push(leaf.histogram);
  }
  for (const leaf of open) if (leaf.histogram) w.free.push(leaf.histogram);
  settle(w, s, rows, t, spans, raw);
  return {
    count: t.feature.length, width: 1, feature: Int32Array.from(t.feature), threshold: Float64Array.from(t.threshold), left: Int32Array.from(t.left), right: Int32Array.from(t.right),
    value: Float64Array.from(t.value), weight: Float64Array.from(t.weight), risk: new Float64Array(t.feature.length),
  };
}

