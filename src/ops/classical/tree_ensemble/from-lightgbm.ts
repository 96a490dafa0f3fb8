/** LightGBM's boosted trees and random forests as one table of nodes. Source: GBDT::PredictRaw, Tree::Decision and the objectives of LightGBM 4. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayField, boolField, checkCount, hasField, isForeign, listField, numberField, stringField, type Foreign } from "../../../ir/foreign.js";
import type { Builder, Lowering, Value } from "../../../ir/op.js";
import { finishClassifier, finishRegressor, type Link } from "./boosting.js";
import { addPreorder } from "./preorder.js";
import { TreeTable } from "./table.js";

const regressions = ["regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg"];
const positive = ["poisson", "gamma", "tweedie"];
const CURE = `Supported objectives: binary, multiclass, multiclassova, cross_entropy, ${[...regressions, ...positive].join(", ")}.`;

/** `decision_type`: bit 0 categorical, bit 1 missing goes left, bits 2 and 3 what counts as missing (0 nothing, 1 zero, 2 NaN). */
const CATEGORICAL = 1, DEFAULT_LEFT = 2, ZERO_MISSING = 1, NAN_MISSING = 2;

interface Ending { readonly classifier: boolean; readonly link: Link }

function endingOf(f: Foreign): Ending {
  const objective = stringField(f, "objective");
  const params = f.fields.get("objective_params");
  const param = (name: string) => (params instanceof Map ? params.get(name) : undefined);
  const sigmoid = param("sigmoid");
  const gain = typeof sigmoid === "number" && sigmoid > 0 ? sigmoid : 1;
  if (param("sqrt") === true) fail("lightgbm/objective", f.where, "reg_sqrt=true", "Supported: regression of the target itself; train with reg_sqrt=false.");
  if (objective === "binary") return { classifier: true, link: { kind: "logistic_pair", gain } };
  if (objective === "multiclass") return { classifier: true, link: { kind: "softmax" } };
  if (objective === "multiclassova") return { classifier: true, link: { kind: "logistic", gain } };
  if (objective === "cross_entropy") return { classifier: false, link: { kind: "logistic" } };
  if (positive.includes(objective)) return { classifier: false, link: { kind: "exp" } };
  if (regressions.includes(objective)) return { classifier: false, link: null };
  return fail("lightgbm/objective", f.where, objective === "" ? "a model without an objective (a custom loss)" : `objective "${objective}"`, CURE);
}

const column = (f: Foreign, name: string, n: number): ArrayLike<number> => {
  const { data } = arrayField(f, name, 1);
  return data.length === n ? data : fail("lightgbm/bad-tree", f.where, `${name} has ${data.length} entries, ${n} were expected`, "The file is damaged; save the model again.");
};

/** Adds one tree; true where it was trained with missing values. Node v >= 0 is a split, v < 0 is leaf ~v. */
function addTree(t: TreeTable, f: Foreign, target: number): boolean {
  if (boolField(f, "is_linear", false)) fail("lightgbm/linear-tree", f.where, "a linear model at each leaf", "Supported: constant leaves; train with linear_tree=false.");
  const value = arrayField(f, "leaf_value", 1).data;
  const splits = value.length - 1;
  const [left, right, feature] = [column(f, "left_child", splits), column(f, "right_child", splits), column(f, "split_feature", splits)];
  const [threshold, decision] = [column(f, "threshold", splits), column(f, "decision_type", splits)];
  let missing = false;
  addPreorder(t, target, splits > 0 ? 0 : -1, splits + value.length, (v) => {
    if (v < 0) return null;
    const d = decision[v] ?? 0;
    const at = threshold[v] ?? NaN;
    if (d & CATEGORICAL) fail("lightgbm/categorical", f.where, `split ${v} is by category`, "Supported: numerical splits; encode categories as numbers before training.");
    if (d >> 2 === ZERO_MISSING && (d & DEFAULT_LEFT) !== (at >= 0 ? DEFAULT_LEFT : 0)) {
      fail("lightgbm/zero-as-missing", f.where, `split ${v} sends zeros to the other side than its threshold does`, "Supported: models trained with zero_as_missing=false.");
    }
    missing ||= d >> 2 === NAN_MISSING;
    return { feature: feature[v] ?? -1, threshold: at, left: left[v] ?? 0, right: right[v] ?? 0 };
  }, (v) => [value[~v] ?? 0]);
  return missing;
}

/** Rounds that predict: with early stopping the wrappers of LightGBM stop after the best one (`best_iteration` counts from 1, 0 is none). */
function roundsUsed(f: Foreign, b: Builder, rounds: number): number {
  const best = hasField(f, "best_iteration") ? numberField(f, "best_iteration") : 0;
  if (best <= 0 || best >= rounds) return rounds;
  b.note(`early stopping: the trees of the first ${best} of ${rounds} rounds are used, as LightGBM's predict does`);
  return best;
}

function addTrees(f: Foreign, b: Builder): Value {
  const features = checkCount(f, "max_feature_idx + 1", numberField(f, "max_feature_idx") + 1, 32767);
  const outputs = checkCount(f, "num_tree_per_iteration", numberField(f, "num_tree_per_iteration"), 10_000);
  const trees = listField(f, "trees");
  const rounds = roundsUsed(f, b, Math.floor(trees.length / outputs));
  if (rounds === 0) fail("lightgbm/no-trees", f.where, "the model has no trees", "Train at least one round before saving the model.");
  const divide = boolField(f, "average_output", false) ? rounds : 1;
  const t = new TreeTable(features, outputs, { vector: false, inputF32: false, divide });
  let missing = false;
  trees.slice(0, rounds * outputs).forEach((tree, i) => {
    if (!isForeign(tree)) return fail("lightgbm/bad-tree", f.where, `tree ${i} is no tree`, "The file is damaged; save the model again.");
    if (addTree(t, tree, i % outputs)) missing = true;
  });
  if (missing) b.note("the model was trained with missing values (NaN); on the device every feature must have a value");
  return b.add("tree_ensemble", t.attrs(), [b.x]);
}

const booster: Lowering = (f, b) => {
  const { classifier, link } = endingOf(f);
  const y = addTrees(f, b);
  if (!classifier && b.features(y) > 1) fail("lightgbm/multi-output", f.where, `${b.features(y)} outputs for a regression`, "Supported: models with one target; train one model per target.");
  return (classifier ? finishClassifier : finishRegressor)(b, y, link);
};

export const lightgbm: Readonly<Record<string, Lowering>> = { "lightgbm.Booster": booster };
