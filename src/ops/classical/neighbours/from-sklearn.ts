/** scikit-learn's k nearest neighbours: the search, then a vote or a mean. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayField, checkCount, labelsField, numberField, shortType, stringField, type Foreign } from "../../../ir/foreign.js";
import type { Builder, Lowering, Value } from "../../../ir/op.js";

const powers: Readonly<Record<string, number>> = { euclidean: 2, l2: 2, sqeuclidean: 2, manhattan: 1, l1: 1, cityblock: 1, chebyshev: 0, infinity: 0 };
const MAX_POINTS = 65535;

function powerOf(f: Foreign): number {
  const metric = stringField(f, "effective_metric_");
  const extra = f.fields.get("effective_metric_params_");
  const given = extra instanceof Map ? [...extra].filter(([k, v]) => k !== "p" && v !== null) : [];
  const power = powers[metric];
  if (power === undefined || given.length > 0) {
    fail("sklearn/unsupported-metric", f.where, given.length > 0 ? `metric_params ${given.map(([k]) => String(k)).join(", ")}` : `metric "${metric}"`, "Supported: euclidean (p=2), manhattan (p=1), chebyshev.");
  }
  return power;
}

/** "uniform" or "distance"; a function of the user's cannot be read. */
function weighted(f: Foreign): boolean {
  const w = f.fields.get("weights");
  if (w === "uniform" || w === null || w === undefined) return false;
  return w === "distance" ? true : fail("sklearn/unsupported-weights", f.where, "weights is a function", 'Supported: weights="uniform" and weights="distance".');
}

interface Stored { readonly rows: number; readonly features: number; readonly k: number; readonly power: number; readonly weighted: boolean; readonly points: ArrayLike<number>; readonly target: ArrayLike<number> }

function storedOf(f: Foreign): Stored {
  const points = arrayField(f, "_fit_X", 2);
  const [rows = 1, features = 1] = points.shape;
  checkCount(f, "stored rows", rows, MAX_POINTS);
  const k = checkCount(f, "n_neighbors", numberField(f, "n_neighbors"), Math.min(255, rows));
  const y = arrayField(f, "_y");
  if (y.data.length !== rows && y.shape.length > 1) fail("sklearn/unsupported-outputs", f.where, "several targets a row", "Fit one model per target.");
  if (y.data.length !== rows) fail("sklearn/bad-shape", f.where, `${y.data.length} targets for ${rows} rows`, "The file is damaged; save the model again.");
  return { rows, features, k, power: powerOf(f), weighted: weighted(f), points: points.data, target: y.data };
}

/** The rows in the given order, and what they say. */
function add(b: Builder, s: Stored, order: readonly number[], kind: string, target: Float64Array): Value {
  const points = Float64Array.from({ length: s.rows * s.features }, (_, at) => s.points[(order[Math.floor(at / s.features)] ?? 0) * s.features + (at % s.features)] ?? 0);
  return b.add("neighbours", { rows: s.rows, features: s.features, k: s.k, power: s.power, points, kind, weighted: s.weighted, target }, [b.x]);
}

const classifier: Lowering = (f, b) => {
  const s = storedOf(f);
  const labels = labelsField(f, "classes_");
  // Sorted by class, a neighbour's class follows from its place: no label is stored per row.
  const order = Array.from({ length: s.rows }, (_, i) => i).toSorted((p, q) => (s.target[p] ?? 0) - (s.target[q] ?? 0) || p - q);
  const ends = Float64Array.from(labels, (_, c) => order.filter((i) => (s.target[i] ?? 0) <= c).length);
  if (ends.at(-1) !== s.rows) fail("sklearn/bad-shape", f.where, "a target is no index of classes_", "The file is damaged; save the model again.");
  const votes = add(b, s, order, "classes", ends);
  b.setTask("classification");
  b.setLabels(labels);
  b.output("label", b.add("argmax", { smallest: false }, [votes]));
  b.output("scores", s.weighted ? b.add("link", { kind: "shares" }, [votes]) : votes);
  return votes;
};

const regressor: Lowering = (f, b) => {
  const s = storedOf(f);
  const mean = add(b, s, Array.from({ length: s.rows }, (_, i) => i), "values", Float64Array.from(s.target));
  b.setTask("regression");
  b.output("scores", mean);
  return mean;
};

const radius: Lowering = (f) => fail("sklearn/unsupported-estimator", f.where, `${shortType(f)} is not supported`, "Use KNeighborsClassifier or KNeighborsRegressor: a fixed number of neighbours has a fixed memory.");

export const sklearn: Readonly<Record<string, Lowering>> = {
  KNeighborsClassifier: classifier, KNeighborsRegressor: regressor, RadiusNeighborsClassifier: radius, RadiusNeighborsRegressor: radius,
};
