/** Grows one tree: keeps the frontier, asks a splitter for the best split of a node, parts its rows. Source: Breiman et al., Classification and Regression Trees (1984). */
import { range, type Random } from "../random.js";

/** A grown tree; node n is a leaf when `feature[n] < 0`, children come after their parent. */
export interface Tree {
  readonly count: number;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** (count, width): weight of each class, or the mean. */
  readonly value: Float64Array;
  readonly width: number;
  /** Weight of the training rows in the node. */
  readonly weight: Float64Array;
  /** Impurity times weight: what pruning trades against leaves. */
  readonly risk: Float64Array;
}

export interface Split {
  feature: number;
  threshold: number;
  /** Last code that goes left, where the splitter counts codes. */
  code: number;
  /** Loss of risk. */
  gain: number;
}

/** Knows the target: one node is entered, then searched feature by feature. Buffers are shared by all trees of a model. */
export interface Splitter {
  readonly width: number;
  readonly weight: number;
  readonly risk: number;
  /** The best split since `enter`; its `feature` is -1 while there is none. */
  readonly best: Split;
  /** Reads the rows of a node; false where they are all alike or too few to part. */
  enter(rows: Int32Array, from: number, to: number): boolean;
  /** Tries a feature; true where no other one can do better than the best so far. */
  search(feature: number, random: Random): boolean;
  /** Brings the rows that go left to the front; gives the first that goes right. Settles the threshold where codes were compared. */
  part(rows: Int32Array, from: number, to: number, split: Split): number;
  writeValue(out: Float64Array, at: number): void;
}

export interface GrowOptions {
  /** Levels of splits. */
  readonly depth: number;
  /** Leaves at most; 0: as many as there are, grown depth first, else best first. */
  readonly maxLeaves: number;
  /** Features tried at a node, in random order; constant ones count, but the search goes on until one split is found. */
  readonly maxFeatures: number;
  readonly features: number;
  readonly random: Random;
}

interface Open { readonly node: number; readonly from: number; readonly to: number; readonly depth: number; readonly split: Split }

/** Where trees grow, one after the other, before they are cut out. */
export interface Store { count: number; readonly feature: Int32Array; readonly threshold: Float64Array; readonly left: Int32Array; readonly right: Int32Array; readonly value: Float64Array; readonly weight: Float64Array; readonly risk: Float64Array }

/** @param rows most rows of a tree. */
export function makeStore(rows: number, width: number, options: Pick<GrowOptions, "depth" | "maxLeaves">): Store {
  const leaves = options.maxLeaves > 0 ? Math.min(options.maxLeaves, rows) : rows;
  const capacity = 2 * (options.depth < 30 ? Math.min(leaves, 2 ** options.depth) : leaves) - 1;
  return {
    count: 0, feature: new Int32Array(capacity), threshold: new Float64Array(capacity), left: new Int32Array(capacity),
    right: new Int32Array(capacity), value: new Float64Array(capacity * width), weight: new Float64Array(capacity), risk: new Float64Array(capacity),
  };
}

const finish = (s: Store, width: number): Tree => ({
  count: s.count, width, feature: s.feature.slice(0, s.count), threshold: s.threshold.slice(0, s.count), left: s.left.slice(0, s.count), right: s.right.slice(0, s.count),
  value: s.value.slice(0, s.count * width), weight: s.weight.slice(0, s.count), risk: s.risk.slice(0, s.count),
});

/** Tries features in random order, as scikit-learn's splitters do: equal splits are decided by the seed. */
function searchNode(splitter: Splitter, order: Int32Array, options: GrowOptions): void {
  const n = options.features;
  for (let k = 0; k < n && (k < options.maxFeatures || splitter.best.feature < 0); k++) {
    const at = k + options.random.below(n - k);
    const f = order[at]!;
    order[at] = order[k]!;
    order[k] = f;
    if (splitter.search(f, options.random)) return;
  }
}

/** Position in the frontier of the node to part next. */
function nextOf(open: readonly Open[], bestFirst: boolean): number {
  let at = open.length - 1;
  if (bestFirst) for (let i = at - 1; i >= 0; i--) if (open[i]!.split.gain >= open[at]!.split.gain) at = i;
  return at;
}

/** @param rows indices of the rows to learn from; reordered. */
export function growTree(splitter: Splitter, rows: Int32Array, options: GrowOptions, s: Store): Tree {
  const leaves = options.maxLeaves > 0 ? options.maxLeaves : rows.length;
  s.count = 0;
  const order = range(options.features);
  const open: Open[] = [];
  const visit = (from: number, to: number, depth: number): number => {
    const node = s.count++;
    const divisible = splitter.enter(rows, from, to);
    splitter.writeValue(s.value, node * splitter.width);
    s.feature[node] = s.left[node] = s.right[node] = -1;
    s.threshold[node] = 0;
    s.weight[node] = splitter.weight;
    s.risk[node] = splitter.risk;
    if (!divisible || depth >= options.depth) return node;
    searchNode(splitter, order, options);
    const b = splitter.best;
    if (b.feature >= 0) open.push({ node, from, to, depth, split: { feature: b.feature, threshold: b.threshold, code: b.code, gain: b.gain } });
    return node;
  };
  visit(0, rows.length, 0);
  for (let used = 1; open.length > 0 && used < leaves; used++) {
    const at = nextOf(open, options.maxLeaves > 0);
    const o = open[at]!;
    open[at] = open[open.length - 1]!;
    open.pop();
    const middle = splitter.part(rows, o.from, o.to, o.split);
    s.feature[o.node] = o.split.feature;
    s.threshold[o.node] = o.split.threshold;
    s.left[o.node] = visit(o.from, middle, o.depth + 1);
    s.right[o.node] = visit(middle, o.to, o.depth + 1);
  }
  return finish(s, splitter.width);
}
