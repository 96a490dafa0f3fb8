/** A scikit-learn estimator as a graph: containers are opened here, everything else is looked up in the operators' claims. */
import { fail } from "../../ir/diagnostics.js";
import { arrayField, checkCount, foreignField, hasField, isForeign, isNdArray, isObjectArray, labelsField, listField, numberField, shortType, type Foreign, type ForeignValue } from "../../ir/foreign.js";
import type { Lowering, Value } from "../../ir/op.js";
import type { Graph } from "../../ir/types.js";
import { lowerings } from "../../ops/registry.js";
import { GraphBuilder } from "../build.js";
import { readLightgbm } from "../lightgbm/index.js";
import { readXgboostSnapshot } from "../xgboost/index.js";

const MAX_FEATURES = 32767;

/** The steps of a Pipeline, without those that do nothing. */
function stepsOf(f: Foreign): readonly Foreign[] {
  return listField(f, "steps").flatMap((s: ForeignValue) => {
    const e = Array.isArray(s) ? (s as readonly ForeignValue[])[1] : undefined;
    if (e === "passthrough" || e === null) return [];
    return isForeign(e) ? [e] : fail("sklearn/bad-field", f.where, "a pipeline step is no estimator", "The file is damaged; save the model again.");
  });
}

/** What wraps one fitted estimator and answers as it does. */
const wrapped: Readonly<Record<string, string>> = { GridSearchCV: "best_estimator_", RandomizedSearchCV: "best_estimator_", HalvingGridSearchCV: "best_estimator_", TransformedTargetRegressor: "" };

function unwrap(f: Foreign): Foreign {
  const field = wrapped[shortType(f)];
  return field ? foreignField(f, field) : f;
}

/** Why well-known estimators are not supported, and what to do instead. */
const cures: Readonly<Record<string, string>> = {
  ColumnTransformer: "Apply one scaler to all columns (StandardScaler, MinMaxScaler, RobustScaler, MaxAbsScaler), or scale in the sketch.",
  PolynomialFeatures: "Compute the extra columns before training and give them as inputs.",
  CalibratedClassifierCV: "Save the wrapped classifier itself; calibration does not change which class wins often enough to pay for it.",
  VotingClassifier: "Save one of its members, or a RandomForestClassifier.",
  SimpleImputer: "Fill missing values before the device sees them.",
};

/** The state of a pickled booster: the wrapper's `_Booster`, or the object itself. XGBoost keeps bytes, LightGBM text. */
function readBooster(f: Foreign): Foreign | null {
  const inner = f.fields.get("_Booster");
  const booster = isForeign(inner) ? inner : f;
  const where = `${f.where}: booster`;
  const handle = booster.fields.get("handle");
  if (f.type.startsWith("xgboost.") && handle instanceof Uint8Array) return readXgboostSnapshot(handle, where);
  const text = booster.fields.get("_handle") ?? handle ?? booster.fields.get("model_str");
  if (!f.type.startsWith("lightgbm.") || !(typeof text === "string" || text instanceof Uint8Array)) return null;
  const native = readLightgbm(text, where);
  // The text of a pickle holds all rounds; the best one is remembered beside it.
  const best = f.fields.get("_best_iteration") ?? booster.fields.get("best_iteration") ?? null;
  return { ...native, fields: new Map([...native.fields, ["best_iteration", best]]) };
}

const boosters = new WeakMap<Foreign, Foreign>();

function nativeBooster(f: Foreign): { readonly f: Foreign; readonly lowering: Lowering } | null {
  const native = boosters.get(f) ?? readBooster(f);
  if (native === null) return null;
  boosters.set(f, native);
  const lowering = lowerings(native.type === "xgboost.Booster" ? "xgboost" : "lightgbm").get(native.type);
  return lowering ? { f: native, lowering } : null;
}

/** The names a wrapper has for its booster's class numbers. */
function wrapperLabels(f: Foreign): readonly (string | number)[] | null {
  const encoder = f.fields.get("_le");
  const classes = f.fields.get("classes_") ?? f.fields.get("_classes") ?? (isForeign(encoder) ? encoder.fields.get("classes_") : undefined);
  if (!isNdArray(classes) && !isObjectArray(classes) && !Array.isArray(classes)) return null;
  return labelsField({ ...f, fields: new Map([["classes_", classes]]) }, "classes_");
}

function lowerBooster(f: Foreign, native: { readonly f: Foreign; readonly lowering: Lowering }, b: GraphBuilder, x: Value): Value {
  const v = native.lowering(native.f, b.at(x));
  const labels = wrapperLabels(f);
  if (labels === null || b.labelCount === 0) return v;
  if (labels.length !== b.labelCount) fail("sklearn/bad-shape", f.where, `${labels.length} classes for a booster of ${b.labelCount}`, "The file is damaged; save the model again.");
  b.setLabels(labels);
  return v;
}

function lowerOne(f: Foreign, b: GraphBuilder, x: Value): Value {
  const inner = unwrap(f);
  if (inner !== f) return lowerOne(inner, b, x);
  if (shortType(f) === "Pipeline") return stepsOf(f).reduce((v, s) => lowerOne(s, b, v), x);
  const native = nativeBooster(f);
  if (native) return lowerBooster(f, native, b, x);
  const lowering = b.lowering(shortType(f));
  if (lowering) return lowering(f, b.at(x));
  return fail("sklearn/unsupported-estimator", f.where, `${shortType(f)} is not supported`,
    cures[shortType(f)] ?? `Supported: Pipeline, GridSearchCV, ${[...lowerings("sklearn").keys()].toSorted().join(", ")}, XGBoost and LightGBM models.`);
}

/** Number of inputs: what the first fitted object says of itself. */
function featuresOf(f: Foreign): number {
  const inner = unwrap(f);
  if (inner !== f) return featuresOf(inner);
  if (shortType(f) === "Pipeline") {
    for (const s of stepsOf(f)) if (shortType(s) === "Pipeline" || hasField(s, "n_features_in_")) return featuresOf(s);
    const [first] = stepsOf(f);
    return first ? featuresOf(first) : fail("sklearn/not-fitted", f.where, "an empty pipeline", "Add a model to the pipeline.");
  }
  for (const name of ["n_features_in_", "_n_features", "_n_features_in", "n_features_"]) if (hasField(f, name)) return checkCount(f, name, numberField(f, name), MAX_FEATURES);
  if (hasField(f, "coef_")) return checkCount(f, "columns of coef_", arrayField(f, "coef_").shape.at(-1) ?? 0, MAX_FEATURES);
  const native = nativeBooster(f);
  if (native && hasField(native.f, "num_feature")) return checkCount(f, "num_feature", numberField(native.f, "num_feature"), MAX_FEATURES);
  if (native && hasField(native.f, "max_feature_idx")) return checkCount(f, "max_feature_idx + 1", numberField(native.f, "max_feature_idx") + 1, MAX_FEATURES);
  return fail("sklearn/not-fitted", f.where, `${shortType(f)} does not say how many features it takes`, "Fit the model before saving it, with scikit-learn 1.1 or newer.");
}

function featureNames(f: Foreign): readonly string[] {
  const v = unwrap(f).fields.get("feature_names_in_");
  if (isObjectArray(v)) return v.data.map(String);
  return shortType(f) === "Pipeline" && stepsOf(f)[0] ? featureNames(stepsOf(f)[0] as Foreign) : [];
}

/** `Pipeline of StandardScaler, SVC`, or the class itself. */
function described(f: Foreign): string {
  const inner = unwrap(f);
  return shortType(inner) === "Pipeline" ? `Pipeline of ${stepsOf(inner).map(described).join(", ")}` : shortType(inner);
}

export function lowerSklearn(f: Foreign, name: string): Graph {
  const b = new GraphBuilder(featuresOf(f), lowerings("sklearn"), lowerOne);
  b.setFeatureNames(featureNames(f));
  const last = lowerOne(f, b, 0);
  const version = f.fields.get("_sklearn_version");
  return b.finish(name, `${described(f)}${typeof version === "string" ? `, scikit-learn ${version}` : ""}`, last);
}
