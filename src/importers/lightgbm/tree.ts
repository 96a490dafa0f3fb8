/** One tree of a LightGBM text model, proved to be a tree; source: Tree::ToString and Tree::Tree(const char*) of LightGBM 3 and 4. */
import type { Foreign, ForeignValue, NdArray, NumericArray } from "../../ir/foreign.js";
import { damaged, real, reals, whole, wholes, type Section } from "./lines.js";

export const oneD = (data: NumericArray): NdArray => ({ kind: "ndarray", shape: [data.length], data });

const MAX_LEAVES = 1 << 24;
const MAX_INT = 0x7fffffff;

/** Every inner node and every leaf must be reached exactly once from node 0. */
function checkTree(left: Int32Array, right: Int32Array, leaves: number, where: string): void {
  const nodeSeen = new Uint8Array(leaves - 1);
  const leafSeen = new Uint8Array(leaves);
  const stack = leaves > 1 ? [0] : [];
  if (leaves > 1) nodeSeen[0] = 1;
  let reached = 0;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const child of [left[node] ?? 0, right[node] ?? 0]) {
      const seen = child < 0 ? leafSeen : nodeSeen;
      const at = child < 0 ? ~child : child;
      if (at >= seen.length) damaged(`${where}: node ${node}`, `child ${child} is outside the tree`);
      if (seen[at]) damaged(`${where}: node ${node}`, `child ${child} is reached twice, so this is no tree`);
      seen[at] = 1;
      if (child < 0) reached++;
      else stack.push(child);
    }
  }
  if (leaves > 1 && reached !== leaves) damaged(where, `${reached} of ${leaves} leaves are reached`);
}

/** Bit sets of the categorical splits: node's `threshold` is an index into `cat_boundaries`. */
function categories(s: Section, decision: Int32Array, threshold: Float64Array): [string, ForeignValue][] {
  const n = whole(s, "num_cat", 0, MAX_LEAVES, 0);
  if (decision.some((d, i) => (d & 1) === 1 && !((threshold[i] ?? -1) >= 0 && (threshold[i] ?? -1) < n && Number.isInteger(threshold[i])))) {
    damaged(`${s.where}: decision_type`, "a categorical split without its categories");
  }
  if (n === 0) return [["num_cat", 0]];
  const bounds = wholes(s, "cat_boundaries", n + 1, 0, MAX_LEAVES);
  if (bounds[0] !== 0 || bounds.some((b, i) => i > 0 && b < (bounds[i - 1] ?? 0))) damaged(`${s.where}: cat_boundaries`, "the boundaries do not rise from 0");
  const bits = reals(s, "cat_threshold", bounds[n] ?? 0);
  if (bits.some((b) => !Number.isInteger(b) || b < 0 || b > 0xffffffff)) damaged(`${s.where}: cat_threshold`, "a bit set is no 32-bit number");
  return [["num_cat", n], ["cat_boundaries", oneD(bounds)], ["cat_threshold", oneD(Uint32Array.from(bits))]];
}

/** The linear models at the leaves (`linear_tree=true`): constants, and per leaf its features and coefficients, end to end. */
function linear(s: Section, leaves: number, features: number): [string, ForeignValue][] {
  if (whole(s, "is_linear", 0, 1, 0) === 0) return [["is_linear", false]];
  const counts = wholes(s, "num_features", leaves, 0, features);
  const total = counts.reduce((a, b) => a + b, 0);
  return [
    ["is_linear", true], ["leaf_const", oneD(reals(s, "leaf_const", leaves))], ["num_features", oneD(counts)],
    ["leaf_features", oneD(wholes(s, "leaf_features", total, 0, features - 1))], ["leaf_coeff", oneD(reals(s, "leaf_coeff", total))],
  ];
}

/**
 * `lightgbm.Tree`: `num_leaves`, `split_feature`, `left_child`, `right_child`, `decision_type` (Int32), `threshold`, `leaf_value`
 * (Float64), `num_cat` with `cat_boundaries` and `cat_threshold`, `is_linear` with its lists, `shrinkage` (already applied).
 */
export function readTree(s: Section, features: number): Foreign {
  const leaves = whole(s, "num_leaves", 1, MAX_LEAVES);
  const nodes = leaves - 1;
  const value = reals(s, "leaf_value", leaves);
  const left = wholes(s, "left_child", nodes, -leaves, nodes - 1);
  const right = wholes(s, "right_child", nodes, -leaves, nodes - 1);
  checkTree(left, right, leaves, s.where);
  const threshold = reals(s, "threshold", nodes);
  const decision = wholes(s, "decision_type", nodes, 0, 15);
  const shrinkage = real(s.values.get("shrinkage") ?? "1", `${s.where}: shrinkage`);
  const fields = new Map<string, ForeignValue>([
    ["num_leaves", leaves], ["split_feature", oneD(wholes(s, "split_feature", nodes, 0, Math.min(features - 1, MAX_INT)))],
    ["threshold", oneD(threshold)], ["decision_type", oneD(decision)], ["left_child", oneD(left)], ["right_child", oneD(right)],
    ["leaf_value", oneD(value)], ["shrinkage", shrinkage],
    ...categories(s, decision, threshold), ...linear(s, leaves, features),
  ]);
  return { kind: "foreign", type: "lightgbm.Tree", where: s.where, fields };
}
