/** A kernel machine in fixed point: vectors on the input's own integers, kernel by a table, sums that no input can overflow. */
import type { PrepareCtx } from "../../../ir/op.js";
import { arrayFrom, isInt, limits, scaleAt, zeroAt } from "../../../ir/types.js";
import { clamp } from "../../../ir/fixed.js";
import { narrowest, type ParamValues } from "../../../ir/params.js";
import { evaluate, groupsOf, outputsOf, pairTable, rowsOf, vectorsOf, type KernelAttrs } from "./attrs.js";
import type { Domain, KernelParams } from "./form.js";
import { innerKernel } from "./inner.js";
import { POLY, RBF, run, SIGMOID, type params } from "./reference.js";
import { radialKernel } from "./radial.js";

function domainOf(ctx: PrepareCtx<KernelAttrs>): Domain {
  const x = ctx.inputs[0];
  if (x === undefined || !isInt(x.dtype)) throw new Error("kernel_machine: integer input expected");
  const [min, max] = limits(x.dtype);
  const q = x.quant ?? { scale: [1], zero: [0] };
  const each = <T>(f: (j: number) => T): T[] => Array.from({ length: ctx.attrs.features }, (_, j) => f(j));
  return { dtype: x.dtype, scale: each((j) => scaleAt(q, j)), zero: each((j) => zeroAt(q, j)), min, max };
}

/** (n, rows): the coefficients of one vector lie together. */
export function byVector(a: KernelAttrs): Float64Array {
  const [n, rows] = [vectorsOf(a), rowsOf(a)];
  return Float64Array.from({ length: n * rows }, (_, i) => a.dual[(i % rows) * n + Math.floor(i / rows)] ?? 0);
}

/** (n, rows): the output each coefficient goes to. */
function targets(a: KernelAttrs): Int32Array {
  const rows = rowsOf(a);
  const pair = pairTable(groupsOf(a));
  return Int32Array.from([...a.support].flatMap((own, c) => Array.from({ length: own * rows }, (_, i) => pair[c * rows + (i % rows)] ?? 0)));
}

/** What a bias may be moved by afterwards; kept free in every sum. */
const MOST_SHIFT = 2 ** 24;
/** Vectors on which the mean error is measured. */
const PROBES = 100;

/** Moves the biases by the mean error of the integer sums at the support vectors: real rows, and the ones nearest to the borders. */
function centred(a: KernelAttrs, x: Domain, scale: readonly number[], p: ParamValues<typeof params>): Int32Array {
  const n = vectorsOf(a);
  const every = Math.max(1, Math.floor(n / PROBES));
  const error = new Float64Array(scale.length);
  const y = new Int32Array(scale.length);
  let probes = 0;
  for (let i = 0; i < n; i += every, probes++) {
    // In units of the input's integers, within what its type holds.
    const row = a.sv.subarray(i * a.features, (i + 1) * a.features).map((v, j) => clamp(v / (x.scale[j] ?? 1) + (x.zero[j] ?? 0), x.min, x.max));
    run(p, arrayFrom(x.dtype, row.map(Math.round)), y);
    evaluate(a, row.map((q, j) => (q - (x.zero[j] ?? 0)) * (x.scale[j] ?? 1))).forEach((v, o) => { error[o]! += v / (scale[o] ?? 1) - (y[o] ?? 0); });
  }
  return Int32Array.from(scale, (_, o) => (p.b[o] ?? 0) + clamp(Math.round((error[o] ?? 0) / probes), -MOST_SHIFT, MOST_SHIFT));
}

export interface Sums {
  readonly dual: Int32Array;
  readonly b: number[];
  readonly scale: number[];
}

/** Coefficients of at most `top` and biases on one scale per output; null where some input could overflow a 32-bit sum. */
function sums(a: KernelAttrs, top: number, drop: number, k: KernelParams, perOutput: boolean): Sums | null {
  const values = byVector(a).map((v, i) => v * (k.weight[Math.floor(i / rowsOf(a))] ?? 1));
  const target = targets(a);
  const peak = new Float64Array(outputsOf(a)).fill(1e-30);
  values.forEach((v, i) => { peak[target[i] ?? 0] = Math.max(peak[target[i] ?? 0] ?? 0, Math.abs(v)); });
  const common = Math.max(...peak);
  const step = Array.from(peak, (p) => (perOutput ? p : common) / top);
  const dual = Int32Array.from(values, (v, i) => Math.round(v / (step[target[i] ?? 0] ?? 1)));
  const scale = step.map((s) => s * k.unit * 2 ** drop);
  const b = scale.map((s, p) => Math.round((a.b[p] ?? 0) / s));
  const bound = b.map(Math.abs);
  dual.forEach((q, i) => { bound[target[i] ?? 0]! += (Math.abs(q) * k.top) / 2 ** drop + 1; });
  return bound.every((v) => v < 2 ** 31 - MOST_SHIFT) ? { dual, b, scale } : null;
}

/** The most bits of coefficients and kernel values whose sums are safe: kernel bits go first, then coefficient bits. */
function fit(ctx: PrepareCtx<KernelAttrs>, make: (bits: number) => KernelParams, mostBits: number): { readonly k: KernelParams; readonly s: Sums; readonly drop: number } {
  const drop = ctx.level === 0 ? 0 : 8;
  for (let top = ctx.level === 0 ? 127 : 32767; top >= 1; top >>= 1) {
    for (let bits = mostBits; bits >= 8; bits--) {
      const k = make(bits);
      const s = sums(ctx.attrs, top, drop, k, ctx.perElementOutput);
      if (s) return { k, s, drop };
    }
  }
  // A bias beyond everything else: the kernel's part is below the resolution of the sum.
  const k = make(8);
  const scale = Array.from(ctx.attrs.b, (v) => Math.max(Math.abs(v) / 2 ** 30, 1e-30));
  const widest = Math.max(...scale);
  return { k, drop, s: { dual: new Int32Array(byVector(ctx.attrs).length), b: Array.from(ctx.attrs.b, (v) => Math.round(v / widest)), scale: scale.map(() => widest) } };
}

export function prepareInt(ctx: PrepareCtx<KernelAttrs>) {
  const a = ctx.attrs;
  const domain = domainOf(ctx);
  const { make, bits } = a.kernel === "rbf" ? radialKernel(a, domain, ctx.level) : innerKernel(a, domain, ctx.inputStats[0], ctx.level);
  const { k, s, drop } = fit(ctx, make, bits);
  const { top: _top, unit: _unit, weight: _weight, ...constants } = k;
  const same = s.scale.every((v) => v === s.scale[0]);
  const params = {
    ...constants, features: a.features, groups: groupsOf(a), rows: rowsOf(a), outputs: outputsOf(a), drop, each: k.offset.length > 1 ? 1 : 0,
    count: narrowest(a.support, ["u8", "u16"]), pair: narrowest(pairTable(groupsOf(a)), ["u8", "u16"]),
    dual: arrayFrom(ctx.level === 0 ? "i8" : "i16", s.dual), b: arrayFrom("i32", s.b),
  };
  return {
    params: { ...params, b: centred(a, domain, s.scale, params) },
    outputs: [{ dtype: "i32" as const, quant: { scale: same ? s.scale.slice(0, 1) : s.scale, zero: [0] } }],
  };
}

/** Float32 form: the same names; `table` holds gamma and coef0. */
export function prepareFloat({ attrs: a }: PrepareCtx<KernelAttrs>) {
  const linear = a.kernel === "linear";
  return {
    params: {
      kernel: a.kernel === "rbf" ? RBF : a.kernel === "sigmoid" ? SIGMOID : POLY, features: a.features, groups: groupsOf(a), rows: rowsOf(a), outputs: outputsOf(a),
      narrow: 0, coarse: 0, centre: 0, up: 0, down: 0, limit: 0, period: 0, fine: 0, smooth: 0, degree: linear ? 1 : a.degree, cut: 0, drop: 0, each: 0,
      count: narrowest(a.support, ["u8", "u16"]), pair: narrowest(pairTable(groupsOf(a)), ["u8", "u16"]),
      sv: Float32Array.from(a.sv), dual: Float32Array.from(byVector(a)), b: Float32Array.from(a.b),
      table: linear ? Float32Array.of(1, 0) : Float32Array.of(a.gamma, a.coef0), offset: Float32Array.of(0),
    },
    outputs: [{ dtype: "f32" as const }],
  };
}
