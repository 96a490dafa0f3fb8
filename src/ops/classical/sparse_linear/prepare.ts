/** A sparse map in fixed point: the input's scales folded into the weights, few bits where the weights lie on a grid, sums that no input overflows. */
import { clamp } from "../../../ir/fixed.js";
import type { PrepareCtx } from "../../../ir/op.js";
import { isInt, limits, scaleAt, zeroAt } from "../../../ir/types.js";
import { store } from "./store.js";

/** `w` (rows, cols) row-major, mostly zeros; `b` (rows); bits of the output, and of a weight that is not one of 4 bits: 8 or 16. */
export type SparseAttrs = { readonly rows: number; readonly cols: number; readonly w: Float64Array; readonly b: Float64Array; readonly outBits: number; readonly weightBits: number };

const SUM = 2 ** 30;
const NIBBLE = 7;

interface Folded {
  readonly w: Float64Array;
  readonly b: Float64Array;
  /** Largest |input|. */
  readonly xMax: number;
}

/** Weights and biases as they act on the input's integers. */
function fold(ctx: PrepareCtx<SparseAttrs>): Folded {
  const a = ctx.attrs;
  const x = ctx.inputs[0];
  if (x === undefined || !isInt(x.dtype)) throw new Error("sparse_linear: integer input expected");
  const quant = x.quant ?? { scale: [1], zero: [0] };
  const w = a.w.map((v, q) => v * scaleAt(quant, q % a.cols));
  const b = Float64Array.from(a.b);
  w.forEach((v, q) => { b[Math.floor(q / a.cols)]! -= v * zeroAt(quant, q % a.cols); });
  const [lo, hi] = limits(x.dtype);
  return { w, b, xMax: Math.max(-lo, hi) };
}

const peakOf = (v: ArrayLike<number>): number => { let m = 0; for (let i = 0; i < v.length; i++) m = Math.max(m, Math.abs(v[i] ?? 0)); return m; };

/** Largest |sum| of a row of weights for any input of 1 at most. */
function reach(w: ArrayLike<number>, a: SparseAttrs): number {
  let most = 0;
  for (let i = 0; i < a.rows; i++) {
    let sum = 0;
    for (let j = 0; j < a.cols; j++) sum += Math.abs(w[i * a.cols + j] ?? 0);
    most = Math.max(most, sum);
  }
  return most;
}

/** The step of which all weights are multiples up to 7, or 0. */
function nibbleStep(w: Float64Array): number {
  const peak = peakOf(w);
  if (peak === 0) return 0;
  for (let k = NIBBLE; k >= 1; k--) {
    const step = peak / k;
    if (w.every((v) => Math.abs(v / step - Math.round(v / step)) < 1e-6)) return step;
  }
  return 0;
}

interface Coded { readonly code: Float64Array; readonly bits: 4 | 8 | 16; readonly step: number; /** What 1 of the sum stands for. */ readonly unit: number }

/** `least`: the unit may not be finer than this, or the bias would be out of reach. */
function encode(f: Folded, ctx: PrepareCtx<SparseAttrs>, least: number): Coded {
  const fine = nibbleStep(f.w);
  // In the kernel a nibble stands for 16 times its value.
  if (fine / 16 >= least && fine > 0 && (reach(f.w, ctx.attrs) / fine) * 16 * f.xMax <= SUM) return { code: f.w.map((v) => Math.round(v / fine)), bits: 4, step: fine, unit: fine / 16 };
  const top = ctx.attrs.weightBits === 8 ? 127 : 32767;
  // Rounding may add half a step to every weight.
  const step = Math.max(peakOf(f.w) / top, (reach(f.w, ctx.attrs) * f.xMax) / (SUM - (ctx.attrs.cols * f.xMax) / 2), least, 1e-30);
  return { code: f.w.map((v) => Math.round(v / step)), bits: ctx.attrs.weightBits === 8 ? 8 : 16, step, unit: step };
}

/** What rounding the weights of row i does to the sum at the mean input, in units of the codes. */
function lostAtMean(f: Folded, c: Coded, ctx: PrepareCtx<SparseAttrs>, i: number): number {
  const quant = ctx.inputs[0]?.quant ?? { scale: [1], zero: [0] };
  let lost = 0;
  for (let j = 0, q = i * ctx.attrs.cols; j < ctx.attrs.cols; j++, q++) {
    const mean = ctx.inputStats[0]?.mean[j] ?? 0;
    lost += ((f.w[q] ?? 0) / c.step - (c.code[q] ?? 0)) * (mean / scaleAt(quant, j) + zeroAt(quant, j));
  }
  return lost;
}

export function prepareInt(ctx: PrepareCtx<SparseAttrs>) {
  const a = ctx.attrs;
  const f = fold(ctx);
  const top = a.outBits === 8 ? 127 : 32767;
  const seen = Math.max(peakOf(ctx.outputStats[0]?.min ?? []), peakOf(ctx.outputStats[0]?.max ?? []));
  // Eight bits hold what calibration saw; sixteen leave room above it.
  const out = Math.max(Number.isFinite(seen) ? seen * (a.outBits === 8 ? 1 : 2) : 0, peakOf(f.b), 1e-30) / top;
  const c = encode(f, ctx, out / 2 ** 28);
  const shift = clamp(Math.ceil(Math.log2(out / c.unit) - 1e-9), 0, 30) + 0; // never -0
  const scale = c.unit * 2 ** shift;
  const b = Int16Array.from(a.b, (_, i) => clamp(Math.round((f.b[i] ?? 0) / scale + (lostAtMean(f, c, ctx, i) * c.step) / scale + (shift > 0 ? 0.5 : 0)), -32767, 32767));
  const { form, cols, w, skip, count } = store({ rows: a.rows, cols: a.cols, code: c.code, bits: c.bits });
  return {
    params: { rows: a.rows, cols, form, nibbles: c.bits === 4 ? 1 : 0, shift, top, w, b, skip, count },
    outputs: [{ dtype: a.outBits === 8 ? "i8" as const : "i16" as const, quant: { scale: [scale], zero: [0] } }],
  };
}

export function prepareFloat({ attrs: a }: PrepareCtx<SparseAttrs>) {
  const { form, cols, w, skip, count } = store({ rows: a.rows, cols: a.cols, code: a.w, bits: 32 });
  return { params: { rows: a.rows, cols, form, nibbles: 0, shift: 0, top: 0, w: Float32Array.from(w), b: Float32Array.from(a.b), skip, count }, outputs: [{ dtype: "f32" as const }] };
}
