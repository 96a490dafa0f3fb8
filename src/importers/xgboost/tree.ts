/** One regression tree of XGBoost, proved to be a tree; source: doc/model.schema and src/tree/tree_model.cc of XGBoost. */
import type { Foreign, ForeignValue, NdArray, NumericArray } from "../../ir/foreign.js";
import { count, damaged, dig, numbers, object, type Doc } from "./document.js";

export const oneD = (data: NumericArray): NdArray => ({ kind: "ndarray", shape: [data.length], data });

interface Columns {
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  readonly feature: ArrayLike<number>;
  readonly condition: ArrayLike<number>;
  readonly defaultLeft: ArrayLike<number>;
  readonly splitType: ArrayLike<number>;
  readonly nodes: number;
}

const MAX_NODES = 1 << 24;

function readColumns(tree: ReadonlyMap<string, Doc>, where: string): Columns {
  const left = numbers(tree.get("left_children"), `${where}: left_children`);
  const nodes = left.length;
  if (nodes < 1 || nodes > MAX_NODES) damaged(where, `a tree of ${nodes} nodes`);
  const column = (name: string, fallback?: readonly number[]): ArrayLike<number> => {
    const c = numbers(tree.get(name), `${where}: ${name}`, fallback);
    return c.length === nodes ? c : damaged(`${where}: ${name}`, `${c.length} entries for ${nodes} nodes`);
  };
  const announced = count(dig(tree.get("tree_param"), "num_nodes"), `${where}: num_nodes`, 0, MAX_NODES, nodes);
  if (announced !== nodes) damaged(`${where}: num_nodes`, `${announced} nodes are announced, ${nodes} are there`);
  return {
    left, right: column("right_children"), feature: column("split_indices"), condition: column("split_conditions"),
    defaultLeft: column("default_left"), splitType: column("split_type", Array.from({ length: nodes }, () => 0)), nodes,
  };
}

/** The nodes that the root leads to, in the order met; refuses cycles, shared children and children outside the tree. */
function walk(c: Columns, where: string): readonly number[] {
  const seen = new Uint8Array(c.nodes);
  const order = [0];
  seen[0] = 1;
  for (let i = 0; i < order.length; i++) {
    const node = order[i] ?? 0;
    const [left, right] = [c.left[node], c.right[node]];
    if (left === -1 && right === -1) continue;
    for (const child of [left, right]) {
      if (child === undefined || !Number.isInteger(child) || child < 0 || child >= c.nodes) return damaged(`${where}: node ${node}`, `child ${child} is outside the tree`);
      if (seen[child]) damaged(`${where}: node ${node}`, `child ${child} is reached twice, so this is no tree`);
      seen[child] = 1;
      order.push(child);
    }
  }
  return order;
}

/** Category lists per node, `node -> categories that go right`, as XGBoost keeps them in four flat lists. */
function readCategories(tree: ReadonlyMap<string, Doc>, nodes: number, where: string): ReadonlyMap<ForeignValue, ForeignValue> {
  const list = (name: string): ArrayLike<number> => numbers(tree.get(name), `${where}: ${name}`, []);
  const [values, at, starts, sizes] = [list("categories"), list("categories_nodes"), list("categories_segments"), list("categories_sizes")];
  const out = new Map<ForeignValue, ForeignValue>();
  let total = 0;
  for (let i = 0; i < at.length; i++) {
    const [node, start, size] = [at[i] ?? -1, starts[i] ?? -1, sizes[i] ?? -1];
    total += size;
    if (!(node >= 0 && node < nodes) || start < 0 || size < 0 || start + size > values.length || total > values.length || out.has(node)) {
      damaged(`${where}: categories`, "the lists of categories do not fit together");
    }
    out.set(node, oneD(Float64Array.from({ length: size }, (_, k) => values[start + k] ?? 0)));
  }
  return out;
}

/**
 * `xgboost.Tree`: `left`, `right` (Int32, -1 at a leaf), `feature` (Int32), `threshold` and `leaf_value` (Float32, 0 where they do
 * not apply), `default_left` and `split_type` (Uint8; 1 = categorical), `categories` (Map node -> categories that go right).
 * Nodes that nothing leads to (pruned ones) are turned into leaves of value 0.
 */
export function readTree(d: Doc, where: string, features: number): Foreign {
  const tree = object(d, where);
  if (count(dig(tree, "tree_param", "size_leaf_vector"), `${where}: size_leaf_vector`, 0, 1e6, 0) > 1) {
    damaged(where, 'a tree with a vector at each leaf (multi_strategy="multi_output_tree") is not supported');
  }
  const c = readColumns(tree, where);
  const [left, right] = [new Int32Array(c.nodes).fill(-1), new Int32Array(c.nodes).fill(-1)];
  const [feature, threshold, leaf] = [new Int32Array(c.nodes), new Float32Array(c.nodes), new Float32Array(c.nodes)];
  const [defaultLeft, splitType] = [new Uint8Array(c.nodes), new Uint8Array(c.nodes)];
  for (const node of walk(c, where)) {
    const at = `${where}: node ${node}`;
    const value = Math.fround(c.condition[node] ?? Number.NaN);
    if (!Number.isFinite(value)) damaged(at, `its threshold or value is ${value}`);
    if (c.left[node] === -1) {
      leaf[node] = value;
      continue;
    }
    const [f, kind, toLeft] = [c.feature[node] ?? -1, c.splitType[node] ?? 0, c.defaultLeft[node] ?? 0];
    if (!Number.isInteger(f) || f < 0 || f >= features) damaged(at, `feature ${f} of ${features}`);
    if (kind !== 0 && kind !== 1) damaged(at, `split type ${kind}`);
    if (toLeft !== 0 && toLeft !== 1) damaged(at, `default_left is ${toLeft}`);
    left[node] = c.left[node] ?? -1;
    right[node] = c.right[node] ?? -1;
    feature[node] = f;
    threshold[node] = value;
    defaultLeft[node] = toLeft;
    splitType[node] = kind;
  }
  const fields = new Map<string, ForeignValue>([
    ["left", oneD(left)], ["right", oneD(right)], ["feature", oneD(feature)], ["threshold", oneD(threshold)], ["leaf_value", oneD(leaf)],
    ["default_left", oneD(defaultLeft)], ["split_type", oneD(splitType)], ["categories", readCategories(tree, c.nodes, where)],
  ]);
  return { kind: "foreign", type: "xgboost.Tree", where, fields };
}
