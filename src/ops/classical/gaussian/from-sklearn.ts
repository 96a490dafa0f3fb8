/** scikit-learn's models of distances to centres: naive Bayes, mixtures, discriminants with own covariances, clusters, envelopes. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayField, hasField, labelsField, listField, numberField, stringField, type Foreign } from "../../../ir/foreign.js";
import type { Builder, Lowering, Value } from "../../../ir/op.js";
import type { GaussianAttrs } from "./attrs.js";

/** A (rows, cols) array. */
interface Table { readonly rows: number; readonly cols: number; readonly data: ArrayLike<number> }

function table(f: Foreign, name: string): Table {
  const a = arrayField(f, name, 2);
  return { rows: a.shape[0] ?? 1, cols: a.shape[1] ?? 1, data: a.data };
}

const damaged = (f: Foreign, what: string): never => fail("sklearn/bad-shape", f.where, what, "The file is damaged; save the model again.");

function sameSize(f: Foreign, name: string, length: number, wanted: number): void {
  if (length !== wanted) damaged(f, `${name} has ${length} values, ${wanted} expected`);
}

const attrs = (means: Table, r: ArrayLike<number>, b: ArrayLike<number>, power = 2): GaussianAttrs => ({
  rows: means.rows, features: means.cols, power, pick: false,
  m: Float64Array.from(means.data), r: Float64Array.from(r), b: Float64Array.from(b),
});

/** Label by the largest score, and the scores themselves through a link. */
function decide(b: Builder, y: Value, link: string): Value {
  b.output("label", b.add("argmax", { smallest: false }, [y]));
  b.output("scores", link === "none" ? y : b.add("link", { kind: link }, [y]));
  return y;
}

/** log P(c) - sum log sqrt(2 pi var) - (x - mean)^2 / (2 var). */
const naiveBayes: Lowering = (f, b) => {
  const means = table(f, "theta_");
  // Named sigma_ before scikit-learn 1.0.
  const v = table(f, hasField(f, "var_") ? "var_" : "sigma_");
  const prior = arrayField(f, "class_prior_", 1).data;
  sameSize(f, "var_", v.data.length, means.rows * means.cols);
  sameSize(f, "class_prior_", prior.length, means.rows);
  const bias = Float64Array.from(prior, (p) => Math.log(p));
  for (let c = 0; c < means.rows; c++) for (let i = 0; i < means.cols; i++) bias[c]! -= 0.5 * Math.log(2 * Math.PI * (v.data[c * means.cols + i] ?? 1));
  b.setTask("classification");
  b.setLabels(labelsField(f, "classes_"));
  return decide(b, b.add("gaussian", attrs(means, Float64Array.from(v.data, (s) => 1 / Math.sqrt(2 * s)), bias), [b.x]), "softmax");
};

/** Nearest of `cluster_centers_`; the scores are what `transform` gives. */
const clusters: Lowering = (f, b) => {
  const centres = table(f, "cluster_centers_");
  b.setTask("clustering");
  b.setLabels(Array.from({ length: centres.rows }, (_, i) => i));
  return decide(b, b.add("gaussian", attrs(centres, new Float64Array(centres.cols).fill(1), new Float64Array(centres.rows)), [b.x]), "distance");
};

/** `predict_proba` of scikit-learn 1.6 and newer: distances in units of the spread within the classes, not those that `predict` compares. */
function centroidScores(f: Foreign, b: Builder, centres: Table): Value {
  const spread = arrayField(f, "within_class_std_dev_", 1).data;
  const prior = arrayField(f, "class_prior_", 1).data;
  const r = Float64Array.from(spread, (s) => (s === 0 ? 1 : 1 / s));
  return b.add("gaussian", attrs(centres, r, Float64Array.from(prior, (p) => 2 * Math.log(p))), [b.x]);
}

const nearestCentroid: Lowering = (f, b) => {
  const metric = stringField(f, "metric", "euclidean");
  if (metric !== "euclidean" && metric !== "manhattan") fail("sklearn/unsupported-metric", f.where, `metric "${metric}"`, "Supported: euclidean, manhattan.");
  const centres = table(f, "centroids_");
  const labels = labelsField(f, "classes_");
  sameSize(f, "classes_", labels.length, centres.rows);
  const prior = hasField(f, "class_prior_") ? arrayField(f, "class_prior_", 1).data : [];
  const uniform = [...prior].every((p) => Math.abs(p - 1 / labels.length) <= 1e-5 / labels.length + 1e-8);
  b.setTask("classification");
  b.setLabels(labels);
  const withProba = metric === "euclidean" && hasField(f, "within_class_std_dev_");
  if (!uniform && !withProba) fail("sklearn/unsupported-priors", f.where, "class priors without the euclidean metric", "Fit with priors=\"uniform\".");
  const scored = withProba ? centroidScores(f, b, centres) : null;
  if (scored !== null && !uniform) return decide(b, scored, "softmax");
  const y = b.add("gaussian", attrs(centres, new Float64Array(centres.cols).fill(1), new Float64Array(centres.rows), metric === "euclidean" ? 2 : 1), [b.x]);
  b.output("label", b.add("argmax", { smallest: false }, [y]));
  b.output("scores", scored === null ? y : b.add("link", { kind: "softmax" }, [scored]));
  return y;
};

/** Rows of a linear map to whitened coordinates, for one centre: `z = (x - mean) A`, A (features, rank). */
interface Whitening { readonly a: ArrayLike<number>; readonly rank: number; readonly mean: ArrayLike<number> }

/** `y_c = b_c - gain * |(x - mean_c) A_c|^2`: a linear map to all the coordinates, then sums of their squares. */
function whitened(b: Builder, maps: readonly Whitening[], features: number, gain: number, bias: Float64Array): Value {
  const rank = Math.max(1, ...maps.map((m) => m.rank));
  const w = new Float64Array(maps.length * rank * features);
  const offset = new Float64Array(maps.length * rank);
  maps.forEach((m, c) => {
    for (let k = 0; k < m.rank; k++) {
      for (let i = 0; i < features; i++) {
        const v = (m.a[i * m.rank + k] ?? 0) * Math.sqrt(gain);
        w[(c * rank + k) * features + i] = v;
        offset[c * rank + k]! -= v * (m.mean[i] ?? 0);
      }
    }
  });
  const z = b.add("linear", { rows: maps.length * rank, cols: features, w, b: offset }, [b.x]);
  return b.add("sum_squares", { groups: maps.length, size: rank, b: bias }, [z]);
}

function matrixOf(f: Foreign, list: readonly unknown[], i: number, rank: number): { readonly data: ArrayLike<number>; readonly shape: readonly number[] } {
  const one: Foreign = { ...f, where: `${f.where}: class ${i}`, fields: new Map([["array", list[i] as never]]) };
  return arrayField(one, "array", rank);
}

/** `rotations_[c]` (features, rank), divided by the roots of `scalings_[c]`. */
const quadraticDiscriminant: Lowering = (f, b) => {
  const means = table(f, "means_");
  const prior = arrayField(f, "priors_", 1).data;
  const [rotations, scalings] = [listField(f, "rotations_"), listField(f, "scalings_")];
  sameSize(f, "rotations_", rotations.length, means.rows);
  sameSize(f, "scalings_", scalings.length, means.rows);
  const bias = new Float64Array(means.rows);
  const maps = Array.from({ length: means.rows }, (_, c): Whitening => {
    const [r, s] = [matrixOf(f, rotations, c, 2), matrixOf(f, scalings, c, 1)];
    const rank = r.shape[1] ?? 1;
    if (r.shape[0] !== means.cols || s.data.length !== rank) damaged(f, `rotations_ of class ${c} do not fit`);
    bias[c] = Math.log(prior[c] ?? 1);
    for (let k = 0; k < rank; k++) bias[c]! -= 0.5 * Math.log(s.data[k] ?? 1);
    return { a: Float64Array.from(r.data, (v, at) => v / Math.sqrt(s.data[at % rank] ?? 1)), rank, mean: Array.from(means.data).slice(c * means.cols, (c + 1) * means.cols) };
  });
  const y = whitened(b, maps, means.cols, 0.5, bias);
  b.setTask("classification");
  b.setLabels(labelsField(f, "classes_"));
  return decide(b, y, "softmax");
};

/** Lower triangle L of the Cholesky decomposition of a positive definite matrix: A = L L^T. */
function cholesky(f: Foreign, a: ArrayLike<number>, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let v = ((a[i * n + j] ?? 0) + (a[j * n + i] ?? 0)) / 2;
      for (let k = 0; k < j; k++) v -= (l[i * n + k] ?? 0) * (l[j * n + k] ?? 0);
      if (i === j && v <= 0) fail("sklearn/bad-field", f.where, "precision_ is not positive definite", "Fit again with fewer features that depend on each other.");
      l[i * n + j] = i === j ? Math.sqrt(v) : v / (l[j * n + j] ?? 1);
    }
  }
  return l;
}

/** An inlier where the Mahalanobis distance is at most `-offset_`. */
const ellipticEnvelope: Lowering = (f, b) => {
  const mean = arrayField(f, "location_", 1).data;
  if (!hasField(f, "precision_")) fail("sklearn/bad-field", f.where, "precision_ is missing", "Fit with store_precision=True.");
  const precision = table(f, "precision_");
  sameSize(f, "precision_", precision.data.length, mean.length * mean.length);
  const y = whitened(b, [{ a: cholesky(f, precision.data, mean.length), rank: mean.length, mean }], mean.length, 1, Float64Array.of(-numberField(f, "offset_")));
  b.setTask("anomaly");
  b.setLabels([-1, 1]);
  b.output("label", b.add("threshold", { at: -1e-12 }, [y]));
  b.output("scores", y);
  return y;
};

/** Log determinant of the factors of the precision matrices, per component. */
function logDeterminants(kind: string, factors: ArrayLike<number>, rows: number, cols: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < cols; i++) {
      const at = kind === "full" ? c * cols * cols + i * (cols + 1) : kind === "tied" ? i * (cols + 1) : kind === "diag" ? c * cols + i : c;
      sum += Math.log(factors[at] ?? 1);
    }
    return sum;
  });
}

const mixture: Lowering = (f, b) => {
  const kind = stringField(f, "covariance_type");
  const means = table(f, "means_");
  const { rows, cols } = means;
  const sizes: Readonly<Record<string, number>> = { full: rows * cols * cols, tied: cols * cols, diag: rows * cols, spherical: rows };
  if (!Object.hasOwn(sizes, kind)) damaged(f, `covariance_type "${kind}"`);
  const factors = arrayField(f, "precisions_cholesky_").data;
  const weights = arrayField(f, "weights_", 1).data;
  sameSize(f, "precisions_cholesky_", factors.length, sizes[kind] ?? 0);
  sameSize(f, "weights_", weights.length, rows);
  const bias = logDeterminants(kind, factors, rows, cols).map((v, c) => v + Math.log(weights[c] ?? 1) - 0.5 * cols * Math.log(2 * Math.PI));
  const meanOf = (c: number): number[] => Array.from(means.data).slice(c * cols, (c + 1) * cols);
  let y: Value;
  if (kind === "diag" || kind === "spherical") {
    const r = Float64Array.from({ length: rows * cols }, (_, at) => (factors[kind === "diag" ? at : Math.floor(at / cols)] ?? 1) * Math.SQRT1_2);
    y = b.add("gaussian", attrs(means, r, bias), [b.x]);
  } else if (kind === "full") {
    const size = cols * cols;
    y = whitened(b, Array.from({ length: rows }, (_, c) => ({ a: Array.from(factors).slice(c * size, (c + 1) * size), rank: cols, mean: meanOf(c) })), cols, 0.5, bias);
  } else {
    // One map for all: the components are points in whitened coordinates.
    const w = new Float64Array(cols * cols);
    for (let k = 0; k < cols; k++) for (let i = 0; i < cols; i++) w[k * cols + i] = factors[i * cols + k] ?? 0;
    const z = b.add("linear", { rows: cols, cols, w, b: new Float64Array(cols) }, [b.x]);
    const centres = Float64Array.from({ length: rows * cols }, (_, at) => meanOf(Math.floor(at / cols)).reduce((sum, v, i) => sum + v * (w[(at % cols) * cols + i] ?? 0), 0));
    y = b.add("gaussian", attrs({ rows, cols, data: centres }, new Float64Array(cols).fill(Math.SQRT1_2), bias), [z]);
  }
  b.setTask("clustering");
  b.setLabels(Array.from({ length: rows }, (_, i) => i));
  return decide(b, y, "softmax");
};

const bisecting: Lowering = (f) => fail("sklearn/unsupported-estimator", f.where, "BisectingKMeans answers by a tree of centres", "Use KMeans or MiniBatchKMeans, whose answer is the nearest centre.");

export const sklearn: Readonly<Record<string, Lowering>> = {
  GaussianNB: naiveBayes, KMeans: clusters, MiniBatchKMeans: clusters, BisectingKMeans: bisecting, NearestCentroid: nearestCentroid,
  QuadraticDiscriminantAnalysis: quadraticDiscriminant, EllipticEnvelope: ellipticEnvelope, GaussianMixture: mixture,
};
