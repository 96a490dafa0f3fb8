/** Graphs written by hand: the shapes no fixture has. */
import type { AnyNode, Attrs, Graph, Task } from "../../src/ir/types.js";
import { random } from "./random.js";

interface Layer { readonly op: string; readonly attrs: Attrs; readonly outputs: number; readonly role?: "label" | "scores" }

/** One operator after the other; a `label` layer reads what the layer before it gives, and passes that on. */
export function chain(features: number, layers: readonly Layer[], about: Partial<Pick<Graph, "name" | "labels" | "featureNames" | "source">> & { readonly task?: Task } = {}): Graph {
  const tensors = [{ name: "input", dtype: "f64" as const, shape: [features] }];
  const nodes: AnyNode[] = [];
  const outputs: { role: "label" | "scores"; tensor: number }[] = [];
  let last = 0;
  for (const [i, l] of layers.entries()) {
    const t = tensors.push({ name: `t${i}`, dtype: "f64", shape: [l.outputs] }) - 1;
    nodes.push({ name: `${l.op}_${i}`, op: l.op, attrs: l.attrs, inputs: [last], outputs: [t] });
    if (l.role) outputs.push({ role: l.role, tensor: t });
    if (l.role !== "label") last = t;
  }
  if (!outputs.some((o) => o.role === "scores")) outputs.push({ role: "scores", tensor: last });
  return {
    name: "hand_made", task: "classification", labels: [], featureNames: Array.from({ length: features }, (_, i) => `f${i}`), tensors, nodes, input: 0,
    outputs, source: "hand-made", notes: [], ...about,
  };
}

export const linear = (rows: number, cols: number, seed = 1): Layer => {
  const r = random(seed);
  return { op: "linear", outputs: rows, attrs: { rows, cols, w: Float64Array.from({ length: rows * cols }, () => r.normal()), b: Float64Array.from({ length: rows }, () => r.normal()) } };
};

export const argmax: Layer = { op: "argmax", outputs: 1, attrs: { smallest: false }, role: "label" };

export interface TreeShape {
  readonly features: number;
  /** Number of values in a leaf; 1 is one score. */
  readonly width: number;
  readonly trees: number;
  /** Splits from root to the deepest leaf. */
  readonly depth: number;
  /** `left`, `right`: a chain of splits; `full`: all splits of all levels. */
  readonly form: "left" | "right" | "full";
  readonly seed?: number;
  /** Values other than zero in a leaf. */
  readonly filled?: number;
  /** Range of the values in leaves of several classes; 0.05 to 1 unless told. */
  readonly smallest?: number;
  readonly largest?: number;
}

interface Growing { feature: number[]; threshold: number[]; left: number[]; right: number[]; values: number[] }

/** Trees of any size and shape with random splits over -1..1. */
export function treeLayer(s: TreeShape): Layer {
  const r = random(s.seed ?? 3);
  const g: Growing = { feature: [], threshold: [], left: [], right: [], values: [] };
  const leaf = (): number => {
    const row = Array.from({ length: s.width }, () => 0);
    for (let i = 0; i < (s.filled ?? 1); i++) row[r.below(s.width)] = s.width === 1 ? r.between(-2, 2) : r.between(s.smallest ?? 0.05, s.largest ?? 1);
    const at = g.feature.push(-1) - 1;
    g.threshold.push(0);
    g.left.push(g.values.length / s.width);
    g.right.push(-1);
    g.values.push(...row);
    return at;
  };
  const grow = (depth: number, lo: number, hi: number): number => {
    if (depth === 0) return leaf();
    const at = g.feature.push(s.form === "full" ? r.below(s.features) : 0) - 1;
    const t = s.form === "full" ? r.between(-1, 1) : s.form === "left" ? hi - (hi - lo) / (depth + 1) : lo + (hi - lo) / (depth + 1);
    g.threshold.push(t);
    g.left.push(-1);
    g.right.push(-1);
    g.left[at] = s.form === "right" ? leaf() : grow(depth - 1, lo, t);
    g.right[at] = s.form === "left" ? leaf() : grow(depth - 1, t, hi);
    return at;
  };
  const roots = Int32Array.from({ length: s.trees }, () => grow(s.depth, -1, 1));
  const attrs = {
    features: s.features, outputs: s.width, inputF32: true, roots, feature: Int32Array.from(g.feature), threshold: Float64Array.from(g.threshold),
    left: Int32Array.from(g.left), right: Int32Array.from(g.right), width: s.width, target: new Int32Array(s.trees), values: Float64Array.from(g.values),
    base: new Float64Array(s.width), divide: s.trees,
  };
  return { op: "tree_ensemble", outputs: s.width, attrs };
}

export const rowsFor = (features: number, n: number, seed = 9, lo = -1, hi = 1): Float64Array[] => {
  const r = random(seed);
  return Array.from({ length: n }, () => Float64Array.from({ length: features }, () => Math.fround(r.between(lo, hi))));
};

export const named = (n: number, prefix = "class_"): string[] => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
