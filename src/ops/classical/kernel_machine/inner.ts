/** Kernels of the inner product in integers: (g x.sv + c)^d by repeated products, tanh(g x.sv + c) by a table of one side. */
import { clamp } from "../../../ir/fixed.js";
import type { Stats } from "../../../ir/op.js";
import { arrayFrom } from "../../../ir/types.js";
import { vectorsOf, type KernelAttrs } from "./attrs.js";
import type { Domain, KernelParams } from "./form.js";
import { POLY, SIGMOID } from "./reference.js";

/** Argument from which tanh is 1 at 15 bits. */
const FLAT = 5.55;
const HALF_RANGE = 2 ** 30;

interface Inner {
  readonly gamma: number;
  readonly coef0: number;
  readonly degree: number;
}

/** The linear kernel and degree 0 as special cases of the polynomial one; gamma 0 as one too small to matter. */
function normal(a: KernelAttrs): Inner {
  if (a.kernel === "linear") return { gamma: 1, coef0: 0, degree: 1 };
  if (a.kernel === "poly" && a.degree === 0) return { gamma: 1e-9, coef0: 1, degree: 1 };
  return { gamma: Math.max(a.gamma, 1e-9), coef0: a.coef0, degree: a.degree };
}

interface Products {
  readonly sv: Int32Array;
  readonly offset: number[];
  /** What 1 of the sum stands for, in units of g x.sv + c. */
  readonly unit: number;
  /** Largest |sum| for any input, and over the range of the calibration rows. */
  readonly any: number;
  readonly seen: number;
}

/** Vectors on a scale of their own, the input's scales and zeros folded in, so that |x.sv + offset| stays below 2^30 for any input. */
function products(a: KernelAttrs, k: Inner, x: Domain, stats: Stats | undefined, short: boolean): Products {
  const [n, m] = [vectorsOf(a), a.features];
  const folded = a.sv.map((v, i) => v * (x.scale[i % m] ?? 1));
  const of = <T extends Float64Array | Int32Array>(v: T, i: number): T => v.subarray(i * m, (i + 1) * m) as T;
  const reach = x.zero.map((z) => Math.max(Math.abs(x.min), Math.abs(x.max)) + Math.abs(z));
  const longest = Math.max(...Array.from({ length: n }, (_, i) => of(folded, i).reduce((s, w, j) => s + Math.abs(w) * (reach[j] ?? 0), 0)));
  const peak = folded.reduce((s, w) => Math.max(s, Math.abs(w)), 1e-30);
  // Rounding may add half a step to every element.
  const rounding = reach.reduce((s, r) => s + r, 0) / 2;
  const step = Math.max(peak / (short ? 127 : 32767), longest / Math.max(1, HALF_RANGE / 2 - rounding), Math.abs(k.coef0) / (k.gamma * (HALF_RANGE / 4)));
  const sv = Int32Array.from(folded, (v) => Math.round(v / step));
  const unit = k.gamma * step;
  const offset = Array.from({ length: n }, (_, i) => Math.round(k.coef0 / unit - of(sv, i).reduce((s, w, j) => s + w * (x.zero[j] ?? 0), 0)));
  const place = (v: number | undefined, j: number, open: number): number => clamp((v ?? open) / (x.scale[j] ?? 1) + (x.zero[j] ?? 0), x.min, x.max);
  const lo = x.zero.map((_, j) => place(stats?.min[j], j, -Infinity));
  const hi = x.zero.map((_, j) => place(stats?.max[j], j, Infinity));
  const extreme = (i: number, from: (j: number) => number, to: (j: number) => number): number => {
    let [low, high] = [offset[i] ?? 0, offset[i] ?? 0];
    of(sv, i).forEach((w, j) => {
      low += Math.min(w * from(j), w * to(j));
      high += Math.max(w * from(j), w * to(j));
    });
    return Math.max(-low, high);
  };
  let [any, seen] = [1, 1];
  for (let i = 0; i < n; i++) {
    any = Math.max(any, extreme(i, () => x.min, () => x.max));
    seen = Math.max(seen, extreme(i, (j) => lo[j] ?? 0, (j) => hi[j] ?? 0));
  }
  return { sv, offset, unit, any, seen };
}

/** v = sum >> down within 16 bits, limited beyond the range seen; then v^d, of which `bits` bits are kept. */
function poly(k: Inner, p: Products, base: Pick<KernelParams, "sv" | "offset" | "weight">): (bits: number) => KernelParams {
  const down = Math.max(0, Math.ceil(Math.log2((Math.min(p.any, p.seen) + 1) / 32768)));
  const unit = p.unit * 2 ** down;
  const whole = k.degree < 2 ? 15 : 30;
  return (bits) => {
    const cut = Math.max(0, whole - bits);
    return {
      ...base, kernel: POLY, narrow: 0, coarse: 0, centre: 0, up: 0, down, limit: 0, period: 0, fine: 0, smooth: 0, degree: k.degree, cut, table: new Int16Array(1),
      top: Math.ceil(2 ** (whole - cut)), unit: unit ** k.degree * 2 ** (k.degree < 2 ? 0 : 15 * (k.degree - 2)) * 2 ** cut,
    };
  };
}

/** tanh of |sum| from a table of its way to 1, interpolated; the sign is put back. */
function sigmoid(p: Products, base: Pick<KernelParams, "sv" | "offset" | "weight">): (bits: number) => KernelParams {
  const flat = FLAT / p.unit;
  const power = 14 - Math.floor(Math.log2(flat));
  const [up, down] = [clamp(power, 0, 15), clamp(-power, 0, 29)];
  const period = clamp(Math.ceil(flat * 2 ** (up - down)), 1, 2 ** 15 - 1);
  const fine = Math.max(0, Math.floor(Math.log2(period)) - 6);
  const limit = Math.min(2 ** 32 - 1, Math.max(0, Math.floor(period * 2 ** (down - up)) - 1));
  const perIndex = p.unit * 2 ** (down - up + fine);
  return (bits) => {
    const top = 2 ** bits - 1;
    const table = Int16Array.from({ length: (period >> fine) + 2 }, (_, i) => Math.round(top * Math.tanh(i * perIndex)));
    return { ...base, kernel: SIGMOID, narrow: 0, coarse: 0, centre: 0, up, down, limit, period, fine, smooth: 1, degree: 0, cut: 0, table, top, unit: 1 / top };
  };
}

export function innerKernel(a: KernelAttrs, x: Domain, stats: Stats | undefined, level: number): { readonly make: (bits: number) => KernelParams; readonly bits: number } {
  const k = normal(a);
  const short = level < 2;
  const p = products(a, k, x, stats, short);
  const common = p.offset.every((v) => v === p.offset[0]);
  const base = { sv: arrayFrom(short ? "i8" : "i16", p.sv), offset: Int32Array.from(common ? p.offset.slice(0, 1) : p.offset), weight: new Float64Array(vectorsOf(a)).fill(1) };
  return a.kernel === "sigmoid" ? { make: sigmoid(p, base), bits: 15 } : { make: poly(k, p, base), bits: k.degree < 2 ? 15 : 23 };
}
