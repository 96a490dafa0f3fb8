/** The learner `boosting`: histogram gradient boosting. Sources: Friedman (2001); Ke et al., LightGBM (2017); scikit-learn's HistGradientBoosting. */
import type { Task } from "../../../ir/types.js";
import { binColumns, columnsOf, MAX_BINS } from "../../bins.js";
import type { Learner, LearnOptions, HyperValues, TrainingSet } from "../../learner.js";
import { makeRandom, range, shuffle } from "../../random.js";
import { checkData, readHyper } from "../../check.js";
import { boostedGraph } from "../ensemble.js";
import type { Tree } from "../grow.js";
import { growBoosted, workshopOf } from "./grow.js";
import { layoutOf, packingFor, type Packing } from "./histogram.js";
import { lossOf, type Loss } from "./loss.js";

const hyper = {
  rounds: { default: 20, doc: "rounds; each adds one tree, or one for each of more than two classes", values: [5, 10, 20, 40, 80] },
  depth: { default: 3, doc: "levels of splits; 0: no limit", values: [2, 3, 4, 5] },
  maxLeaves: { default: 31, doc: "leaves of a tree, the best splits first", values: [4, 8, 16, 31] },
  minLeaf: { default: 5, doc: "training rows that each leaf must keep", values: [1, 5, 10, 20] },
  rate: { default: 0.3, doc: "part of each tree's step that is taken", values: [0.1, 0.2, 0.3, 0.5] },
  l2: { default: 0, doc: "added to the curvature of a leaf: larger values make smaller steps", values: [0, 1, 5] },
  bins: { default: 256, doc: "codes of a feature at most", values: [256] },
  patience: { default: 0, doc: "stops when this many rounds brought a tenth of the rows, held out, no smaller loss; 0: off", values: [0] },
} as const;

interface Rows { readonly train: Int32Array; readonly held: Int32Array }

/** One row in ten is held out where training may stop early. */
function parted(rows: number, patience: number, seed: number): Rows {
  if (patience === 0) return { train: range(rows), held: new Int32Array(0) };
  const order = shuffle(range(rows), makeRandom(seed));
  const held = Math.max(1, Math.floor(rows / 10));
  return { train: order.slice(held).sort(), held: order.slice(0, held) };
}

/** Rows that were held out move by the value of their leaf. */
function moveHeld(tree: Tree, columns: Float32Array, total: number, held: Int32Array, raw: Float64Array, at: number): void {
  for (const i of held) {
    let n = 0;
    while (tree.feature[n]! >= 0) n = columns[tree.feature[n]! * total + i]! <= tree.threshold[n]! ? tree.left[n]! : tree.right[n]!;
    raw[at + i]! += tree.value[n]!;
  }
}

function pack(g: Float64Array, at: number, packed: Float64Array): Packing {
  const rows = packed.length;
  let peak = 0;
  for (let i = at; i < at + rows; i++) peak = Math.max(peak, Math.abs(g[i]!));
  const packing = packingFor(rows, peak);
  for (let i = 0; i < rows; i++) packed[i] = Math.floor(g[at + i]! * packing.scale + 0.5) + packing.row;
  return packing;
}

/** Tells when the held-out loss has not fallen for `patience` rounds. */
function makeWatch(loss: Loss, held: Int32Array, patience: number): (raw: Float64Array) => boolean {
  let [least, waited] = [Infinity, 0];
  return (raw) => {
    if (patience === 0) return false;
    const now = loss.mean(raw, held);
    waited = now < least - 1e-7 ? 0 : waited + 1;
    least = Math.min(least, now);
    return waited >= patience;
  };
}

export interface Boosted {
  readonly trees: readonly Tree[];
  /** Sums before the first tree; tree t belongs to output t mod `base.length`. */
  readonly base: Float64Array;
  /** (outputs, rows): sums of the training rows after the last tree. */
  readonly raw: Float64Array;
}

export function boost(data: TrainingSet, task: Task, values: HyperValues, options: LearnOptions): Boosted {
  checkData(data, task);
  const h = readHyper("boosting", hyper, values);
  const [rounds, patience, depth] = [h.whole("rounds", 1, 10_000), h.whole("patience", 0, 10_000), h.whole("depth", 0, 400)];
  const rule = { depth: depth === 0 ? 400 : depth, maxLeaves: h.whole("maxLeaves", 2, 1e6), minLeaf: h.whole("minLeaf", 1, 1e9), rate: h.number("rate", 1e-6, 1), l2: h.number("l2", 0, 1e9) };
  const n = data.rows;
  const columns = columnsOf(data.x, n, data.features.length);
  const { train, held } = parted(n, patience, options.seed);
  const loss = lossOf(data, task, train);
  const shop = workshopOf(layoutOf(binColumns(columns, n, data.features.length, h.whole("bins", 2, MAX_BINS))), rule);
  const [raw, slope, curvature] = [new Float64Array(n * loss.outputs), new Float64Array(n * loss.outputs), new Float64Array(n * loss.outputs).fill(1)];
  for (let k = 0; k < loss.outputs; k++) raw.fill(loss.base[k]!, k * n, (k + 1) * n);
  const stop = makeWatch(loss, held, patience);
  const trees: Tree[] = [];
  const packed = new Float64Array(n);
  const rows = new Int32Array(train.length);
  for (let round = 0; round < rounds; round++) {
    options.signal?.throwIfAborted();
    loss.slopes(raw, slope, curvature);
    for (let k = 0; k < loss.outputs; k++) {
      rows.set(train);
      const tree = growBoosted(shop, { g: slope, h: curvature, at: k * n, packed, packing: pack(slope, k * n, packed) }, rows, raw);
      moveHeld(tree, columns, n, held, raw, k * n);
      trees.push(tree);
    }
    options.onProgress?.((round + 1) / rounds);
    if (stop(raw)) break;
  }
  return { trees, base: loss.base, raw };
}

export const boosting: Learner = {
  name: "boosting", title: "Histogram gradient boosting", tasks: ["classification", "regression"], hyper,
  learn: (data, task, values, options) => {
    const { trees, base } = boost(data, task, values, options);
    return boostedGraph("boosting", data, task, trees, base);
  },
};
