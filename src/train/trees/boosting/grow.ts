/** Grows one boosted tree, best split first, from histograms; a child's is its parent's less its sister's. */
import { between } from "../../bins.js";
import type { Tree } from "../grow.js";
import { partByCode, type Part } from "../part.js";
import { fillHistogram, findSplit, gather, subtract, type Found, type Gathered, type Layout, type Packing, type SplitRule } from "./histogram.js";

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

interface Leaf { readonly node: number; readonly from: number; readonly to: number; readonly depth: number; readonly histogram: Float64Array; readonly split: Found }
interface Nodes { readonly feature: number[]; readonly threshold: number[]; readonly left: number[]; readonly right: number[]; readonly value: number[]; readonly weight: number[] }

/** A histogram of the rows, with the node's best split; null (and the buffer given back) where there is none. */
function consider(w: Workshop, s: Slopes, leaf: Omit<Leaf, "split">): Leaf | null {
  const { layout, rule } = w;
  let [packed, curvature] = [0, 0];
  for (let at = 0; at < 2 * layout.starts[1]!; at += 2) {
    packed += leaf.histogram[at]!;
    curvature += leaf.histogram[at + 1]!;
  }
  const split = findSplit(layout, leaf.histogram, s.packing, { packed, curvature }, rule);
  if (split.feature >= 0) return { ...leaf, split };
  w.free.push(leaf.histogram);
  return null;
}

function histogramOf(w: Workshop, s: Slopes, rows: Int32Array, from: number, to: number): Float64Array {
  const out = w.free.pop() ?? new Float64Array(2 * w.layout.starts[w.layout.bins.features]!);
  gather(rows, from, to, s.packed, s.h, s.at, w.gathered);
  fillHistogram(w.layout, rows, from, to, w.gathered, out);
  return out;
}

/** Histograms of both children; those that may not split further get none. */
function children(w: Workshop, s: Slopes, rows: Int32Array, parent: Leaf, middle: number, nodes: readonly [number, number]): Leaf[] {
  const depth = parent.depth + 1;
  const divisible = (from: number, to: number): boolean => depth < w.rule.depth && to - from >= 2 * w.rule.minLeaf;
  const sides = [{ node: nodes[0], from: parent.from, to: middle, depth }, { node: nodes[1], from: middle, to: parent.to, depth }] as const;
  const [small, large] = middle - parent.from <= parent.to - middle ? sides : [sides[1], sides[0]];
  if (!divisible(large.from, large.to)) {
    w.free.push(parent.histogram);
    return [];
  }
  const histogram = histogramOf(w, s, rows, small.from, small.to);
  subtract(parent.histogram, histogram);
  const found = [consider(w, s, { ...large, histogram: parent.histogram })];
  if (divisible(small.from, small.to)) found.push(consider(w, s, { ...small, histogram }));
  else w.free.push(histogram);
  return found.filter((leaf) => leaf !== null);
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
  const root = addNode(t, rows.length);
  const open: Leaf[] = [];
  if (rows.length >= 2 * w.rule.minLeaf && w.rule.depth > 0) {
    const leaf = consider(w, s, { node: root, from: 0, to: rows.length, depth: 0, histogram: histogramOf(w, s, rows, 0, rows.length) });
    if (leaf) open.push(leaf);
  }
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
    else w.free.push(leaf.histogram);
  }
  for (const leaf of open) w.free.push(leaf.histogram);
  settle(w, s, rows, t, spans, raw);
  return {
    count: t.feature.length, width: 1, feature: Int32Array.from(t.feature), threshold: Float64Array.from(t.threshold), left: Int32Array.from(t.left), right: Int32Array.from(t.right),
    value: Float64Array.from(t.value), weight: Float64Array.from(t.weight), risk: new Float64Array(t.feature.length),
  };
}

