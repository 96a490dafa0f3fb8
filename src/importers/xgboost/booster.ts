/** The `learner` of an XGBoost model → `xgboost.Booster`; source: XGBoost's doc/model.schema, and models of 1.7, 2.1, 3.0 and 3.2. */
import { fail } from "../../ir/diagnostics.js";
import type { Foreign, ForeignValue } from "../../ir/foreign.js";
import { count, damaged, dig, numbers, object, strings, type Doc } from "./document.js";
import { oneD, readTree } from "./tree.js";

export type Link = "identity" | "logit" | "log";

/**
 * How base_score becomes a margin (ObjFunction::ProbToMargin). The rule is the same from 1.7 to 3.2, measured on every objective:
 * the file holds what the user sees, so logistic losses hold a probability. `binary:logitraw` and `multi:*` hold margins.
 */
const LINKS: ReadonlyMap<string, Link> = new Map<string, Link>([
  ["binary:logistic", "logit"], ["reg:logistic", "logit"],
  ["count:poisson", "log"], ["reg:gamma", "log"], ["reg:tweedie", "log"], ["survival:cox", "log"], ["survival:aft", "log"],
]);

const MAX_FEATURES = 1_000_000;
const MAX_TREES = 100_000;
const MAX_GROUPS = 10_000;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function toMargin(score: number, link: Link, where: string): number {
  if (link === "identity") return score;
  if (score <= 0 || (link === "logit" && score >= 1)) damaged(where, `base_score ${score} is outside the range of the objective`);
  const f = Math.fround;
  return link === "log" ? f(Math.log(score)) : f(-Math.log(f(f(1 / score) - 1)));
}

/** `"5E-1"` up to 3.0, `"[0E0,0E0,0E0]"` since 3.1. */
function readBaseScore(d: Doc | undefined, groups: number, where: string): Float32Array {
  if (typeof d !== "string" || d.length > 32 * MAX_GROUPS) return damaged(where, "base_score is missing or no text");
  const inner = d.startsWith("[") && d.endsWith("]") ? d.slice(1, -1) : d;
  const values = inner.split(",").map((part) => {
    const text = part.trim();
    const v = NUMBER.test(text) ? Math.fround(Number(text)) : Number.NaN;
    return Number.isFinite(v) ? v : damaged(where, `base_score "${text.slice(0, 40)}" is no finite number`);
  });
  if (values.length !== 1 && values.length !== groups) damaged(where, `${values.length} values of base_score for ${groups} outputs`);
  return Float32Array.from(values);
}

function readTrees(model: ReadonlyMap<string, Doc>, features: number, groups: number, where: string): Map<string, ForeignValue> {
  const trees = model.get("trees");
  if (!Array.isArray(trees)) return damaged(`${where}: trees`, "the list of trees is missing");
  if (trees.length > MAX_TREES) damaged(`${where}: trees`, `${trees.length} trees, more than ${MAX_TREES}`);
  const info = numbers(model.get("tree_info"), `${where}: tree_info`);
  if (info.length !== trees.length) damaged(`${where}: tree_info`, `${info.length} entries for ${trees.length} trees`);
  const classes = Int32Array.from({ length: info.length }, (_, i) => {
    const c = info[i] ?? -1;
    return Number.isInteger(c) && c >= 0 && c < groups ? c : damaged(`${where}: tree_info`, `tree ${i} belongs to output ${c} of ${groups}`);
  });
  const param = model.get("gbtree_model_param");
  const announced = count(dig(param, "num_trees"), `${where}: num_trees`, 0, 1e9, trees.length);
  if (announced !== trees.length) damaged(`${where}: num_trees`, `${announced} trees are announced, ${trees.length} are there`);
  return new Map<string, ForeignValue>([
    ["num_parallel_tree", count(dig(param, "num_parallel_tree"), `${where}: num_parallel_tree`, 0, 1e6, 1)],
    ["trees", trees.map((t: Doc, i) => readTree(t, `${where}: tree ${i}`, features))],
    ["tree_class", oneD(classes)],
  ]);
}

function finite(values: ArrayLike<number>, length: number, where: string): Float32Array {
  if (values.length !== length) damaged(where, `${values.length} numbers, ${length} are needed`);
  const out = Float32Array.from(values);
  return out.every(Number.isFinite) ? out : damaged(where, "a number is not finite");
}

/** The fields that depend on the kind of booster. */
function readBoosterFields(booster: ReadonlyMap<string, Doc>, features: number, groups: number, where: string): Map<string, ForeignValue> {
  const name = booster.get("name");
  if (name === "gbtree") return readTrees(object(booster.get("model"), `${where}: model`), features, groups, where);
  if (name === "dart") {
    const fields = readTrees(object(dig(booster, "gbtree", "model"), `${where}: gbtree.model`), features, groups, where);
    const trees = fields.get("trees");
    const drop = numbers(booster.get("weight_drop"), `${where}: weight_drop`);
    fields.set("weight_drop", oneD(finite(drop, Array.isArray(trees) ? trees.length : 0, `${where}: weight_drop`)));
    return fields;
  }
  if (name === "gblinear") {
    const weights = numbers(dig(booster, "model", "weights"), `${where}: weights`);
    const data = finite(weights, (features + 1) * groups, `${where}: weights`);
    return new Map<string, ForeignValue>([["weights", { kind: "ndarray", shape: [features + 1, groups], data }]]);
  }
  return fail("xgboost/booster", where, `booster "${String(name).slice(0, 40)}" is not known`, "Supported are gbtree, dart and gblinear");
}

function bestIteration(learner: ReadonlyMap<string, Doc>): number | null {
  const text = dig(learner, "attributes", "best_iteration");
  return typeof text === "string" && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function versionOf(root: ReadonlyMap<string, Doc>, file: string): string {
  const version = numbers(root.get("version"), `${file}: version`, []);
  if (version.length > 8) damaged(`${file}: version`, "the version is no version");
  return Array.from(version).join(".");
}

/** `root` is the object with `learner` and `version`. */
export function readBooster(root: Doc, file: string): Foreign {
  const top = object(root, file);
  const learner = object(top.get("learner"), `${file}: learner`);
  const param = object(learner.get("learner_model_param"), `${file}: learner_model_param`);
  const objective = dig(learner, "objective", "name");
  if (typeof objective !== "string" || objective.length > 100) return damaged(`${file}: objective`, "the objective has no name");
  const classes = count(param.get("num_class"), `${file}: num_class`, 0, MAX_GROUPS);
  const targets = count(param.get("num_target"), `${file}: num_target`, 0, MAX_GROUPS, 1);
  const features = count(param.get("num_feature"), `${file}: num_feature`, 1, MAX_FEATURES);
  if (objective.startsWith("multi:") && classes < 2) damaged(`${file}: num_class`, `${classes} classes for objective ${objective}`);
  const groups = Math.max(1, classes, targets);
  const link = LINKS.get(objective) ?? "identity";
  const base = readBaseScore(param.get("base_score"), groups, `${file}: base_score`);
  const booster = object(learner.get("gradient_booster"), `${file}: gradient_booster`);
  // gblinear of 3.1 and later adds the first value to every class (measured on 3.2.0); the trees add each class its own.
  const shared = base.length === 1 || booster.get("name") === "gblinear";
  const margin = Float32Array.from({ length: groups }, (_, i) => toMargin(base[shared ? 0 : i] ?? 0, link, `${file}: base_score`));
  const names = strings(learner.get("feature_names"), `${file}: feature_names`);
  if (names.length !== 0 && names.length !== features) damaged(`${file}: feature_names`, `${names.length} names for ${features} features`);
  const fields = new Map<string, ForeignValue>([
    ["version", versionOf(top, file)], ["booster", String(booster.get("name"))], ["objective", objective],
    ["num_class", classes], ["num_target", targets], ["num_group", groups], ["num_feature", features],
    ["base_score", oneD(base)], ["base_score_is_margin", link === "identity"], ["base_link", link], ["base_margin", oneD(margin)],
    ["feature_names", names], ["feature_types", strings(learner.get("feature_types"), `${file}: feature_types`)],
    ["best_iteration", bestIteration(learner)],
    ...readBoosterFields(booster, features, groups, file),
  ]);
  return { kind: "foreign", type: "xgboost.Booster", where: file, fields };
}
