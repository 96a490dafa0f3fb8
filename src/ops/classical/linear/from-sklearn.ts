/** scikit-learn's linear models: all of them are one matrix, one bias and a decision. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayField, boolField, foreignField, hasField, isNdArray, labelsField, shortType, stringField, type Foreign } from "../../../ir/foreign.js";
import type { Builder, Lowering, Value } from "../../../ir/op.js";

interface Matrix { readonly rows: number; readonly cols: number; readonly w: Float64Array; readonly b: Float64Array }

/** `coef_` and `intercept_`; a 1-d `coef_` is one row, a scalar or missing intercept is spread over the rows. */
function coefficients(f: Foreign): Matrix {
  const coef = arrayField(f, "coef_");
  const rows = coef.shape.length === 1 ? 1 : coef.shape[0] ?? 1;
  const cols = coef.data.length / Math.max(1, rows);
  const b = new Float64Array(rows);
  const raw = f.fields.get("intercept_");
  const bias = isNdArray(raw) ? raw.data : typeof raw === "number" ? [raw] : [0];
  if (bias.length !== 1 && bias.length !== rows) fail("sklearn/bad-shape", f.where, `intercept_ has ${bias.length} values for ${rows} rows of coef_`, "The file is damaged; save the model again.");
  for (let i = 0; i < rows; i++) b[i] = bias[bias.length === 1 ? 0 : i] ?? 0;
  return { rows, cols, w: Float64Array.from(coef.data), b };
}

const addLinear = (b: Builder, m: Matrix, x: Value): Value => b.add("linear", { ...m }, [x]);

/** Decision of a linear score: sign of the only one, or arg-max of several; `link` makes what predict_proba prints. */
function classify(f: Foreign, b: Builder, m: Matrix, link: { readonly one: string; readonly many: string }): Value {
  const labels = labelsField(f, "classes_");
  if (labels.length !== Math.max(2, m.rows)) fail("sklearn/bad-shape", f.where, `${labels.length} classes but ${m.rows} rows of coef_`, "The file is damaged; save the model again.");
  const z = addLinear(b, m, b.x);
  b.setTask("classification");
  b.setLabels(labels);
  b.output("label", m.rows === 1 ? b.add("threshold", { at: 0 }, [z]) : b.add("argmax", { smallest: false }, [z]));
  const kind = m.rows === 1 ? link.one : link.many;
  b.output("scores", kind === "none" ? z : b.add("link", { kind }, [z]));
  return z;
}

const plain: Lowering = (f, b) => classify(f, b, coefficients(f), { one: "none", many: "none" });

/** `multi_class` decides how several rows become probabilities; it was removed from scikit-learn 1.8. */
const logistic: Lowering = (f, b) => {
  const multi = stringField(f, "multi_class", "auto");
  const oneVersusRest = multi === "ovr" || (f.fields.get("solver") === "liblinear" && multi !== "multinomial");
  const m = coefficients(f);
  const twoSided = m.rows === 1 && multi === "multinomial" ? "softmax_pair" : "logistic_pair";
  return classify(f, b, m, { one: twoSided, many: oneVersusRest ? "logistic_normalised" : "softmax" });
};

const sgd: Lowering = (f, b) => {
  const loss = stringField(f, "loss", "hinge");
  if (loss === "modified_huber") return classify(f, b, coefficients(f), { one: "huber_pair", many: "huber_normalised" });
  return loss === "log_loss" || loss === "log" ? classify(f, b, coefficients(f), { one: "logistic_pair", many: "logistic_normalised" }) : plain(f, b);
};

const oneTarget = (f: Foreign, n: number): void => {
  if (n > 1) fail("sklearn/multi-output", f.where, `${n} targets`, "Supported: models with one target; train one model per target.");
};

const regressor: Lowering = (f, b) => {
  const m = coefficients(f);
  oneTarget(f, m.rows);
  const z = addLinear(b, m, b.x);
  b.setTask("regression");
  b.output("scores", z);
  return z;
};

const linearDiscriminant: Lowering = (f, b) => classify(f, b, coefficients(f), { one: "logistic_pair", many: "softmax" });

/** log P(c) + x · log P(feature | c). */
const multinomialBayes: Lowering = (f, b) => {
  const w = arrayField(f, "feature_log_prob_", 2);
  const [rows = 1, cols = 1] = w.shape;
  const prior = arrayField(f, "class_log_prior_", 1);
  const complement = shortType(f) === "ComplementNB";
  const bias = complement && rows > 1 ? new Float64Array(rows) : Float64Array.from(prior.data);
  return bayes(f, b, { rows, cols, w: Float64Array.from(w.data), b: bias });
};

/** Bernoulli: x binarised, then log P(1 | c) where it is one and log P(0 | c) where it is not. */
const bernoulliBayes: Lowering = (f, b) => {
  const p = arrayField(f, "feature_log_prob_", 2);
  const [rows = 1, cols = 1] = p.shape;
  const w = new Float64Array(rows * cols);
  const bias = Float64Array.from(arrayField(f, "class_log_prior_", 1).data);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const one = p.data[i * cols + j] ?? 0;
      const zero = Math.log1p(-Math.exp(one));
      w[i * cols + j] = one - zero;
      bias[i]! += zero;
    }
  }
  const at = f.fields.get("binarize");
  const x = typeof at === "number" ? b.add("binarize", { at }, [b.x]) : b.x;
  return bayes(f, b, { rows, cols, w, b: bias }, x);
};

function bayes(f: Foreign, b: Builder, m: Matrix, x: Value = b.x): Value {
  const z = addLinear(b, m, x);
  b.setTask("classification");
  b.setLabels(labelsField(f, "classes_"));
  b.output("label", b.add("argmax", { smallest: false }, [z]));
  b.output("scores", b.add("link", { kind: "softmax" }, [z]));
  return z;
}

/** `(x - mean) · components^T`, divided by the standard deviations when whitened. */
const pca: Lowering = (f, b) => {
  const c = arrayField(f, "components_", 2);
  const [rows = 1, cols = 1] = c.shape;
  const mean = hasField(f, "mean_") ? arrayField(f, "mean_", 1).data : new Float64Array(cols);
  const spread = boolField(f, "whiten", false) ? arrayField(f, "explained_variance_", 1).data : null;
  const w = new Float64Array(rows * cols);
  const bias = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const k = spread ? 1 / Math.sqrt(Math.max(spread[i] ?? 1, Number.EPSILON)) : 1;
    for (let j = 0; j < cols; j++) {
      w[i * cols + j] = (c.data[i * cols + j] ?? 0) * k;
      bias[i]! -= (w[i * cols + j] ?? 0) * (mean[j] ?? 0);
    }
  }
  return addLinear(b, { rows, cols, w, b: bias }, b.x);
};

/** Layers of `coefs_[i]` (in, out), the hidden activation between them, the output activation at the end. */
const mlp = (classifier: boolean): Lowering => (f, b) => {
  const coefs = f.fields.get("coefs_");
  const biases = f.fields.get("intercepts_");
  if (!Array.isArray(coefs) || !Array.isArray(biases) || coefs.length === 0 || coefs.length !== biases.length) fail("sklearn/bad-field", f.where, "coefs_ and intercepts_ are not lists of equal length", "Fit the network before saving it.");
  const hidden = stringField(f, "activation");
  let x = b.x;
  coefs.forEach((_, i) => {
    x = addLinear(b, layer(f, coefs, biases, i), x);
    if (i + 1 < coefs.length && hidden !== "identity") x = b.add("activation", { kind: hidden }, [x]);
  });
  if (!classifier) {
    oneTarget(f, b.features(x));
    b.setTask("regression");
    b.output("scores", x);
    return x;
  }
  const binary = b.features(x) === 1;
  b.setTask("classification");
  b.setLabels(hasField(f, "classes_") ? labelsField(f, "classes_") : labelsField(foreignField(f, "_label_binarizer"), "classes_"));
  b.output("label", binary ? b.add("threshold", { at: 0 }, [x]) : b.add("argmax", { smallest: false }, [x]));
  b.output("scores", b.add("link", { kind: binary ? "logistic_pair" : stringField(f, "out_activation_", "softmax") }, [x]));
  return x;
};

function layer(f: Foreign, coefs: readonly unknown[], biases: readonly unknown[], i: number): Matrix {
  const at: Foreign = { ...f, where: `${f.where}: layer ${i}`, fields: new Map([["coef", coefs[i] as never], ["bias", biases[i] as never]]) };
  const c = arrayField(at, "coef", 2);
  const [cols = 1, rows = 1] = c.shape;
  const w = new Float64Array(rows * cols);
  for (let j = 0; j < cols; j++) for (let k = 0; k < rows; k++) w[k * cols + j] = c.data[j * rows + k] ?? 0;
  return { rows, cols, w, b: Float64Array.from(arrayField(at, "bias", 1).data) };
}

export const sklearn: Readonly<Record<string, Lowering>> = {
  LogisticRegression: logistic, LogisticRegressionCV: logistic, LinearSVC: plain, RidgeClassifier: plain, RidgeClassifierCV: plain,
  Perceptron: plain, PassiveAggressiveClassifier: plain, SGDClassifier: sgd, LinearDiscriminantAnalysis: linearDiscriminant,
  LinearRegression: regressor, Ridge: regressor, RidgeCV: regressor, Lasso: regressor, LassoCV: regressor, ElasticNet: regressor,
  ElasticNetCV: regressor, BayesianRidge: regressor, HuberRegressor: regressor, LinearSVR: regressor, SGDRegressor: regressor, PassiveAggressiveRegressor: regressor,
  MultinomialNB: multinomialBayes, ComplementNB: multinomialBayes, BernoulliNB: bernoulliBayes,
  PCA: pca, MLPClassifier: mlp(true), MLPRegressor: mlp(false),
};
