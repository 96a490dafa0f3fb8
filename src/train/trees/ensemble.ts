/** Grown trees as the attributes of the operator `tree_ensemble`, and the graph around it. */
import { fail } from "../../ir/diagnostics.js";
import type { Graph, Task } from "../../ir/types.js";
import { makeGraph, type GraphMaker, type Value } from "../graph.js";
import type { TrainingSet } from "../learner.js";
import type { Tree } from "./grow.js";

/** Writes the values of leaf `node` of tree `tree` into `out` at `at`. */
export type LeafWriter = (tree: Tree, node: number, out: Float64Array, at: number) => void;

export interface EnsembleShape {
  readonly features: number;
  readonly outputs: number;
  /** Values of a leaf: all outputs, or one that goes to the tree's target. */
  readonly width: number;
  readonly target?: Int32Array;
  readonly base?: Float64Array;
  readonly divide: number;
}

/** Rows of values, equal ones stored once: open addressing over their bits. */
class ValueRows {
  values: Float64Array;
  count = 0;
  private slots = new Int32Array(1024).fill(-1);
  private readonly probe: Float64Array;
  private readonly bits: Uint32Array;

  constructor(readonly width: number) {
    this.values = new Float64Array(64 * width);
    this.probe = new Float64Array(width);
    this.bits = new Uint32Array(this.probe.buffer);
  }

  private hash(): number {
    let h = 0x811c9dc5;
    for (let i = 0; i < this.bits.length; i++) h = Math.imul(h ^ this.bits[i]!, 0x01000193) ^ (h >>> 13);
    return h >>> 0;
  }

  private equals(row: number): boolean {
    for (let k = 0; k < this.width; k++) if (this.values[row * this.width + k] !== this.probe[k]) return false;
    return true;
  }

  /** Row with the values that `write` gives. */
  add(write: (out: Float64Array) => void): number {
    // First, since it needs the probe.
    if (2 * this.count >= this.slots.length) this.grow();
    write(this.probe);
    // Minus zero is stored as zero, its equal.
    for (let k = 0; k < this.width; k++) this.probe[k]! += 0;
    const mask = this.slots.length - 1;
    let at = this.hash() & mask;
    for (; this.slots[at]! >= 0; at = (at + 1) & mask) if (this.equals(this.slots[at]!)) return this.slots[at]!;
    if ((this.count + 1) * this.width > this.values.length) {
      const more = new Float64Array(2 * this.values.length);
      more.set(this.values);
      this.values = more;
    }
    this.values.set(this.probe, this.count * this.width);
    this.slots[at] = this.count;
    return this.count++;
  }

  private grow(): void {
    this.slots = new Int32Array(2 * this.slots.length).fill(-1);
    const mask = this.slots.length - 1;
    for (let row = 0; row < this.count; row++) {
      this.probe.set(this.values.subarray(row * this.width, (row + 1) * this.width));
      let at = this.hash() & mask;
      while (this.slots[at]! >= 0) at = (at + 1) & mask;
      this.slots[at] = row;
    }
  }
}

/** Splits of all trees together that a model may have, as in the importers. */
const MAX_NODES = 4_000_000;

export function ensembleAttrs(trees: readonly Tree[], shape: EnsembleShape, write: LeafWriter) {
  const count = trees.reduce((sum, t) => sum + t.count, 0);
  if (count > MAX_NODES) fail("train/too-large", "tree ensemble", `${count} nodes`, `Supported: ${MAX_NODES} nodes; train fewer or shallower trees.`);
  const [feature, left, right] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  const threshold = new Float64Array(count);
  const roots = new Int32Array(trees.length);
  const rows = new ValueRows(shape.width);
  let first = 0;
  trees.forEach((t, k) => {
    roots[k] = first;
    for (let n = 0; n < t.count; n++) {
      const leaf = t.feature[n]! < 0;
      feature[first + n] = t.feature[n]!;
      threshold[first + n] = leaf ? 0 : t.threshold[n]!;
      left[first + n] = leaf ? rows.add((out) => write(t, n, out, 0)) : first + t.left[n]!;
      right[first + n] = leaf ? -1 : first + t.right[n]!;
    }
    first += t.count;
  });
  return {
    features: shape.features, outputs: shape.outputs, inputF32: true, divide: shape.divide, roots, feature, threshold, left, right, width: shape.width,
    target: shape.target ?? new Int32Array(trees.length), values: rows.values.slice(0, rows.count * shape.width), base: shape.base ?? new Float64Array(shape.outputs),
  };
}

const start = (learner: string, data: TrainingSet, task: Task, labels: readonly (string | number)[]): GraphMaker =>
  makeGraph({ learner, task, labels, featureNames: data.features });

/** Soft votes: the mean of the trees' class shares. */
export function classGraph(learner: string, data: TrainingSet, trees: readonly Tree[]): Graph {
  const classes = data.classes.length;
  const g = start(learner, data, "classification", data.classes);
  // Two classes need one sum only, the share of class 1 less that of class 0; a lone tree keeps both, so that its label form is a plain class index.
  const single = classes === 2 && trees.length > 1;
  const write: LeafWriter = single
    ? (t, n, out, at) => { out[at] = (t.value[2 * n + 1]! - t.value[2 * n]!) / t.weight[n]!; }
    : (t, n, out, at) => { for (let c = 0; c < classes; c++) out[at + c] = t.value[n * classes + c]! / t.weight[n]!; };
  const outputs = single ? 1 : classes;
  const y = g.add("tree_ensemble", ensembleAttrs(trees, { features: data.features.length, outputs, width: outputs, divide: trees.length }, write), [g.x]);
  g.output("label", single ? g.add("threshold", { at: 0 }, [y]) : g.add("argmax", { smallest: false }, [y]));
  g.output("scores", single ? g.add("link", { kind: "shares_pair" }, [y]) : y);
  return g.finish();
}

const writeValue: LeafWriter = (t, n, out, at) => { out[at] = t.value[n]!; };

/** The mean of the trees' values. */
export function numberGraph(learner: string, data: TrainingSet, trees: readonly Tree[]): Graph {
  const g = start(learner, data, "regression", []);
  g.output("scores", g.add("tree_ensemble", ensembleAttrs(trees, { features: data.features.length, outputs: 1, width: 1, divide: trees.length }, writeValue), [g.x]));
  return g.finish();
}

/** Sums of boosted trees; tree t belongs to output t mod `base.length`. */
export function boostedGraph(learner: string, data: TrainingSet, task: Task, trees: readonly Tree[], base: Float64Array): Graph {
  const outputs = base.length;
  const g = start(learner, data, task, task === "classification" ? data.classes : []);
  const target = Int32Array.from(trees, (_, t) => t % outputs);
  const y: Value = g.add("tree_ensemble", ensembleAttrs(trees, { features: data.features.length, outputs, width: 1, target, base, divide: 1 }, writeValue), [g.x]);
  if (task === "regression") {
    g.output("scores", y);
    return g.finish();
  }
  g.output("label", outputs === 1 ? g.add("threshold", { at: 0 }, [y]) : g.add("argmax", { smallest: false }, [y]));
  g.output("scores", g.add("link", outputs === 1 ? { kind: "logistic_pair", gain: 1 } : { kind: "softmax" }, [y]));
  return g.finish();
}

/** Mean depths: label -1 where the sum lies at or below `at`, and scikit-learn's decision function as the score. */
export function isolationGraph(learner: string, data: TrainingSet, trees: readonly Tree[], divide: number, at: number, shift: number): Graph {
  const g = start(learner, data, "anomaly", [-1, 1]);
  const y = g.add("tree_ensemble", ensembleAttrs(trees, { features: data.features.length, outputs: 1, width: 1, divide }, writeValue), [g.x]);
  g.output("label", g.add("threshold", { at }, [y]));
  g.output("scores", g.add("link", { kind: "isolation", shift }, [y]));
  return g.finish();
}
