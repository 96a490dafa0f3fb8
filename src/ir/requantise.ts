/**
 * The integer arithmetic of quantised networks: TensorFlow Lite Micro's reference kernels, bit for bit, double rounding
 * (`reference/int8-semantics.md`, sections 2 to 4). The C twin is the section `requant` of `runtime/coincell.h`.
 */
import { clamp } from "./fixed.js";
import { fail } from "./diagnostics.js";
import { limits, scaleAt, zeroAt, type DType, type IntDType, type Quant, type Tensor } from "./types.js";

const f32 = Math.fround;

/** Rounds half away from zero. */
export const roundHalfAway = (x: number): number => (x < 0 ? -Math.floor(-x + 0.5) : Math.floor(x + 0.5));

/** `real = multiplier * 2^(shift - 31)` with a 31-bit multiplier. */
export interface Multiplier {
  readonly mult: number;
  readonly shift: number;
}

/** TFLite's QuantizeMultiplier. */
export function multiplier(real: number): Multiplier {
  if (real === 0) return { mult: 0, shift: 0 };
  let shift = Math.floor(Math.log2(Math.abs(real))) + 1;
  // log2 may be off by one at powers of two: 0.5 <= |fraction| < 1.
  while (Math.abs(real) / 2 ** shift >= 1) shift++;
  while (Math.abs(real) / 2 ** shift < 0.5) shift--;
  let mult = roundHalfAway((real / 2 ** shift) * 2 ** 31);
  if (mult === 2 ** 31) { mult = 2 ** 30; shift++; }
  return shift < -31 ? { mult: 0, shift: 0 } : { mult, shift };
}

/** Saturating rounding doubling high multiply of two int32: `round(a * b / 2^31)`. */
export function doublingHigh(a: number, b: number): number {
  if (a === b && a === -(2 ** 31)) return 2 ** 31 - 1;
  // a * b has up to 62 bits: taken in two exact parts.
  const high = (a >> 16) * b;
  const low = (a & 0xffff) * b;
  return Math.floor((high + Math.floor((low + 2 ** 30) / 65536)) / 32768);
}

/** Rounding divide by a power of two, half away from zero. */
export function divideByPowerOfTwo(x: number, exponent: number): number {
  if (exponent === 0) return x;
  const rest = exponent === 31 ? x & 0x7fffffff : x & ((1 << exponent) - 1);
  const half = exponent === 31 ? 0x3fffffff : ((1 << exponent) - 1) >> 1;
  return (x >> exponent) + (rest > half + (x < 0 ? 1 : 0) ? 1 : 0);
}

/** MultiplyByQuantizedMultiplier of an int32, rounding twice. */
export const requantise = (x: number, { mult, shift }: Multiplier): number => requant(x, mult, shift);

export function requant(x: number, mult: number, shift: number): number {
  const high = doublingHigh(shift > 0 ? x << shift : x, mult);
  return shift < 0 ? divideByPowerOfTwo(high, -shift) : high;
}

/** The same for the 64-bit sums of int16 layers: |x| < 2^47, -31 <= shift < 8; one rounding, half up. */
export function requantWide(x: number, mult: number, shift: number): number {
  const m = mult < 0x7fff0000 ? (mult + 0x8000) >> 16 : 0x7fff;
  const k = 15 - shift;
  const upper = Math.floor(x / 2 ** 24);
  const low = (x - upper * 2 ** 24) * m + 2 ** (k - 1);
  return k <= 24 ? upper * m * 2 ** (24 - k) + Math.floor(low / 2 ** k) : Math.floor((upper * m + Math.floor(low / 2 ** 24)) / 2 ** (k - 24));
}

/** Scale and zero point of a tensor that has one of each, as float32 and integer. @throws CoincellError where it has none. */
export function scaleOf(t: Tensor | undefined, where: string): { readonly scale: number; readonly zero: number } {
  const q: Quant = t?.quant ?? fail("network/no-scale", where, `${t?.name ?? "a tensor"} has no scale`, "Convert the model with full integer quantisation (a representative data set), or give --calibrate rows for a float model.");
  return { scale: f32(scaleAt(q, 0)), zero: zeroAt(q, 0) };
}

export const activations = ["none", "relu", "relu_n1_to_1", "relu6"] as const;
/** An activation fused into another operator, by TFLite's numbering. */
export type Activation = (typeof activations)[number];

const bounds: Readonly<Record<Activation, readonly [number, number]>> = { none: [-Infinity, Infinity], relu: [0, Infinity], relu_n1_to_1: [-1, 1], relu6: [0, 6] };

/** Bounds of a fused activation in real numbers. */
export const realRange = (kind: string): readonly [number, number] => bounds[kind as Activation] ?? bounds.none;

/** A fused activation that leaves positive factors alone: f(s x) = s f(x). */
export const isRectifier = (a: { readonly activation: string }): boolean => a.activation === "none" || a.activation === "relu";

/** Bounds of a fused activation in the integers of its output. */
export function activationRange(kind: string, out: Tensor, where: string): readonly [number, number] {
  const [min, max] = limits(out.dtype as IntDType);
  const { scale, zero } = kind === "none" ? { scale: 1, zero: 0 } : scaleOf(out, where);
  const at = (real: number, other: number): number => (Number.isFinite(real) ? zero + roundHalfAway(f32(real / scale)) : other);
  const [lo, hi] = realRange(kind);
  return [clamp(at(lo, min), min, max), clamp(at(hi, max), min, max)];
}

/** One multiplier for each output channel: `input scale * weight scale / output scale`, in double precision. */
export function channelMultipliers(x: Tensor, w: Tensor, y: Tensor, channels: number, where: string): { readonly mult: Int32Array; readonly shift: Int8Array } {
  const [si, so] = [scaleOf(x, where).scale, scaleOf(y, where).scale];
  const q = w.quant ?? fail("network/no-scale", where, "the weights have no scale", "Convert the model with full integer quantisation.");
  const all = Array.from({ length: channels }, (_, c) => multiplier((si * f32(scaleAt(q, c))) / so));
  return { mult: Int32Array.from(all, (m) => m.mult), shift: Int8Array.from(all, (m) => m.shift) };
}

/** Which of the three arithmetics a layer runs in, by the type of its input. */
export type LayerKind = "int8" | "int16" | "float";
export function layerKind(x: DType | undefined, where: string): LayerKind {
  if (x === "i8") return "int8";
  if (x === "i16") return "int16";
  if (x === "f32") return "float";
  return fail("network/unsupported-type", where, `input of type ${x ?? "unknown"}`, "Supported: int8, int16 (with int8 weights), float32. Unsigned 8-bit models of old converters must be converted again as int8.");
}
