/** Scales and zero points of quantised ONNX as ours. Unsigned bytes become signed ones, 128 less, which changes no meaning. */
import { fail } from "../../ir/diagnostics.js";
import type { NdArray } from "../../ir/foreign.js";
import { arrayFrom, isInt, limits, type DType, type Quant, type Shape, type Tensor, type TypedArray } from "../../ir/types.js";

const BYTE = 128;

/** 4-bit values are bytes here, 64-bit integers sizes of 32 bits. */
export const dtypeOfArray = (a: NdArray["data"]): DType =>
  a instanceof Float32Array ? "f32" : a instanceof Int8Array ? "i8" : a instanceof Uint8Array ? "u8" : a instanceof Int16Array ? "i16" : a instanceof Uint16Array ? "u16" : a instanceof Uint32Array ? "u32" : "i32";

/** What a QuantizeLinear says: the type it makes and what its integers mean, as the device has them. */
export interface Format {
  readonly dtype: DType;
  readonly quant: Quant;
}

/** `axis` matters where there is more than one scale. */
export function formatOf(scale: ArrayLike<number>, zero: ArrayLike<number> | null, dtype: DType, axis: number, where: string): Format {
  const scales = Array.from(scale);
  if (scales.length === 0 || scales.some((s) => !(s > 0 && Number.isFinite(s)))) fail("onnx/scale", where, `the scale ${scales.slice(0, 4).join(", ")}`, "Scales must be positive numbers; quantise the model again.");
  if (dtype === "u16" || dtype === "u32" || !isInt(dtype)) return fail("onnx/quantised-type", where, `integers of type ${dtype}`, "Supported: int8, uint8, int16 and int32 (biases).");
  const shift = dtype === "u8" ? BYTE : 0;
  const given = zero === null ? [0] : Array.from(zero);
  const zeros = given.every((z) => z === given[0]) ? [(given[0] ?? 0) - shift] : given.map((z) => z - shift);
  return { dtype: dtype === "u8" ? "i8" : dtype, quant: { scale: scales, zero: zeros, ...(scales.length > 1 ? { axis } : {}) } };
}

/** A stored tensor in the format. */
export const shifted = (data: TypedArray, from: DType): TypedArray => (from === "u8" ? Int8Array.from(data, (v) => v - BYTE) : data);

export const sameFormat = (a: { readonly dtype: DType; readonly quant?: Quant }, b: Format): boolean =>
  a.dtype === b.dtype && a.quant?.scale.join() === b.quant.scale.join() && a.quant.zero.join() === b.quant.zero.join();

const channelOf = (q: Quant, shape: Shape): ((i: number) => number) => {
  if (q.scale.length === 1 && q.zero.length === 1) return () => 0;
  const axis = q.axis ?? shape.length - 1;
  const inside = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  return (i) => Math.floor(i / inside) % (shape[axis] ?? 1);
};

const at = (list: readonly number[], c: number): number => list[list.length === 1 ? 0 : c] ?? 0;

/** The numbers that a quantised constant stands for. */
export function realValues(t: Tensor): Float32Array {
  const { data, quant, shape } = t;
  if (!data || !quant) return Float32Array.from(data ?? []);
  const channel = channelOf(quant, shape);
  return Float32Array.from(data, (v, i) => { const c = channel(i); return Math.fround((v - at(quant.zero, c)) * Math.fround(at(quant.scale, c))); });
}

/** ONNX rounds half to even. */
export function roundEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
}

/** Numbers as integers of a format. */
export function quantised(data: ArrayLike<number>, shape: Shape, f: Format): TypedArray {
  const channel = channelOf(f.quant, shape);
  const [lo, hi] = limits(f.dtype as "i8");
  return arrayFrom(f.dtype, Array.from(data, (v, i) => { const c = channel(i); return Math.min(hi, Math.max(lo, roundEven(Math.fround(v / at(f.quant.scale, c))) + at(f.quant.zero, c))); }));
}
