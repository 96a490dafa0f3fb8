/** SVMClassifier and SVMRegressor of ai.onnx.ml: libsvm's arrays under other names. Source: ONNX ML operators 1, as ONNX Runtime answers. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayField, checkCount, hasField, labelsField, listField, numberField, stringField, type Foreign } from "../../../ir/foreign.js";
import type { Lowering } from "../../../ir/op.js";
import { MAX_DEGREE, outputsOf, rowsOf, vectorsOf, type KernelAttrs } from "./attrs.js";
import { addMachine } from "./from-sklearn.js";

const MAX_VECTORS = 65535;
const kernelNames: Readonly<Record<string, string>> = { LINEAR: "linear", POLY: "poly", RBF: "rbf", SIGMOID: "sigmoid" };

function plain(f: Foreign): void {
  const name = stringField(f, "post_transform", "NONE");
  if (name !== "NONE") fail("onnx/post-transform", f.where, `post_transform ${name}`, "Supported: NONE, which is what skl2onnx writes.");
}

/** `sign` -1 turns libsvm's decision of two classes into scikit-learn's. */
function machine(f: Foreign, features: number, support: Int32Array, sign: 1 | -1): KernelAttrs {
  const type = stringField(f, "kernel_type", "LINEAR");
  const kernel = Object.hasOwn(kernelNames, type) ? kernelNames[type] : undefined;
  if (kernel === undefined) return fail("onnx/kernel", f.where, `kernel_type ${type.slice(0, 40)}`, `Supported: ${Object.keys(kernelNames).join(", ")}.`);
  const [gamma = 1, coef0 = 0, degree = 3] = hasField(f, "kernel_params") ? arrayField(f, "kernel_params", 1).data : [];
  if (kernel === "poly" && !(Number.isInteger(degree) && degree >= 0 && degree <= MAX_DEGREE)) fail("onnx/kernel", f.where, `degree ${degree}`, `Supported: whole degrees from 0 to ${MAX_DEGREE}.`);
  const times = (name: string): Float64Array => Float64Array.from(arrayField(f, name, 1).data, (v) => (v === 0 ? 0 : sign * v));
  const a: KernelAttrs = {
    kernel, gamma, coef0: kernel === "rbf" || kernel === "linear" ? 0 : coef0, degree: kernel === "poly" ? degree : 0, features,
    sv: Float64Array.from(arrayField(f, "support_vectors", 1).data), dual: times("coefficients"), support, b: times("rho"),
  };
  const n = checkCount(f, "number of support vectors", vectorsOf(a), MAX_VECTORS);
  const agree = support.every((s) => Number.isInteger(s) && s >= 0) && a.sv.length === n * features && a.dual.length === n * rowsOf(a) && a.b.length === outputsOf(a);
  return agree ? a : fail("onnx/bad-shape", f.where, `${a.sv.length} support vector values, ${a.dual.length} coefficients and ${a.b.length} rho for ${n} vectors of ${features} features`, "The file is damaged, or the model takes another number of inputs; export it again.");
}

const classifier: Lowering = (f, b) => {
  plain(f);
  const labels = labelsField(f, f.fields.has("classlabels_strings") && listField(f, "classlabels_strings").length > 0 ? "classlabels_strings" : "classlabels_ints");
  const k = checkCount(f, "number of classes", labels.length, 256);
  const per = hasField(f, "vectors_per_class") ? Int32Array.from(arrayField(f, "vectors_per_class", 1).data) : new Int32Array(0);
  if (k < 2 || per.length !== k) fail("onnx/unsupported", f.where, `SVMClassifier of ${k} classes with ${per.length} counts of support vectors`, "Supported: two classes or more with their support vectors, as skl2onnx writes SVC.");
  const binary = k === 2;
  const a = machine(f, b.features(b.x), binary ? Int32Array.of(per.reduce((s, v) => s + v, 0)) : per, binary ? -1 : 1);
  const z = addMachine(b, a);
  b.setTask("classification");
  b.setLabels(labels);
  b.output("label", binary ? b.add("threshold", { at: 0 }, [z]) : b.add("ovo_vote", { classes: k }, [z]));
  if (!hasField(f, "prob_a") || arrayField(f, "prob_a", 1).data.length === 0) {
    b.output("scores", z);
    return z;
  }
  b.note("labels come from the votes of the pairs, as in scikit-learn; they may differ from the largest probability");
  const A = Float64Array.from(arrayField(f, "prob_a", 1).data, (v) => (binary ? -v : v));
  b.output("scores", b.add("platt", { classes: k, a: A, b: Float64Array.from(arrayField(f, "prob_b", 1).data) }, [z]));
  return z;
};

const regressor: Lowering = (f, b) => {
  plain(f);
  if (numberField(f, "one_class", 0) !== 0) fail("onnx/unsupported", f.where, "SVMRegressor with one_class=1", "Supported: one_class=0, as skl2onnx writes SVR and OneClassSVM.");
  const n = checkCount(f, "n_supports", numberField(f, "n_supports", 0), MAX_VECTORS);
  const z = addMachine(b, machine(f, b.features(b.x), Int32Array.of(n), 1));
  b.setTask("regression");
  b.output("scores", z);
  return z;
};

export const onnx: Readonly<Record<string, Lowering>> = { "ai.onnx.ml.SVMClassifier": classifier, "ai.onnx.ml.SVMRegressor": regressor };
