/** scikit-learn's support vector machines. A linear kernel becomes hyperplanes; every other one keeps its support vectors. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayField, boolField, checkCount, hasField, isNdArray, labelsField, numberField, shortType, stringField, type Foreign, type NdArray } from "../../../ir/foreign.js";
import type { Builder, Lowering, Value } from "../../../ir/op.js";
import { kernels, MAX_DEGREE, outputsOf, pairTable, rowsOf, vectorsOf, type KernelAttrs } from "./attrs.js";

const MAX_VECTORS = 65535;

function kernelName(f: Foreign): string {
  const name = f.fields.get("kernel");
  if (typeof name === "string" && (kernels as readonly string[]).includes(name)) return name;
  const what = name === "precomputed" ? 'kernel="precomputed" keeps no support vectors in the model' : typeof name === "string" ? `kernel "${name}"` : "a kernel that is a Python function";
  return fail("sklearn/unsupported-kernel", f.where, `${shortType(f)}: ${what}`, `Train with one of the kernels ${kernels.join(", ")}.`);
}

/** `_gamma` is what fit made of "scale" and "auto". */
const gammaOf = (f: Foreign): number => (hasField(f, "_gamma") ? numberField(f, "_gamma") : numberField(f, "gamma"));

function supportVectors(f: Foreign): NdArray {
  if (boolField(f, "_sparse", false) || !isNdArray(f.fields.get("support_vectors_"))) {
    fail("sklearn/sparse-model", f.where, `${shortType(f)} was fitted on a sparse matrix`, "Fit it again on a dense array: X.toarray().");
  }
  return arrayField(f, "support_vectors_", 2);
}

/** `groups`: number of classes where there are pairs of them, else 1. */
function machine(f: Foreign, groups: number): KernelAttrs {
  const kernel = kernelName(f);
  const sv = supportVectors(f);
  const [n = 0, features = 0] = sv.shape;
  checkCount(f, "number of support vectors", n, MAX_VECTORS);
  const support = groups < 2 ? Int32Array.of(n) : Int32Array.from(arrayField(f, hasField(f, "_n_support") ? "_n_support" : "n_support_", 1).data);
  const degree = kernel === "poly" ? numberField(f, "degree", 3) : 0;
  if (!(Number.isInteger(degree) && degree >= 0 && degree <= MAX_DEGREE)) fail("sklearn/unsupported-kernel", f.where, `degree ${degree}`, `Supported: whole degrees from 0 to ${MAX_DEGREE}.`);
  // The public dual_coef_ and intercept_ have the sign of decision_function: with two classes that of libsvm turned round.
  const a: KernelAttrs = {
    kernel, gamma: gammaOf(f), coef0: kernel === "rbf" ? 0 : numberField(f, "coef0", 0), degree, features,
    sv: Float64Array.from(sv.data), dual: Float64Array.from(arrayField(f, "dual_coef_", 2).data), support, b: Float64Array.from(arrayField(f, "intercept_", 1).data),
  };
  const agree = vectorsOf(a) === n && support.length === groups && support.every((s) => s >= 0) && a.dual.length === n * rowsOf(a) && a.b.length === outputsOf(a);
  return agree ? a : fail("sklearn/bad-shape", f.where, "support_vectors_, dual_coef_, intercept_ and the support counts do not agree", "The file is damaged; save the model again.");
}

/** One hyperplane per output: w[p] = sum of dual * sv. */
function hyperplanes(a: KernelAttrs): { readonly rows: number; readonly cols: number; readonly w: Float64Array; readonly b: Float64Array } {
  const [n, rows, cols] = [vectorsOf(a), rowsOf(a), a.features];
  const pair = pairTable(a.support.length);
  const w = new Float64Array(outputsOf(a) * cols);
  a.support.forEach((own, c) => {
    const first = a.support.slice(0, c).reduce((s, v) => s + v, 0);
    for (let i = first; i < first + own; i++) {
      for (let r = 0; r < rows; r++) {
        const at = (pair[c * rows + r] ?? 0) * cols;
        for (let j = 0; j < cols; j++) w[at + j]! += (a.dual[r * n + i] ?? 0) * (a.sv[i * cols + j] ?? 0);
      }
    }
  });
  return { rows: outputsOf(a), cols, w, b: a.b };
}

export const addMachine = (b: Builder, a: KernelAttrs): Value => (a.kernel === "linear" ? b.add("linear", hyperplanes(a), [b.x]) : b.add("kernel_machine", a, [b.x]));

/** Constants of Platt's sigmoids where the model was fitted with probability=True; null else. */
function plattOf(f: Foreign, classes: number): { readonly classes: number; readonly a: Float64Array; readonly b: Float64Array } | null {
  const read = (name: string): Float64Array => {
    const field = [`_prob${name}`, `prob${name}_`].find((n) => isNdArray(f.fields.get(n)));
    return field ? Float64Array.from(arrayField(f, field, 1).data) : new Float64Array(0);
  };
  const [a, b] = [read("A"), read("B")];
  if (a.length === 0) return null;
  // They were fitted to libsvm's decision, whose sign is turned in the public one of two classes.
  return { classes, a: classes === 2 ? a.map((v) => -v) : a, b };
}

const classifier: Lowering = (f, b) => {
  const labels = labelsField(f, "classes_");
  const k = checkCount(f, "number of classes", labels.length, 256);
  if (k < 2) fail("sklearn/bad-field", f.where, "one class only", "Fit the model on at least two classes.");
  const z = addMachine(b, machine(f, k === 2 ? 1 : k));
  const ovr = stringField(f, "decision_function_shape", "ovr") === "ovr";
  b.setTask("classification");
  b.setLabels(labels);
  const decide = ovr && boolField(f, "break_ties", false) ? "ovo_break_ties" : "ovo_vote";
  b.output("label", k === 2 ? b.add("threshold", { at: 0 }, [z]) : b.add(decide, { classes: k }, [z]));
  const platt = plattOf(f, k);
  if (platt) b.note("labels come from the votes of the pairs, as in scikit-learn; they may differ from the largest probability");
  b.output("scores", platt ? b.add("platt", platt, [z]) : k === 2 || !ovr ? z : b.add("ovo_scores", { classes: k }, [z]));
  return z;
};

const regressor: Lowering = (f, b) => {
  const z = addMachine(b, machine(f, 1));
  b.setTask("regression");
  b.output("scores", z);
  return z;
};

/** 1 where the decision lies above zero, else -1 (an anomaly). */
const oneClass: Lowering = (f, b) => {
  const z = addMachine(b, machine(f, 1));
  b.setTask("anomaly");
  b.setLabels([-1, 1]);
  b.output("label", b.add("threshold", { at: 0 }, [z]));
  b.output("scores", z);
  return z;
};

export const sklearn: Readonly<Record<string, Lowering>> = { SVC: classifier, NuSVC: classifier, SVR: regressor, NuSVR: regressor, OneClassSVM: oneClass };
