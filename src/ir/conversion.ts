/** From a row in the model's own units to the device's input: the twin of the generated `<m>_convert`. */
import { clamp } from "./fixed.js";
import { elements, isInt, limits, makeArray, scaleAt, zeroAt, type IntDType, type Tensor, type TypedArray } from "./types.js";

/**
 * A row in the model's units as device input. The arithmetic is that of the generated `<m>_convert`, float32 step by
 * step, so that the tool and a sketch give the same integers.
 */
export function convertRow(row: ArrayLike<number>, input: Tensor): TypedArray {
  const out = makeArray(input.dtype, elements(input));
  if (!isInt(input.dtype)) {
    for (let i = 0; i < out.length; i++) out[i] = row[i] ?? 0;
    return out;
  }
  const [lo, hi] = convertible(input.dtype);
  for (let i = 0; i < out.length; i++) {
    const { inverse, zero } = conversion(input, i);
    const v = clamp(Math.fround(Math.fround(Math.fround(row[i] ?? 0) * inverse) + zero), lo, hi);
    out[i] = Math.trunc(Math.fround(v < 0 ? v - 0.5 : v + 0.5));
  }
  return out;
}

/** The same for a row that holds the values of several inputs, one after the other. */
export function convertRows(row: ArrayLike<number>, inputs: readonly Tensor[]): readonly TypedArray[] {
  const all = Float64Array.from(row);
  let at = 0;
  return inputs.map((t) => convertRow(all.subarray(at, at += elements(t)), t));
}

/** Rows of device input as the bytes a board reads, one after the other. */
export function joinRows(rows: readonly TypedArray[]): Uint8Array {
  const out = new Uint8Array(rows.reduce((n, r) => n + r.byteLength, 0));
  let at = 0;
  for (const r of rows) { out.set(new Uint8Array(r.buffer, r.byteOffset, r.byteLength), at); at += r.byteLength; }
  return out;
}

/** Ends of an integer type that float32 can hold: the largest 32-bit integer would be rounded up, out of the type. */
export const convertible = (dtype: IntDType): readonly [number, number] => {
  const [lo, hi] = limits(dtype);
  return [lo, Math.fround(hi) > hi ? hi - 127 - (dtype === "u32" ? 128 : 0) : hi];
};

/** The two float32 constants of `<m>_convert` for feature i: `q = round(x * inverse + zero)`. */
export const conversion = (input: Tensor, i: number): { readonly inverse: number; readonly zero: number } =>
  input.quant ? { inverse: Math.fround(1 / scaleAt(input.quant, i)), zero: Math.fround(zeroAt(input.quant, i)) } : { inverse: 1, zero: 0 };
