/**
 * What layers with constant weights share (convolutions, fully connected): the parameters of their output stage, and the
 * sums of products of the integer reference, one function for each element type so that every loop stays on one kind of array.
 */
import { fail } from "./diagnostics.js";
import type { Format } from "./op.js";
import type { ParamValues } from "./params.js";
import { activationRange, channelMultipliers, layerKind, realRange, requant, requantWide, scaleOf } from "./requantise.js";
import { count, type Tensor, type TypedArray } from "./types.js";

/** Zero points, bounds of the output, weights, biases, and one multiplier for each output channel. */
export const layerParams = {
  zero_x: "i16", zero_y: "i16", lo: "i16", hi: "i16", f_lo: "f32", f_hi: "f32", w: "rom", b: "rom", mult: "rom", shift: "rom",
} as const;
export type LayerValues = ParamValues<typeof layerParams>;

const LARGEST = 3.4028234663852886e38;

/** Bounds of a fused activation in float32, which has no infinity in C's constants. */
export function floatRange(activation: string): { readonly f_lo: number; readonly f_hi: number } {
  const [lo, hi] = realRange(activation);
  return { f_lo: Math.max(lo, -LARGEST), f_hi: Math.min(hi, LARGEST) };
}

export interface Layer {
  readonly where: string;
  readonly activation: string;
  readonly channels: number;
  readonly x: Tensor;
  readonly w: Tensor;
  readonly b: Tensor | undefined;
  readonly y: Tensor;
  /** Axis of the weights that scales may run along: that of the output channels. */
  readonly channelAxis: number;
  /** Where the rule is another than one multiplier for each channel. */
  readonly multipliers?: () => Pick<LayerValues, "mult" | "shift">;
}

/** The parameters of {@link layerParams}; biases are zero where the layer has none. */
export function layerValues(l: Layer): { readonly params: LayerValues; readonly outputs: readonly Format[] } {
  const { where, x, w, b, y } = l;
  if (b && count(b.shape) !== l.channels) fail("ir/bad-shape", where, `a bias of ${b.shape.join(" x ")} for ${l.channels} channels`, "Give one bias for each output channel.");
  if (layerKind(x.dtype, where) === "float") {
    const none = { zero_x: 0, zero_y: 0, lo: 0, hi: 0, mult: Int32Array.of(0), shift: Int8Array.of(0) };
    return { params: { ...none, ...floatRange(l.activation), w: Float32Array.from(w.data ?? []), b: Float32Array.from(b?.data ?? new Float32Array(l.channels)) }, outputs: [{ dtype: "f32" }] };
  }
  const nonzero = w.quant?.zero.find((z) => z !== 0);
  if (w.dtype !== "i8" || nonzero !== undefined) fail("network/weights", where, w.dtype === "i8" ? `weights with zero point ${nonzero}` : `weights of type ${w.dtype} for activations of type ${x.dtype}`, "Supported: int8 (or int4) weights with zero point 0, as full integer quantisation writes them.");
  const { scale = [], axis = l.channelAxis } = w.quant ?? {};
  if (scale.length > 1 && (scale.length !== l.channels || axis !== l.channelAxis)) fail("network/weights", where, `${scale.length} weight scales along axis ${axis}, ${l.channels} output channels`, "Supported: one scale, or one for each output channel.");
  if (y.dtype !== x.dtype) fail("network/unsupported-type", where, `input of type ${x.dtype}, output of type ${y.dtype}`, "Supported: the same type on both sides.");
  if (x.dtype === "i16" && (scaleOf(x, where).zero !== 0 || scaleOf(y, where).zero !== 0)) fail("network/zero-point", where, "int16 activations with a zero point", "Supported: int16 activations with zero point 0, as full integer quantisation writes them.");
  const [lo, hi] = activationRange(l.activation, y, where);
  const ints = { zero_x: scaleOf(x, where).zero, zero_y: scaleOf(y, where).zero, lo, hi, f_lo: 0, f_hi: 0 };
  const multipliers = l.multipliers?.() ?? channelMultipliers(x, w, y, l.channels, where);
  return { params: { ...ints, ...multipliers, w: Int8Array.from(w.data ?? []), b: Int32Array.from(b?.data ?? new Int32Array(l.channels)) }, outputs: [{ dtype: y.dtype }] };
}

/** `start + sum of n products (x - zero) * w`, from x[i] and w[k] on. */
export type Dot = (x: TypedArray, i: number, w: TypedArray, k: number, n: number, zero: number, start: number) => number;

const dot8: Dot = (x, i, w, k, n, zero, start) => {
  let sum = start | 0;
  for (let c = 0; c < n; c++) sum = (sum + Math.imul((x[i + c] as number) - zero, w[k + c] as number)) | 0;
  return sum;
};

/** Sums of int16 layers have up to 48 bits: exact in double precision. */
const dot16: Dot = (x, i, w, k, n, zero, start) => {
  let sum = start;
  for (let c = 0; c < n; c++) sum += ((x[i + c] as number) - zero) * (w[k + c] as number);
  return sum;
};

const dotFloat: Dot = (x, i, w, k, n, _zero, start) => {
  let sum = start;
  for (let c = 0; c < n; c++) sum = Math.fround(sum + Math.fround((x[i + c] as number) * (w[k + c] as number)));
  return sum;
};

export const dotOf = (x: TypedArray): Dot => (x instanceof Int8Array ? dot8 : x instanceof Int16Array ? dot16 : dotFloat);

/** Adds to the sums of all channels of a depthwise layer at once: `sums[c * each + j] += (x[i + c] - zero) * w[k + c * each + j]`. */
export type Spread = (sums: TypedArray, x: TypedArray, i: number, w: TypedArray, k: number, channels: number, each: number, zero: number) => void;

const spread8: Spread = (sums, x, i, w, k, channels, each, zero) => {
  if (each === 1) for (let c = 0; c < channels; c++) sums[c] = (sums[c] as number) + Math.imul((x[i + c] as number) - zero, w[k + c] as number);
  else for (let o = 0; o < channels * each; o++) sums[o] = (sums[o] as number) + Math.imul((x[i + Math.trunc(o / each)] as number) - zero, w[k + o] as number);
};

const spread16: Spread = (sums, x, i, w, k, channels, each, zero) => {
  for (let o = 0; o < channels * each; o++) sums[o] = (sums[o] as number) + ((x[i + Math.trunc(o / each)] as number) - zero) * (w[k + o] as number);
};

const spreadFloat: Spread = (sums, x, i, w, k, channels, each) => {
  for (let o = 0; o < channels * each; o++) sums[o] = (sums[o] as number) + Math.fround((x[i + Math.trunc(o / each)] as number) * (w[k + o] as number));
};

export const spreadOf = (x: TypedArray): Spread => (x instanceof Int8Array ? spread8 : x instanceof Int16Array ? spread16 : spreadFloat);

/** An array for sums: 32 bits for int8, up to 48 for int16 (exact in double precision), float32 rounded at every step. */
export const sumsFor = (x: TypedArray, n: number): TypedArray => (x instanceof Int8Array ? new Int32Array(n) : x instanceof Int16Array ? new Float64Array(n) : new Float32Array(n));

/** A sum of products as an element of the output: multiplier `m` of the table, zero point, bounds. */
export type Stage = (p: LayerValues, sum: number, m: number) => number;

const stage8: Stage = (p, sum, m) => {
  const v = requant(sum, p.mult[m] as number, p.shift[m] as number) + p.zero_y;
  return v < p.lo ? p.lo : v > p.hi ? p.hi : v;
};

const stage16: Stage = (p, sum, m) => {
  const v = requantWide(sum, p.mult[m] as number, p.shift[m] as number) + p.zero_y;
  return v < p.lo ? p.lo : v > p.hi ? p.hi : v;
};

const stageFloat: Stage = (p, sum) => (sum < p.f_lo ? p.f_lo : sum > p.f_hi ? p.f_hi : sum);

export const stageOf = (x: TypedArray): Stage => (x instanceof Int8Array ? stage8 : x instanceof Int16Array ? stage16 : stageFloat);
