/** LinearClassifier and LinearRegressor of ai.onnx.ml. Source: ONNX ML operators 1, as skl2onnx writes them. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayField, checkCount, hasField, labelsField, listField, numberField, stringField, type Foreign } from "../../../ir/foreign.js";
import type { Lowering } from "../../../ir/op.js";

interface Matrix { readonly rows: number; readonly cols: number; readonly w: Float64Array; readonly b: Float64Array }

function matrix(f: Foreign, cols: number, rows: number): Matrix {
  const w = Float64Array.from(arrayField(f, "coefficients", 1).data);
  const bias = hasField(f, "intercepts") ? arrayField(f, "intercepts", 1).data : new Float64Array(rows);
  const agree = w.length === rows * cols && (bias.length === rows || bias.length === 0);
  if (!agree) fail("onnx/bad-shape", f.where, `${w.length} coefficients and ${bias.length} intercepts for ${rows} outputs of ${cols} features`, "The file is damaged, or the model takes another number of inputs; export it again.");
  return { rows, cols, w, b: bias.length === 0 ? new Float64Array(rows) : Float64Array.from(bias) };
}

function transform(f: Foreign, supported: readonly string[]): string {
  const name = stringField(f, "post_transform", "NONE");
  return supported.includes(name) ? name : fail("onnx/post-transform", f.where, `post_transform ${name}`, `Supported: ${supported.join(", ")}.`);
}

/** Two rows that are each other's negative are one score: scikit-learn's binary models. */
function halved(m: Matrix): Matrix | null {
  const mirrored = m.rows === 2 && m.b[0] === -(m.b[1] ?? 0) && m.w.subarray(0, m.cols).every((v, j) => v === -(m.w[m.cols + j] ?? 0));
  return mirrored ? { rows: 1, cols: m.cols, w: m.w.slice(m.cols), b: m.b.slice(1) } : null;
}

const classifier: Lowering = (f, b) => {
  const labels = labelsField(f, f.fields.has("classlabels_strings") && listField(f, "classlabels_strings").length > 0 ? "classlabels_strings" : "classlabels_ints");
  const k = checkCount(f, "number of classes", labels.length, 10_000);
  const name = transform(f, ["NONE", "LOGISTIC", "SOFTMAX"]);
  const cols = b.features(b.x);
  const rows = k === 2 && arrayField(f, "coefficients", 1).data.length === cols ? 1 : k;
  const full = matrix(f, cols, rows);
  const m = full.rows === 1 ? full : (halved(full) ?? full);
  const z = b.add("linear", { ...m }, [b.x]);
  b.setTask("classification");
  b.setLabels(labels);
  b.output("label", m.rows === 1 ? b.add("threshold", { at: 0 }, [z]) : b.add("argmax", { smallest: false }, [z]));
  const pair = name === "LOGISTIC" ? "logistic_pair" : "softmax_pair";
  b.output("scores", name === "NONE" ? z : b.add("link", { kind: m.rows === 1 ? pair : name.toLowerCase() }, [z]));
  return z;
};

const regressor: Lowering = (f, b) => {
  const targets = checkCount(f, "targets", numberField(f, "targets", 1), 10_000);
  const name = transform(f, ["NONE", "LOGISTIC"]);
  const z = b.add("linear", { ...matrix(f, b.features(b.x), targets) }, [b.x]);
  b.setTask("regression");
  b.output("scores", name === "NONE" ? z : b.add("link", { kind: "logistic" }, [z]));
  return z;
};

export const onnx: Readonly<Record<string, Lowering>> = { "ai.onnx.ml.LinearClassifier": classifier, "ai.onnx.ml.LinearRegressor": regressor };
