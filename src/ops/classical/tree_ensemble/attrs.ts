/** A tree ensemble as plain arrays: nodes of all trees in one table, leaves pointing into one table of value rows. */
import { fail } from "../../../ir/diagnostics.js";

/**
 * `y[k] = (base[k] + sum over trees of the leaf's values) / divide`.
 * Node n is a leaf when `feature[n] < 0`; then `left[n]` is its row of `values`. Else `x[feature] <= threshold` goes left.
 */
export type TreeAttrs = {
  readonly features: number;
  readonly outputs: number;
  /** Inputs are rounded to float32 before they are compared (scikit-learn, XGBoost); LightGBM compares doubles. */
  readonly inputF32: boolean;
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Values in a row: all outputs (forests), or one, added to output `target[tree]` (boosting, regression). */
  readonly width: number;
  readonly target: Int32Array;
  readonly values: Float64Array;
  readonly base: Float64Array;
  readonly divide: number;
};

const MAX_DEPTH = 400;

const bad = (what: string): never =>
  fail("tree/malformed", "tree ensemble", what, "Each tree must be a finite tree of finite thresholds over the model's features; the file is damaged.");

/** Refuses cycles, shared nodes, foreign features, NaN thresholds: every later pass may then walk trees freely. */
export function checkTrees(a: TreeAttrs): void {
  const nodes = a.feature.length;
  if (a.threshold.length !== nodes || a.left.length !== nodes || a.right.length !== nodes) bad("its node arrays differ in length");
  if (!(a.divide > 0 && Number.isFinite(a.divide))) bad(`the sums are divided by ${a.divide}`);
  if (!(a.outputs >= 1 && a.outputs <= 255) || a.base.length !== a.outputs || (a.width !== 1 && a.width !== a.outputs)) bad(`${a.outputs} outputs, ${a.base.length} start values, ${a.width} values in a leaf`);
  if (a.target.length !== a.roots.length || a.target.some((k) => k < 0 || k >= a.outputs)) bad("a tree adds to an output that is not there");
  const seen = new Uint8Array(nodes);
  for (const root of a.roots) {
    const stack: [number, number][] = [[root, 0]];
    for (let top = stack.pop(); top; top = stack.pop()) {
      const [n, depth] = top;
      if (n < 0 || n >= seen.length || seen[n]) bad(`node ${n} is missing, shared or part of a cycle`);
      if (depth > MAX_DEPTH) bad(`a tree is deeper than ${MAX_DEPTH} levels`);
      seen[n] = 1;
      const f = a.feature[n] ?? -1;
      if (f < 0) {
        if (!((a.left[n] ?? -1) >= 0 && ((a.left[n] ?? 0) + 1) * a.width <= a.values.length)) bad(`leaf ${n} has no value`);
        continue;
      }
      if (f >= a.features) bad(`node ${n} tests feature ${f} of ${a.features}`);
      if (!Number.isFinite(a.threshold[n])) bad(`node ${n} has the threshold ${a.threshold[n]}`);
      stack.push([a.left[n] ?? -1, depth + 1], [a.right[n] ?? -1, depth + 1]);
    }
  }
  if (a.values.some((v) => !Number.isFinite(v)) || a.base.some((v) => !Number.isFinite(v))) bad("a leaf value is not finite");
}

/** Row of `values` that tree `root` gives for x. */
export function leafOf(a: TreeAttrs, root: number, x: ArrayLike<number>): number {
  let n = root;
  for (let f = a.feature[n] ?? -1; f >= 0; f = a.feature[n] ?? -1) {
    const v = a.inputF32 ? Math.fround(x[f] ?? 0) : (x[f] ?? 0);
    n = (v <= (a.threshold[n] ?? 0) ? a.left[n] : a.right[n]) ?? 0;
  }
  return a.left[n] ?? 0;
}

export function evaluate(a: TreeAttrs, x: ArrayLike<number>): Float64Array {
  const y = Float64Array.from(a.base);
  a.roots.forEach((root, t) => {
    const row = leafOf(a, root, x) * a.width;
    if (a.width === 1) y[a.target[t] ?? 0]! += a.values[row] ?? 0;
    else for (let k = 0; k < a.width; k++) y[k]! += a.values[row + k] ?? 0;
  });
  return y.map((v) => v / a.divide);
}

/** Only the label of one tree is wanted: each leaf becomes the index of its largest value. */
export function labelTree(a: TreeAttrs): TreeAttrs | null {
  if (a.roots.length !== 1 || a.width < 2) return null;
  const rows = a.values.length / a.width;
  const values = Float64Array.from({ length: rows }, (_, r) => {
    let best = 0;
    for (let k = 1; k < a.width; k++) if ((a.values[r * a.width + k] ?? 0) > (a.values[r * a.width + best] ?? 0)) best = k;
    return best;
  });
  return { ...a, outputs: 1, width: 1, target: new Int32Array(1), values, base: new Float64Array(1), divide: 1 };
}
