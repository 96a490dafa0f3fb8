/** XGBoost's boosters: gbtree and dart as one table of nodes, gblinear as a matrix. Source: doc/model.schema and predictor of XGBoost 3. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayField, checkCount, hasField, isForeign, listField, numberField, stringField, type Foreign } from "../../../ir/foreign.js";
import type { Builder, Lowering, Value } from "../../../ir/op.js";
import { finishClassifier, finishRegressor, type Link } from "./boosting.js";
import { addPreorder } from "./preorder.js";
import { TreeTable } from "./table.js";

const CURE = "Supported objectives: reg:*, count:poisson, binary:logistic, binary:logitraw, binary:hinge, multi:softmax, multi:softprob, rank:*.";

interface Ending { readonly classifier: boolean; readonly link: Link }

const endings: Readonly<Record<string, Ending>> = {
  "binary:logistic": { classifier: true, link: { kind: "logistic_pair" } },
  "binary:logitraw": { classifier: true, link: null },
  "binary:hinge": { classifier: true, link: null },
  "multi:softmax": { classifier: true, link: { kind: "softmax" } },
  "multi:softprob": { classifier: true, link: { kind: "softmax" } },
  "reg:logistic": { classifier: false, link: { kind: "logistic" } },
  "reg:gamma": { classifier: false, link: { kind: "exp" } },
  "reg:tweedie": { classifier: false, link: { kind: "exp" } },
  "count:poisson": { classifier: false, link: { kind: "exp" } },
};

function endingOf(f: Foreign, groups: number): Ending {
  const objective = stringField(f, "objective");
  const plain = objective.startsWith("reg:") || objective.startsWith("rank:");
  const known = Object.hasOwn(endings, objective) ? endings[objective] : undefined;
  const ending = known ?? (plain ? { classifier: false, link: null } : fail("xgboost/objective", f.where, `objective "${objective}"`, CURE));
  const multi = objective.startsWith("multi:");
  if (!multi && groups > 1) fail("xgboost/multi-output", f.where, `${groups} outputs for objective ${objective}`, "Supported: models with one target; train one model per target.");
  return ending;
}

const scratch = new Float32Array(1);
const bits = new Int32Array(scratch.buffer);

/** The float32 next below t: `x < t` equals `x <= below(t)` for every float32 x. */
export function below(t: number): number {
  scratch[0] = t;
  if (scratch[0] === 0) return -(2 ** -149);
  bits[0]! += t > 0 ? -1 : 1;
  return scratch[0] ?? 0;
}

/** How many of the trees predict: with early stopping the wrappers of XGBoost stop after the best iteration. */
function treesUsed(f: Foreign, b: Builder, groups: number, trees: number): number {
  if (!hasField(f, "best_iteration")) return trees;
  const rounds = numberField(f, "best_iteration") + 1;
  const used = rounds * groups * Math.max(1, numberField(f, "num_parallel_tree", 1));
  if (used >= trees) return trees;
  b.note(`early stopping: the trees of the first ${rounds} rounds are used, as XGBClassifier and XGBRegressor do (a plain Booster.predict uses all)`);
  return used;
}

const column = (f: Foreign, name: string, n: number): ArrayLike<number> => {
  const { data } = arrayField(f, name, 1);
  return data.length === n ? data : fail("xgboost/bad-tree", f.where, `${name} has ${data.length} entries for ${n} nodes`, "The file is damaged; save the model again.");
};

/** Adds one tree, each leaf times `weight`; true where a missing value would go left. */
function addTree(t: TreeTable, f: Foreign, target: number, weight: number): boolean {
  const left = arrayField(f, "left", 1).data;
  const n = left.length;
  const [right, feature, threshold, value] = [column(f, "right", n), column(f, "feature", n), column(f, "threshold", n), column(f, "leaf_value", n)];
  const [categorical, defaultLeft] = [column(f, "split_type", n), column(f, "default_left", n)];
  let missingLeft = false;
  addPreorder(t, target, 0, n, (node) => {
    if ((left[node] ?? -1) < 0) return null;
    if (categorical[node] === 1) fail("xgboost/categorical", f.where, `node ${node} splits by category`, "Supported: numerical splits; encode categories as numbers and train with enable_categorical=False.");
    missingLeft ||= defaultLeft[node] === 1;
    return { feature: feature[node] ?? -1, threshold: below(threshold[node] ?? NaN), left: left[node] ?? -1, right: right[node] ?? -1 };
  }, (node) => [(value[node] ?? 0) * weight]);
  return missingLeft;
}

function addTrees(f: Foreign, b: Builder, features: number, groups: number, base: readonly number[]): Value {
  const trees = listField(f, "trees");
  const classes = arrayField(f, "tree_class", 1).data;
  const drop = hasField(f, "weight_drop") ? arrayField(f, "weight_drop", 1).data : null;
  const used = treesUsed(f, b, groups, trees.length);
  if (used === 0) fail("xgboost/no-trees", f.where, "the model has no trees", "Train at least one round before saving the model.");
  const t = new TreeTable(features, groups, { vector: false, inputF32: true, divide: 1, base });
  let missingLeft = false;
  trees.slice(0, used).forEach((tree, i) => {
    if (!isForeign(tree)) return fail("xgboost/bad-tree", f.where, `tree ${i} is no tree`, "The file is damaged; save the model again.");
    if (addTree(t, tree, classes[i] ?? 0, drop?.[i] ?? 1)) missingLeft = true;
  });
  if (missingLeft) b.note("the model tells where missing values (NaN) go; on the device every feature must have a value");
  return b.add("tree_ensemble", t.attrs(), [b.x]);
}

/** `weights` is (features + 1, groups), the bias in its last row. */
function addLinear(f: Foreign, b: Builder, features: number, groups: number, base: readonly number[]): Value {
  const { data } = arrayField(f, "weights", 2);
  if (data.length !== (features + 1) * groups) fail("xgboost/bad-shape", f.where, `${data.length} weights for ${features} features and ${groups} outputs`, "The file is damaged; save the model again.");
  const w = new Float64Array(groups * features);
  for (let k = 0; k < groups; k++) for (let j = 0; j < features; j++) w[k * features + j] = data[j * groups + k] ?? 0;
  const bias = Float64Array.from({ length: groups }, (_, k) => (data[features * groups + k] ?? 0) + (base[k] ?? 0));
  return b.add("linear", { rows: groups, cols: features, w, b: bias }, [b.x]);
}

const booster: Lowering = (f, b) => {
  const features = checkCount(f, "num_feature", numberField(f, "num_feature"), 32767);
  const groups = checkCount(f, "num_group", numberField(f, "num_group"), 10_000);
  const { classifier, link } = endingOf(f, groups);
  const base = [...arrayField(f, "base_margin", 1).data];
  const y = (stringField(f, "booster") === "gblinear" ? addLinear : addTrees)(f, b, features, groups, base);
  return (classifier ? finishClassifier : finishRegressor)(b, y, link);
};

export const xgboost: Readonly<Record<string, Lowering>> = { "xgboost.Booster": booster };
