/** The learners `tree`, `forest` and `extra-trees`: one grower, three ways to choose rows and thresholds. Sources: Breiman (2001); Geurts, Ernst, Wehenkel (2006). */
import { fail } from "../../ir/diagnostics.js";
import type { Graph, Task } from "../../ir/types.js";
import { binColumns, columnsOf } from "../bins.js";
import type { Hyper, Learner, LearnOptions, HyperValues, TrainingSet } from "../learner.js";
import { bootstrap, makeRandom, range, type Random } from "../random.js";
import { checkData, readHyper, type HyperReader } from "../check.js";
import type { Purity } from "./class-node.js";
import { exactClassSplitter } from "./class-splits.js";
import { classGraph, numberGraph } from "./ensemble.js";
import { growTree, makeStore, type Splitter, type Tree } from "./grow.js";
import { evenCodes } from "./even.js";
import { exactNumberSplitter } from "./number-splits.js";
import { prune } from "./prune.js";
import { randomClassSplitter, randomNumberSplitter } from "./random-splits.js";

/** What the three learners differ in. */
interface Kind {
  readonly name: string;
  readonly title: string;
  readonly randomThresholds: boolean;
  readonly hyper: Readonly<Record<string, Hyper>>;
}

interface Plan {
  readonly trees: number;
  readonly depth: number;
  readonly minLeaf: number;
  readonly maxLeaves: number;
  readonly maxFeatures: number;
  readonly purity: Purity;
  readonly alpha: number;
  readonly bootstrap: boolean;
}

/** 0 stands for no limit; deeper trees than this cannot be read back by the compiler. */
export const depthOf = (h: HyperReader): number => {
  const d = h.whole("depth", 0, 400);
  return d === 0 ? 400 : d;
};

/** Features tried at a node: a word, a count, or a part below 1. */
function featuresOf(h: HyperReader, has: boolean, features: number, task: Task): number {
  const v = has ? h.word("maxFeatures", ["auto", "sqrt", "all"], [1e-6, 32767]) : "all";
  if (v === "all" || (v === "auto" && task === "regression")) return features;
  if (typeof v === "string") return Math.max(1, Math.floor(Math.sqrt(features)));
  return Math.min(features, v < 1 ? Math.max(1, Math.floor(v * features)) : Math.floor(v));
}

function planOf(kind: Kind, values: HyperValues, features: number, task: Task): Plan {
  const h = readHyper(kind.name, kind.hyper, values);
  const has = (key: string): boolean => Object.hasOwn(kind.hyper, key);
  return {
    trees: has("trees") ? h.whole("trees", 1, 10_000) : 1, depth: depthOf(h), minLeaf: h.whole("minLeaf", 1, 1e9), maxLeaves: h.whole("maxLeaves", 0, 1e6),
    maxFeatures: featuresOf(h, has("maxFeatures"), features, task), purity: h.word("criterion", ["gini", "entropy"]) === "entropy" ? "entropy" : "gini",
    alpha: has("prune") ? h.number("prune", 0, 1e12) : 0, bootstrap: has("bootstrap") && h.word("bootstrap", ["yes", "no"]) === "yes",
  };
}

function splitterFor(kind: Kind, plan: Plan, data: TrainingSet, task: Task, weights: Int32Array): Splitter {
  const [rows, features] = [data.rows, data.features.length];
  const columns = columnsOf(data.x, rows, features);
  const y = data.y ?? new Float64Array(0);
  if (task === "classification") {
    if (data.classes.length > 256) fail("train/too-many-classes", "training data", `${data.classes.length} classes`, "Supported: 256 classes; a column of numbers is a target for regression.");
    const target = { classes: data.classes.length, y: Uint8Array.from(y), weights, purity: plan.purity, minLeaf: plan.minLeaf };
    return kind.randomThresholds ? randomClassSplitter(target, evenCodes(columns, rows, features)) : exactClassSplitter(target, binColumns(columns, rows, features), columns);
  }
  const target = { y, weights, minLeaf: plan.minLeaf };
  return kind.randomThresholds ? randomNumberSplitter(target, evenCodes(columns, rows, features)) : exactNumberSplitter(target, binColumns(columns, rows, features), columns);
}

/** Rows of one tree; their weights are written into `weights`. */
function drawRows(plan: Plan, weights: Int32Array, random: Random): Int32Array {
  if (!plan.bootstrap) return range(weights.length);
  weights.set(bootstrap(weights.length, random));
  const rows = new Int32Array(weights.length);
  let n = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i]! > 0) rows[n++] = i;
  return rows.subarray(0, n);
}

function learn(kind: Kind, data: TrainingSet, task: Task, values: HyperValues, options: LearnOptions): Graph {
  checkData(data, task);
  const features = data.features.length;
  const plan = planOf(kind, values, features, task);
  const weights = new Int32Array(data.rows).fill(1);
  const seeds = makeRandom(options.seed);
  const splitter = splitterFor(kind, plan, data, task, weights);
  const store = makeStore(data.rows, splitter.width, plan);
  const trees: Tree[] = [];
  for (let t = 0; t < plan.trees; t++) {
    options.signal?.throwIfAborted();
    const random = seeds.stream(t);
    const rows = drawRows(plan, weights, random);
    const grown = growTree(splitter, rows, { depth: plan.depth, maxLeaves: plan.maxLeaves, maxFeatures: plan.maxFeatures, features, random }, store);
    trees.push(prune(grown, plan.alpha));
    options.onProgress?.((t + 1) / plan.trees);
  }
  return task === "classification" ? classGraph(kind.name, data, trees) : numberGraph(kind.name, data, trees);
}

const depth = (value: number, values: readonly number[]): Hyper => ({ default: value, doc: "levels of splits; 0: no limit", values });
const minLeaf: Hyper = { default: 1, doc: "training rows that each leaf must keep", values: [1, 2, 5, 10] };
const maxLeaves: Hyper = { default: 0, doc: "leaves of a tree, the best splits first; 0: no limit", values: [0, 8, 16, 32, 64] };
const criterion: Hyper = { default: "gini", doc: "what a split makes smaller in classification: gini or entropy (regression: squared error)", values: ["gini", "entropy"] };
const trees: Hyper = { default: 16, doc: "number of trees", values: [3, 5, 8, 12, 16, 24, 32] };
const maxFeatures: Hyper = { default: "auto", doc: "features tried at a split: sqrt, all, a count, or a part below 1; auto: sqrt for classes, all for numbers", values: ["auto", "all"] };
const resample = (value: "yes" | "no"): Hyper => ({ default: value, doc: "each tree learns from rows drawn with replacement", values: [value] });

const kinds: readonly Kind[] = [
  {
    name: "tree", title: "Decision tree (CART)", randomThresholds: false,
    hyper: { depth: depth(8, [2, 3, 4, 5, 6, 8, 10, 12]), minLeaf, maxLeaves, criterion, prune: { default: 0, doc: "cost-complexity pruning: impurity that a leaf must save (scikit-learn's ccp_alpha)", values: [0, 0.001, 0.003, 0.01] } },
  },
  {
    name: "forest", title: "Random forest", randomThresholds: false,
    hyper: { trees, depth: depth(8, [3, 4, 5, 6, 8, 10]), minLeaf, maxLeaves, maxFeatures, criterion, bootstrap: resample("yes") },
  },
  {
    name: "extra-trees", title: "Extremely randomised trees", randomThresholds: true,
    hyper: { trees, depth: depth(8, [4, 5, 6, 8, 10, 12]), minLeaf, maxLeaves, maxFeatures, criterion, bootstrap: resample("no") },
  },
];

export const forests: readonly Learner[] = kinds.map((kind) => ({
  name: kind.name, title: kind.title, tasks: ["classification", "regression"], hyper: kind.hyper,
  learn: (data, task, hyper, options) => learn(kind, data, task, hyper, options),
}));
