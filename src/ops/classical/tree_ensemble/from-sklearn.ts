/** scikit-learn's trees, forests, boosting and isolation forest as one table of nodes. */
import { fail } from "../../../ir/diagnostics.js";
import {
  arrayField, checkCount, foreignField, hasField, isForeign, isNdArray, isRecordArray, labelsField, listField, numberField, shortType, stringField,
  type Foreign, type ForeignValue, type RecordArray,
} from "../../../ir/foreign.js";
import type { Builder, Lowering, Value } from "../../../ir/op.js";
import { TreeTable } from "./table.js";

/** The node arrays of a fitted `sklearn.tree._tree.Tree`. */
interface Nodes {
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  readonly feature: ArrayLike<number>;
  readonly threshold: ArrayLike<number>;
  readonly samples: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly count: number;
  /** Values of a node: classes, or 1. */
  readonly width: number;
  readonly features: number;
}

function column(f: Foreign, r: RecordArray, name: string): ArrayLike<number> {
  return r.columns.get(name)?.data ?? fail("sklearn/bad-tree", f.where, `the node table has no column "${name}"`, "Supported: trees of scikit-learn 1.1 and newer.");
}

function readTree(estimator: Foreign): Nodes {
  const tree = foreignField(estimator, "tree_");
  const nodes = tree.fields.get("nodes");
  if (!isRecordArray(nodes)) return fail("sklearn/bad-tree", tree.where, "no node table", "Fit the tree before saving it.");
  const values = arrayField(tree, "values", 3);
  const [count = 0, outputs = 1, width = 1] = values.shape;
  if (outputs !== 1) fail("sklearn/multi-output", estimator.where, `${outputs} outputs`, "Supported: models with one target; train one model per target.");
  if (count !== nodes.shape[0] || count === 0) fail("sklearn/bad-tree", tree.where, "nodes and values differ in length", "The file is damaged; save the model again.");
  const features = checkCount(estimator, "n_features_in_", numberField(estimator, "n_features_in_"), 32767);
  const c = (name: string): ArrayLike<number> => column(tree, nodes, name);
  return { left: c("left_child"), right: c("right_child"), feature: c("feature"), threshold: c("threshold"), samples: c("n_node_samples"), values: values.data, count, width, features };
}

/** A leaf's class probabilities; old versions store weighted counts, which must be divided by their sum. */
function probabilities(n: Nodes, node: number): number[] {
  const row = Array.from({ length: n.width }, (_, k) => n.values[node * n.width + k] ?? 0);
  const sum = row.reduce((a, b) => a + b, 0);
  return Math.abs(sum - 1) < 1e-9 || sum === 0 ? row : row.map((v) => v / sum);
}

function addNodes(t: TreeTable, n: Nodes, target: number, leaf: (node: number, depth: number) => readonly number[], featureMap?: ArrayLike<number>): void {
  t.addTree(target, n.count, (node) => {
    const left = n.left[node] ?? -1;
    if (left < 0) return null;
    const f = n.feature[node] ?? -1;
    return { feature: featureMap ? (featureMap[f] ?? -1) : f, threshold: n.threshold[node] ?? NaN, left, right: n.right[node] ?? -1 };
  }, leaf);
}

const estimatorsOf = (f: Foreign): readonly Foreign[] => {
  const list = listField(f, "estimators_").map((e) => (isForeign(e) ? e : fail("sklearn/bad-field", f.where, "estimators_ holds something that is no estimator", "The file is damaged; save the model again.")));
  return list.length > 0 ? list : fail("sklearn/not-fitted", f.where, "no estimators", "Fit the model before saving it.");
};

/** `gain`: the softmax that makes probabilities of weighted votes; without it the sums are the probabilities. */
function finishClassifier(b: Builder, t: TreeTable, labels: readonly (string | number)[], gain?: number): Value {
  b.setTask("classification");
  b.setLabels(labels);
  const y = b.add("tree_ensemble", t.attrs(), [b.x]);
  if (t.outputs > 1) {
    b.output("label", b.add("argmax", { smallest: false }, [y]));
    b.output("scores", gain === undefined ? y : b.add("link", { kind: "softmax", gain }, [y]));
    return y;
  }
  b.output("label", b.add("threshold", { at: 0 }, [y]));
  b.output("scores", b.add("link", { kind: "shares_pair" }, [y]));
  return y;
}

/** Two classes need one sum only: the share of class 1 less the share of class 0. */
const shares = (p: readonly number[]): readonly number[] => (p.length === 2 ? [(p[1] ?? 0) - (p[0] ?? 0)] : p);

function forestOf(f: Foreign, trees: readonly Nodes[], labels: readonly (string | number)[], features: number, maps?: readonly ArrayLike<number>[]): TreeTable {
  const t = new TreeTable(features, labels.length === 2 ? 1 : labels.length, { vector: labels.length > 2, inputF32: true, divide: trees.length });
  trees.forEach((n, i) => {
    if (n.width !== labels.length) fail("sklearn/bad-tree", f.where, `a tree of ${n.width} classes in a model of ${labels.length}`, "The file is damaged; save the model again.");
    addNodes(t, n, 0, (node) => shares(probabilities(n, node)), maps?.[i]);
  });
  return t;
}

function classLabels(f: Foreign): readonly (string | number)[] {
  if (Array.isArray(f.fields.get("classes_"))) fail("sklearn/multi-output", f.where, "several targets", "Supported: models with one target; train one model per target.");
  return labelsField(f, "classes_");
}

const singleClassifier: Lowering = (f, b) => {
  const labels = classLabels(f);
  const n = readTree(f);
  if (labels.length !== 2) return finishClassifier(b, forestOf(f, [n], labels, n.features), labels);
  // A lone tree of two classes keeps both columns, so that its label form is a plain class index.
  const t = new TreeTable(n.features, 2, { vector: true, inputF32: true, divide: 1 });
  addNodes(t, n, 0, (node) => probabilities(n, node));
  return finishClassifier(b, t, labels);
};

const forestClassifier: Lowering = (f, b) => {
  const trees = estimatorsOf(f).map(readTree);
  const labels = classLabels(f);
  return finishClassifier(b, forestOf(f, trees, labels, trees[0]?.features ?? 0), labels);
};

function featureSubsets(f: Foreign): readonly ArrayLike<number>[] | undefined {
  if (!hasField(f, "estimators_features_")) return undefined;
  return listField(f, "estimators_features_").map((v: ForeignValue) => (isNdArray(v) ? v.data : Array.isArray(v) ? (v as number[]) : []));
}

const baggingClassifier: Lowering = (f, b) => {
  const list = estimatorsOf(f);
  for (const e of list) if (!hasField(e, "tree_")) fail("sklearn/unsupported-estimator", e.where, `bagging of ${shortType(e)}`, "Supported: bagging of decision trees.");
  const labels = classLabels(f);
  return finishClassifier(b, forestOf(f, list.map(readTree), labels, numberField(f, "n_features_in_"), featureSubsets(f)), labels);
};

/** Probabilities of SAMME are a softmax of the weighted votes; until scikit-learn 1.3 the losing classes got no vote at all, then -1/(K-1). */
function sammeGain(f: Foreign, classes: number): number {
  const version = f.fields.get("_sklearn_version");
  const old = typeof version === "string" && /^(0\.|1\.[0-2]\b)/.test(version);
  return old ? 1 / (classes - 1) : classes / (classes - 1) ** 2;
}

/** SAMME: each tree votes for one class with its weight. */
const adaBoost: Lowering = (f, b) => {
  const list = estimatorsOf(f);
  const labels = classLabels(f);
  const weights = arrayField(f, "estimator_weights_", 1).data;
  if (stringField(f, "algorithm", "SAMME") === "SAMME.R") fail("sklearn/unsupported-estimator", f.where, "AdaBoost with algorithm SAMME.R", "Supported: algorithm=\"SAMME\" (the only one since scikit-learn 1.6).");
  let total = 0;
  for (let i = 0; i < list.length; i++) total += weights[i] ?? 0;
  const t = new TreeTable(numberField(f, "n_features_in_"), labels.length, { vector: true, inputF32: true, divide: total > 0 ? total : 1 });
  list.forEach((e, i) => {
    const n = readTree(e);
    addNodes(t, n, 0, (node) => {
      const p = probabilities(n, node);
      const best = p.indexOf(Math.max(...p));
      return p.map((_, k) => (k === best ? (weights[i] ?? 0) : 0));
    });
  });
  return finishClassifier(b, t, labels, sammeGain(f, labels.length));
};

const regressor: Lowering = (f, b) => {
  const trees = (hasField(f, "tree_") ? [f] : estimatorsOf(f)).map(readTree);
  const t = new TreeTable(numberField(f, "n_features_in_"), 1, { vector: false, inputF32: true, divide: trees.length });
  const maps = featureSubsets(f);
  trees.forEach((n, i) => addNodes(t, n, 0, (node) => [n.values[node] ?? 0], maps?.[i]));
  const y = b.add("tree_ensemble", t.attrs(), [b.x]);
  b.setTask("regression");
  b.output("scores", y);
  return y;
};

/** Raw prediction every boosting round adds to: the log odds of the priors, or the constant of a regressor. */
function initial(f: Foreign, classes: number): number[] {
  const init = f.fields.get("init_");
  if (!isForeign(init)) return Array.from({ length: classes === 2 || classes === 0 ? 1 : classes }, () => 0);
  if (hasField(init, "constant_")) return [arrayField(init, "constant_").data[0] ?? 0];
  if (shortType(init) !== "DummyClassifier") fail("sklearn/unsupported-estimator", init.where, `gradient boosting that starts from ${shortType(init)}`, "Supported: init=None or init=\"zero\".");
  const p = [...arrayField(init, "class_prior_", 1).data].map((v) => Math.min(1 - 1.2e-7, Math.max(1.2e-7, v)));
  if (classes !== 2) return p.map(Math.log);
  const odds = Math.log((p[1] ?? 0.5) / (p[0] ?? 0.5));
  return [f.fields.get("loss") === "exponential" ? odds / 2 : odds];
}

/** `estimators_` is (rounds, outputs) regression trees, each worth `learning_rate`. */
function boostedTable(f: Foreign, outputs: number, base: number[]): TreeTable {
  const rate = numberField(f, "learning_rate");
  const t = new TreeTable(numberField(f, "n_features_in_"), outputs, { vector: false, inputF32: true, divide: 1, base });
  estimatorsOf(f).forEach((e, i) => {
    const n = readTree(e);
    addNodes(t, n, i % outputs, (node) => [(n.values[node] ?? 0) * rate]);
  });
  return t;
}

function boostedDecision(b: Builder, t: TreeTable, labels: readonly (string | number)[], gain: number): Value {
  const y = b.add("tree_ensemble", t.attrs(), [b.x]);
  b.setTask("classification");
  b.setLabels(labels);
  b.output("label", t.outputs === 1 ? b.add("threshold", { at: 0 }, [y]) : b.add("argmax", { smallest: false }, [y]));
  b.output("scores", b.add("link", t.outputs === 1 ? { kind: "logistic_pair", gain } : { kind: "softmax" }, [y]));
  return y;
}

const gradientBoosting: Lowering = (f, b) => {
  const labels = classLabels(f);
  const outputs = labels.length === 2 ? 1 : labels.length;
  return boostedDecision(b, boostedTable(f, outputs, initial(f, labels.length)), labels, f.fields.get("loss") === "exponential" ? 2 : 1);
};

const gradientBoostingRegressor: Lowering = (f, b) => {
  const y = b.add("tree_ensemble", boostedTable(f, 1, initial(f, 0)).attrs(), [b.x]);
  b.setTask("regression");
  b.output("scores", y);
  return y;
};

/** HistGradientBoosting: `_predictors` is a list of rounds, each a list of one TreePredictor per output. */
function histogramTable(f: Foreign, outputs: number): TreeTable {
  const raw = f.fields.get("_baseline_prediction");
  const base = isNdArray(raw) ? [...raw.data] : [typeof raw === "number" ? raw : 0];
  const t = new TreeTable(numberField(f, "n_features_in_", numberField(f, "_n_features", 0)), outputs, { vector: false, inputF32: false, divide: 1, base });
  for (const round of listField(f, "_predictors")) {
    if (!Array.isArray(round) || round.length !== outputs) fail("sklearn/bad-tree", f.where, `a boosting round that has not ${outputs} trees`, "The file is damaged; save the model again.");
    (round as readonly ForeignValue[]).forEach((p, k) => {
      const nodes = isForeign(p) ? p.fields.get("nodes") : undefined;
      if (!isRecordArray(nodes)) fail("sklearn/bad-tree", f.where, "a tree without a node table", "Supported: scikit-learn 1.1 and newer.");
      const c = (name: string): ArrayLike<number> => column(f, nodes, name);
      const [leaf, left, right, feature, value, threshold] = [c("is_leaf"), c("left"), c("right"), c("feature_idx"), c("value"), c(nodes.columns.has("num_threshold") ? "num_threshold" : "threshold")];
      if (nodes.columns.get("is_categorical")?.data.some((v) => v !== 0) === true) fail("sklearn/categorical", f.where, "categorical splits", "Supported: numerical features; encode categories as numbers before training.");
      t.addTree(k, nodes.shape[0] ?? 0, (n) => (leaf[n] ? null : { feature: feature[n] ?? -1, threshold: threshold[n] ?? NaN, left: left[n] ?? -1, right: right[n] ?? -1 }), (n) => [value[n] ?? 0]);
    });
  }
  return t;
}

const histogramClassifier: Lowering = (f, b) => {
  const labels = classLabels(f);
  return boostedDecision(b, histogramTable(f, labels.length === 2 ? 1 : labels.length), labels, 1);
};

const histogramRegressor: Lowering = (f, b) => {
  const y = b.add("tree_ensemble", histogramTable(f, 1).attrs(), [b.x]);
  b.setTask("regression");
  const positive = ["poisson", "gamma"].includes(stringField(f, "loss", "squared_error"));
  b.output("scores", positive ? b.add("link", { kind: "exp" }, [y]) : y);
  return y;
};

/** Mean path length of an unsuccessful search among n samples (Liu, Ting, Zhou 2008). */
const averagePath = (n: number): number => (n <= 1 ? 0 : n === 2 ? 1 : 2 * (Math.log(n - 1) + 0.5772156649015329) - (2 * (n - 1)) / n);

const isolationForest: Lowering = (f, b) => {
  const list = estimatorsOf(f).map(readTree);
  const maps = featureSubsets(f);
  const samples = numberField(f, "max_samples_", hasField(f, "_max_samples") ? numberField(f, "_max_samples") : 0);
  const offset = numberField(f, "offset_");
  const t = new TreeTable(numberField(f, "n_features_in_"), 1, { vector: false, inputF32: true, divide: list.length * averagePath(samples) });
  list.forEach((n, i) => addNodes(t, n, 0, (node, depth) => [depth + averagePath(n.samples[node] ?? 1)], maps?.[i]));
  const y = b.add("tree_ensemble", t.attrs(), [b.x]);
  b.setTask("anomaly");
  b.setLabels([-1, 1]);
  // decision = -2^-y - offset is negative (an anomaly) exactly where y < -log2(-offset).
  b.output("label", b.add("threshold", { at: -Math.log2(-offset) - 1e-12 }, [y]));
  b.output("scores", b.add("link", { kind: "isolation", shift: offset }, [y]));
  return y;
};

export const sklearn: Readonly<Record<string, Lowering>> = {
  DecisionTreeClassifier: singleClassifier, ExtraTreeClassifier: singleClassifier, RandomForestClassifier: forestClassifier, ExtraTreesClassifier: forestClassifier,
  DecisionTreeRegressor: regressor, ExtraTreeRegressor: regressor, RandomForestRegressor: regressor, ExtraTreesRegressor: regressor,
  BaggingClassifier: baggingClassifier, BaggingRegressor: regressor, AdaBoostClassifier: adaBoost,
  GradientBoostingClassifier: gradientBoosting, GradientBoostingRegressor: gradientBoostingRegressor,
  HistGradientBoostingClassifier: histogramClassifier, HistGradientBoostingRegressor: histogramRegressor, IsolationForest: isolationForest,
};
