/**
 * The constants of kernel.c. A difference of one feature is brought to a common unit in one of three ways:
 *   PLAIN    all features have one scale already: |x - p| >> shift
 *   WEIGHED  rows fit 8 bits in the input's own integers, where rows from the same sensor are exact: min(|x - p|, 255) * r >> shift
 *   COMMON   the input is converted once, (x * r + offset) >> shift, and the rows are stored converted: |x' - p'|
 */
import { clamp } from "../../../ir/fixed.js";
import type { PrepareCtx } from "../../../ir/op.js";
import { narrowest, type ParamValues } from "../../../ir/params.js";
import { limits, isInt, scaleAt, zeroAt, type DType, type Quant, type Tensor, type TypedArray } from "../../../ir/types.js";
import type { NeighboursAttrs } from "./attrs.js";
import { COMMON, PLAIN, WEIGHED, type params } from "./twin.js";

type Values = ParamValues<typeof params>;

/** Largest |difference| of calibrated inputs and rows: few bits make short products, more make finer distances. */
const FINE = [4096, 32767] as const;
/** Room for the rounding constant beside the product. */
const PRODUCT = 2 ** 30 - 2 ** 24;

interface Space {
  readonly quant: Quant;
  /** Lowest and highest value of each feature, calibrated or stored. */
  readonly lo: Float64Array;
  readonly hi: Float64Array;
  readonly scales: readonly number[];
}

function spaceOf(ctx: PrepareCtx<NeighboursAttrs>, x: Tensor): Space {
  const a = ctx.attrs;
  const quant: Quant = x.quant ?? { scale: [1], zero: [0] };
  const lo = new Float64Array(a.features).fill(Infinity);
  const hi = new Float64Array(a.features).fill(-Infinity);
  const widen = (v: number, i: number): void => {
    if (!Number.isFinite(v)) return;
    lo[i] = Math.min(lo[i] ?? 0, v);
    hi[i] = Math.max(hi[i] ?? 0, v);
  };
  a.points.forEach((v, at) => widen(v, at % a.features));
  for (let i = 0; i < a.features; i++) for (const v of [ctx.inputStats[0]?.min[i], ctx.inputStats[0]?.max[i]]) widen(v ?? NaN, i);
  return { quant, lo, hi, scales: Array.from({ length: a.features }, (_, i) => scaleAt(quant, i)) };
}

/** Bound of one difference: the sum over all features then stays below the start value of the distances. */
const topOf = (a: NeighboursAttrs): number =>
  Math.min(32767, Math.floor(a.power === 2 ? Math.sqrt((2 ** 32 - 2) / a.features) : a.power === 1 ? (2 ** 32 - 2) / a.features : 32767));

const integers = (a: NeighboursAttrs, s: Space, x: Tensor): Float64Array => {
  const [lo, hi] = isInt(x.dtype) ? limits(x.dtype) : [0, 0];
  // Rows that no input can equal are moved to the nearest that one can.
  return Float64Array.from(a.points, (v, at) => clamp(Math.round(v / (s.scales[at % a.features] ?? 1) + zeroAt(s.quant, at % a.features)), Math.max(lo, -32768), Math.min(hi, 32767)));
};

interface Way { readonly mode: number; readonly unit: number; readonly shift0: number; readonly points: TypedArray; readonly r: TypedArray; readonly offset: TypedArray; readonly shift: TypedArray }

function plain(a: NeighboursAttrs, s: Space, x: Tensor, unit: number): Way {
  const scale = s.scales[0] ?? 1;
  const shift = Math.max(0, Math.ceil(Math.log2(1 / (unit * scale))));
  return { mode: PLAIN, unit: 1 / (scale * 2 ** shift), shift0: shift, points: narrowest(integers(a, s, x), ["u8", "i8", "i16"]), r: Uint8Array.of(0), offset: Uint8Array.of(0), shift: Uint8Array.of(0) };
}

/** Null where rows or calibrated differences do not fit 8 bits. */
function weighed(a: NeighboursAttrs, s: Space, x: Tensor, unit: number): Way | null {
  const points = narrowest(integers(a, s, x), ["u8", "i8", "i16"]);
  if (points.BYTES_PER_ELEMENT !== 1 || s.scales.some((v, i) => ((s.hi[i] ?? 0) - (s.lo[i] ?? 0)) / v > 255)) return null;
  const shift = s.scales.map((v) => clamp(Math.floor(Math.log2(32767 / (v * unit))), 0, 23));
  const least = Math.min(...shift);
  // One shift for all, where it costs no more than four bits of any factor.
  const same = shift.every((v) => v <= least + 4);
  const r = Int16Array.from(s.scales, (v, i) => Math.min(32767, Math.round(v * unit * 2 ** (same ? least : (shift[i] ?? 0)))));
  return { mode: WEIGHED, unit, shift0: same ? least : 255, points, r, offset: Uint8Array.of(0), shift: same ? Uint8Array.of(0) : Uint8Array.from(shift) };
}

function common(a: NeighboursAttrs, s: Space, unit: number): Way {
  // The middle of each feature becomes 0, so that 16 bits leave room on both sides.
  const middle = s.scales.map((_, i) => ((s.hi[i] ?? 0) + (s.lo[i] ?? 0)) / 2);
  const centre = middle.map((m, i) => m / (s.scales[i] ?? 1) + zeroAt(s.quant, i));
  const shift = s.scales.map((v, i) => clamp(Math.floor(Math.log2(Math.min(32767, PRODUCT / Math.max(1, Math.abs(centre[i] ?? 0))) / (v * unit))), 0, 23));
  const r = s.scales.map((v, i) => Math.min(32767, Math.floor(PRODUCT / Math.max(1, Math.abs(centre[i] ?? 0))), Math.round(v * unit * 2 ** (shift[i] ?? 0))));
  const offset = centre.map((c, i) => Math.round(-c * (r[i] ?? 0)) + ((shift[i] ?? 0) > 0 ? 2 ** ((shift[i] ?? 0) - 1) : 0));
  const points = Int16Array.from(a.points, (v, at) => clamp(Math.round((v - (middle[at % a.features] ?? 0)) * unit), -32767, 32767));
  return { mode: COMMON, unit, shift0: 0, points, r: Int16Array.from(r), offset: Int32Array.from(offset), shift: Uint8Array.from(shift) };
}

/** What the answer is made of: ends of the classes, or values around their middle. */
function answer(a: NeighboursAttrs, one: number, level: number): { readonly target: TypedArray; readonly dtype: DType; readonly quant: Quant } {
  if (a.kind === "classes") {
    return { target: narrowest(a.target, ["u8", "u16"]), dtype: a.weighted ? "u16" : "u8", quant: { scale: [a.weighted ? 1 / one : 1 / a.k], zero: [0] } };
  }
  let [lo, hi] = [Infinity, -Infinity];
  for (const v of a.target) { lo = Math.min(lo, v); hi = Math.max(hi, v); }
  const step = Math.max((hi - lo) / (level === 0 ? 254 : 65534), Math.abs(hi) * 1e-12, 1e-30);
  const zero = -(hi + lo) / 2 / step;
  const target = narrowest(Array.from(a.target, (v) => Math.round(v / step + zero)), ["i8", "i16"]);
  return a.weighted ? { target, dtype: "i16", quant: { scale: [step], zero: [zero] } } : { target, dtype: "i32", quant: { scale: [step / a.k], zero: [zero * a.k] } };
}

export const indexType = (rows: number): DType => (rows > 256 ? "u16" : "u8");

export function fixedPoint(ctx: PrepareCtx<NeighboursAttrs>, x: Tensor): { readonly params: Values; readonly outputs: { readonly dtype: DType; readonly quant?: Quant }[] } {
  const a = ctx.attrs;
  const s = spaceOf(ctx, x);
  const top = topOf(a);
  const peak = Math.max(1e-12, ...s.lo.map((v, i) => (s.hi[i] ?? 0) - v));
  // Twice the differences seen fit; beyond that one counts as `top`.
  const unit = Math.min(FINE[ctx.level === 0 ? 0 : 1], top / 2) / peak;
  const way = s.scales.every((v) => v === s.scales[0]) ? plain(a, s, x, unit) : weighed(a, s, x, unit) ?? common(a, s, unit);
  // k weights of at most `one` fit 16 bits, and times a value of 16 bits 32.
  const one = a.weighted ? Math.floor(65535 / a.k) : 1;
  const said = answer(a, one, ctx.level);
  const { unit: u, ...ways } = way;
  const alike = way.mode === PLAIN && a.power === 2 && way.shift0 === 0 && way.points.BYTES_PER_ELEMENT === 1 && top >= 255 && (x.dtype === "u8" ? way.points instanceof Uint8Array : x.dtype === "i8" && way.points instanceof Int8Array);
  return {
    params: {
      rows: a.rows, features: a.features, k: a.k, outputs: a.kind === "values" ? 1 : a.target.length, power: a.power, values: a.kind === "values" ? 1 : 0,
      weighted: a.weighted ? 1 : 0, bytes: alike ? 1 : 0, one, top, ...ways, target: said.target,
    },
    outputs: [{ dtype: said.dtype, quant: said.quant }, { dtype: "u32", quant: { scale: [a.power === 2 ? u ** -2 : 1 / u], zero: [0] } }, { dtype: indexType(a.rows) }, { dtype: "i16" }],
  };
}
