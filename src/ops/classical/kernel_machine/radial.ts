/** exp(-gamma |x - sv|^2) in integers: halvings counted by subtraction, the rest of one halving from a small table; no multiplication. */
import { clamp } from "../../../ir/fixed.js";
import { arrayFrom, bytesOf, type TypedArray } from "../../../ir/types.js";
import type { KernelAttrs } from "./attrs.js";
import type { Domain, KernelParams } from "./form.js";
import { RBF } from "./reference.js";

/** Bits of the halving period: it lies in 2^11 .. 2^12, so that 16 halvings fit 16 bits. */
const PERIOD_BITS = 11;
const HALVINGS = 16;

/** Differences are shortened until the sum of their squares stays below 2^31. */
function narrowing(features: number, reach: number): number {
  let narrow = 0;
  while (features * Math.floor(reach / 2 ** narrow) ** 2 >= 2 ** 31) narrow++;
  return narrow;
}

/** Middle of each piece of the period, or, where it is interpolated, its ends. */
function halvingTable(period: number, fine: number, smooth: boolean, top: number): Int16Array {
  const pieces = ((period - 1) >> fine) + 1;
  return Int16Array.from({ length: pieces + (smooth ? 1 : 0) }, (_, i) => {
    const at = i * 2 ** fine + (smooth ? 0 : (2 ** fine - 1) / 2);
    return Math.round(top * 2 ** (-at / period));
  });
}

/** The input on one scale: distances mean nothing else. */
type Common = Omit<Domain, "scale" | "zero"> & { readonly scale: number; readonly zero: number };

/** The vectors on the input's integers; in 8 bits, `sv * 2^coarse + centre` stands for a 16-bit place. */
interface Places {
  readonly sv: TypedArray;
  readonly coarse: number;
  readonly centre: number;
  /** Where each element really stands. */
  readonly at: Float64Array;
}

function places(a: KernelAttrs, x: Common, short: boolean): Places {
  const exact = a.sv.map((v) => clamp(v / x.scale + x.zero, x.min, x.max));
  if (!short) return { sv: arrayFrom(x.dtype, exact.map(Math.round)), coarse: 0, centre: 0, at: exact.map(Math.round) };
  const [lo, hi] = [exact.reduce((m, v) => Math.min(m, v), Infinity), exact.reduce((m, v) => Math.max(m, v), -Infinity)];
  const coarse = Math.max(0, Math.ceil(Math.log2((hi - lo + 1) / 255)));
  const centre = Math.round((lo + hi) / 2);
  const sv = exact.map((v) => clamp(Math.round((v - centre) / 2 ** coarse), Math.max(-128, Math.ceil((x.min - centre) / 2 ** coarse)), Math.min(127, Math.floor((x.max - centre) / 2 ** coarse))));
  return { sv: arrayFrom("i8", sv), coarse, centre, at: sv.map((v) => v * 2 ** coarse + centre) };
}

/** A vector outside the range of the input type lies further off than its clamped place, at least by what was cut. */
const weights = (a: KernelAttrs, x: Common): Float64Array => Float64Array.from({ length: a.sv.length / a.features }, (_, i) => {
  const cut = a.sv.subarray(i * a.features, (i + 1) * a.features).reduce((s, v) => {
    const q = v / x.scale + x.zero;
    return s + (Math.max(0, x.min - 0.5 - q, q - x.max - 0.5) * x.scale) ** 2;
  }, 0);
  return Math.exp(-a.gamma * cut);
});

export function radialKernel(a: KernelAttrs, domain: Domain, level: number): { readonly make: (bits: number) => KernelParams; readonly bits: number } {
  const x: Common = { ...domain, scale: domain.scale[0] ?? 1, zero: domain.zero[0] ?? 0 };
  const narrow = narrowing(a.features, x.max - x.min);
  // The kernel halves each time the shortened squared distance grows by this much.
  const halving = Math.LN2 / Math.max(a.gamma * x.scale ** 2 * 4 ** narrow, 1e-300);
  const power = PERIOD_BITS - Math.floor(Math.log2(halving));
  const [up, down] = [clamp(power, 0, 15), clamp(-power, 0, 30)];
  const period = clamp(Math.round(halving * 2 ** (up - down)), 1, 2 ** (PERIOD_BITS + 1) - 1);
  const limit = Math.min(2 ** 32, Math.ceil(HALVINGS * period * 2 ** (down - up))) - 1;
  const smooth = level > 0;
  const fine = Math.max(0, Math.floor(Math.log2(period)) - (smooth ? 5 : 6));
  const { sv, coarse, centre, at } = places(a, x, bytesOf(x.dtype) > 1 && level < 2);
  // Rounding lengthens distances: on average by the squared error of a vector, and by as much again for an input as coarse as the vectors.
  const error = a.sv.reduce((s, v, i) => s + Math.min(4 ** coarse / 4, (v / x.scale + x.zero - (at[i] ?? 0)) ** 2), 0) / (a.sv.length / a.features);
  const shrunk = 2 ** (-((coarse > 0 ? 1 : 2) * error) / 4 ** narrow / halving);
  const weight = weights(a, x);
  const make = (bits: number): KernelParams => ({
    kernel: RBF, narrow, coarse, centre, up, down, limit, period, fine, smooth: smooth ? 1 : 0, degree: 0, cut: 0, sv, weight,
    table: halvingTable(period, fine, smooth, 2 ** bits - 1), offset: Int32Array.of(0), top: 2 ** bits - 1, unit: 1 / (shrunk * (2 ** bits - 1)),
  });
  return { make, bits: 15 };
}
