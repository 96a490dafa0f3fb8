/** Minimal cost-complexity pruning: the weakest link is cut while it costs less than `alpha` a leaf. Source: Breiman et al. (1984), chapter 3, as scikit-learn's ccp_alpha. */
import type { Tree } from "./grow.js";

/** The same tree with the nodes that `cut` marks made leaves; nodes below them are left out. */
function compact(t: Tree, cut: Uint8Array): Tree {
  const keep: number[] = [0];
  const index = new Int32Array(t.count).fill(-1);
  index[0] = 0;
  for (let at = 0; at < keep.length; at++) {
    const n = keep[at]!;
    if (t.feature[n]! < 0 || cut[n]) continue;
    for (const child of [t.left[n]!, t.right[n]!]) {
      index[child] = keep.length;
      keep.push(child);
    }
  }
  const leaf = (n: number): boolean => t.feature[n]! < 0 || cut[n] === 1;
  return {
    count: keep.length, width: t.width,
    feature: Int32Array.from(keep, (n) => (leaf(n) ? -1 : t.feature[n]!)), threshold: Float64Array.from(keep, (n) => (leaf(n) ? 0 : t.threshold[n]!)),
    left: Int32Array.from(keep, (n) => (leaf(n) ? -1 : index[t.left[n]!]!)), right: Int32Array.from(keep, (n) => (leaf(n) ? -1 : index[t.right[n]!]!)),
    value: Float64Array.from(keep.flatMap((n) => [...t.value.subarray(n * t.width, (n + 1) * t.width)])),
    weight: Float64Array.from(keep, (n) => t.weight[n]!), risk: Float64Array.from(keep, (n) => t.risk[n]!),
  };
}

/** @param alpha impurity (as a part of all rows' weight) that a leaf must save. */
export function prune(t: Tree, alpha: number): Tree {
  if (alpha <= 0) return t;
  const cut = new Uint8Array(t.count);
  const leaves = new Int32Array(t.count);
  const risk = new Float64Array(t.count);
  const total = t.weight[0] ?? 1;
  for (;;) {
    let [weakest, least] = [-1, Infinity];
    // Children come after their parent, so going backwards meets them first.
    for (let n = t.count - 1; n >= 0; n--) {
      if (t.feature[n]! < 0 || cut[n]) {
        leaves[n] = 1;
        risk[n] = t.risk[n]!;
        continue;
      }
      const [l, r] = [t.left[n]!, t.right[n]!];
      leaves[n] = leaves[l]! + leaves[r]!;
      risk[n] = risk[l]! + risk[r]!;
    }
    const live = liveNodes(t, cut);
    for (const n of live) {
      const price = (t.risk[n]! - risk[n]!) / (leaves[n]! - 1) / total;
      if (price < least) [weakest, least] = [n, price];
    }
    if (weakest < 0 || least > alpha) return compact(t, cut);
    cut[weakest] = 1;
  }
}

/** Nodes that still split. */
function liveNodes(t: Tree, cut: Uint8Array): number[] {
  const live: number[] = [];
  const stack = [0];
  for (let n = stack.pop(); n !== undefined; n = stack.pop()) {
    if (t.feature[n]! < 0 || cut[n]) continue;
    live.push(n);
    stack.push(t.right[n]!, t.left[n]!);
  }
  return live;
}
