/** What element-wise operators of networks share: their scales, their bounds, and tables of 256 answers. */
import { fail } from "./diagnostics.js";
import { clamp } from "./fixed.js";
import { roundHalfAway, scaleOf } from "./requantise.js";
import { limits, type DType, type IntDType, type Tensor } from "./types.js";

const f32 = Math.fround;

/** The largest float32: "no bound" where parameters must be numbers. */
export const F32_MAX = 3.4028234663852886e38;

/** Scale and zero point of an int8 or int16 tensor; 16 bits are symmetric, as in TFLite. */
export function quantOf(t: Tensor, where: string): { readonly scale: number; readonly zero: number } {
  const q = scaleOf(t, where);
  if (t.dtype === "i16" && q.zero !== 0) fail("network/zero-point", where, `${t.name} has 16 bits and the zero point ${q.zero}`, "Supported: zero point 0 for 16-bit tensors.");
  return q;
}

/** All operands of one type. @throws where they are not. */
export function oneType(tensors: readonly Tensor[], where: string): void {
  const types = [...new Set(tensors.map((t) => t.dtype))];
  if (types.length > 1) fail("network/unsupported-type", where, `operands of the types ${types.join(" and ")}`, "Supported: operands and result of one type; convert the model again.");
}

/** For operators that copy integers as they are. @throws where the scales differ. */
export function oneScale(tensors: readonly Tensor[], where: string): void {
  oneType(tensors, where);
  const [first, ...rest] = tensors.filter((t) => t.quant).map((t) => scaleOf(t, where));
  if (rest.some((q) => q.scale !== first?.scale || q.zero !== first.zero)) fail("network/scales-differ", where, "the operands have other scales than the result", "Supported: one scale and zero point for all; convert the model again with TensorFlow's converter.");
}

/** Types an operator has no form for. */
export const unsupported = (t: Tensor, where: string, supported: string): never =>
  fail("network/unsupported-type", where, `${t.name} has the type ${t.dtype}`, `Supported: ${supported}.`);

/** The answer for each of 256 values of a byte; entry k belongs to the value whose low byte is k. */
export function byteTable(x: DType, y: IntDType, f: (q: number) => number): Int8Array | Uint8Array {
  const [lo, hi] = limits(y);
  const out = y === "u8" ? new Uint8Array(256) : new Int8Array(256);
  return out.map((_, k) => clamp(f(x === "i8" ? (k << 24) >> 24 : k), lo, hi));
}

/** A function of one variable at a quantised value, by TFLite's rule: every step in float32. Where it has no value the answer is the smallest. */
export function quantisedValue(f: (x: number) => number, q: number, from: { readonly scale: number; readonly zero: number }, to: { readonly scale: number; readonly zero: number }): number {
  const y = f32(f32(f(f32(from.scale * (q - from.zero)))) * f32(1 / to.scale));
  return Number.isNaN(y) ? -Infinity : roundHalfAway(y) + to.zero;
}
