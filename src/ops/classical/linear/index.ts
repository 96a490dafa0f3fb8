/** Linear map: what linear models, LDA, PCA, naive Bayes over counts and the layers of an MLP are made of. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { arrayFrom, isInt, limits, scaleAt, zeroAt, type TypedArray } from "../../../ir/types.js";
import { onnx } from "./from-onnx.js";
import { sklearn } from "./from-sklearn.js";

/** `w` (rows, cols) row-major, `b` (rows). */
export type LinearAttrs = { readonly rows: number; readonly cols: number; readonly w: Float64Array; readonly b: Float64Array };

const params = { rows: "len", cols: "len", w: "rom", b: "rom" } as const;

/** Weights and bias of row i as they act on the input's integers: the input's scale and zero are folded in. */
function foldedRow(a: LinearAttrs, ctx: PrepareCtx<LinearAttrs>, i: number): { readonly w: Float64Array; readonly b: number } {
  const quant = ctx.inputs[0]?.quant;
  const w = new Float64Array(a.cols);
  let b = a.b[i] ?? 0;
  for (let j = 0; j < a.cols; j++) {
    const v = a.w[i * a.cols + j] ?? 0;
    w[j] = v * (quant ? scaleAt(quant, j) : 1);
    if (quant) b -= v * scaleAt(quant, j) * zeroAt(quant, j);
  }
  return { w, b };
}

/** Largest scale-free step that keeps |w| within `wMax` and the 32-bit sum from overflowing for any input. */
function rowStep(row: { readonly w: Float64Array; readonly b: number }, xMax: number, wMax: number): number {
  let peak = 0;
  let sum = Math.abs(row.b);
  for (const v of row.w) {
    peak = Math.max(peak, Math.abs(v));
    sum += Math.abs(v) * xMax;
  }
  return Math.max(peak / wMax, sum / 2 ** 30, 1e-30);
}

/** What rounding the weights of row i does to the sum at the mean input: the bias takes it back. */
function roundingAtMean(row: { readonly w: Float64Array }, w: readonly number[], i: number, step: number, ctx: PrepareCtx<LinearAttrs>): number {
  const quant = ctx.inputs[0]?.quant ?? { scale: [1], zero: [0] };
  let lost = 0;
  row.w.forEach((v, j) => {
    const mean = ctx.inputStats[0]?.mean[j] ?? 0;
    lost += (v / step - (w[i * row.w.length + j] ?? 0)) * (mean / scaleAt(quant, j) + zeroAt(quant, j));
  });
  return lost;
}

function prepareInt(ctx: PrepareCtx<LinearAttrs>) {
  const a = ctx.attrs;
  const x = ctx.inputs[0];
  if (x === undefined || !isInt(x.dtype)) throw new Error("linear: integer input expected");
  const [lo, hi] = limits(x.dtype);
  const xMax = Math.max(-lo, hi);
  const rows = Array.from({ length: a.rows }, (_, i) => foldedRow(a, ctx, i));
  const wMax = ctx.level === 0 ? 127 : 32767;
  const steps = rows.map((r) => rowStep(r, xMax, wMax));
  const common = Math.max(...steps);
  const step = steps.map((s) => (ctx.perElementOutput ? s : common));
  const w = rows.flatMap((r, i) => [...r.w].map((v) => Math.round(v / (step[i] ?? 1))));
  const b = rows.map((r, i) => Math.round(r.b / (step[i] ?? 1) + roundingAtMean(r, w, i, step[i] ?? 1, ctx)));
  return {
    params: { rows: a.rows, cols: a.cols, w: arrayFrom(ctx.level === 0 ? "i8" : "i16", w), b: arrayFrom("i32", b) },
    outputs: [{ dtype: "i32" as const, quant: ctx.perElementOutput ? { scale: step, zero: [0] } : { scale: [common], zero: [0] } }],
  };
}

/** kernel.f32.c, float32 step by step. */
function runF32(p: ParamValues<typeof params>, x: TypedArray, y: TypedArray): void {
  for (let i = 0, k = 0; i < p.rows; i++) {
    let sum = p.b[i] ?? 0;
    for (let j = 0; j < p.cols; j++) sum = Math.fround(sum + Math.fround((p.w[k++] ?? 0) * (x[j] ?? 0)));
    y[i] = sum;
  }
}

export default defineOp({
  name: "linear",
  family: "classical",
  doc: "y = W x + b",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: LinearAttrs, [x]) => {
    if (x?.[0] !== a.cols) fail("ir/shape", "linear", `the input has ${x?.[0]} elements, the weights want ${a.cols}`, "Give the model the number of features it was trained on.");
    if (!(a.rows >= 1) || a.w.length !== a.rows * a.cols || a.b.length !== a.rows) fail("ir/shape", "linear", `${a.w.length} weights and ${a.b.length} biases for ${a.rows} outputs of ${a.cols} inputs`, "The file is damaged; save the model again.");
    if (!a.w.every(Number.isFinite) || !a.b.every(Number.isFinite)) fail("ir/bad-attribute", "linear", "a weight that is not finite", "Train again; the data may hold missing values, or the training diverged.");
    return [[a.rows]];
  },
  float: (a, [x]) => {
    const y = Float64Array.from(a.b);
    for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++) y[i]! += (a.w[i * a.cols + j] ?? 0) * (x?.[j] ?? 0);
    return [y];
  },
  params,
  levels: 2,
  prepare: (ctx) => ctx.arithmetic === "int" ? prepareInt(ctx) : {
    params: { rows: ctx.attrs.rows, cols: ctx.attrs.cols, w: Float32Array.from(ctx.attrs.w), b: Float32Array.from(ctx.attrs.b) },
    outputs: [{ dtype: "f32" }],
  },
  int: (p, [x], [y]) => {
    if (!x || !y) return;
    if (x instanceof Float32Array) return runF32(p, x, y);
    for (let i = 0, k = 0; i < p.rows; i++) {
      let sum = p.b[i] ?? 0;
      for (let j = 0; j < p.cols; j++) sum = (sum + Math.imul(p.w[k++] ?? 0, x[j] ?? 0)) | 0;
      y[i] = sum;
    }
  },
  traits: { perElementInput: true, maxInputBits: 16 },
  from: { sklearn, onnx },
  cases: [
    { title: "3 of 4", attrs: { rows: 3, cols: 4, w: Float64Array.of(0.5, -1.5, 0.25, 2, 1, 0, -0.75, 0.125, -2, 0.3, 0.7, -0.1), b: Float64Array.of(0.5, -3, 0) }, features: 4, range: [-3, 5], tolerance: 0.001 },
    { title: "one row, one column", attrs: { rows: 1, cols: 1, w: Float64Array.of(-4), b: Float64Array.of(1) }, features: 1, range: [-1, 1], tolerance: 0.001 },
    { title: "all weights zero", attrs: { rows: 2, cols: 3, w: new Float64Array(6), b: Float64Array.of(1, 2) }, features: 3, range: [0, 1], tolerance: 0.001 },
  ],
});
