/** Between integers and the numbers they stand for: one scale for a tensor, or one for each slice. */
import { roundHalfAway } from "../../ir/requantise.js";
import { clamp } from "../../ir/fixed.js";
import { limits, makeArray, scaleAt, zeroAt, type Quant, type Tensor, type TypedArray } from "../../ir/types.js";

export type Width = "i8" | "i16";

/** Real values of computed elements. */
export function dequantised(data: TypedArray, t: Tensor): ArrayLike<number> {
  if (!t.quant) return data;
  const [s, z] = [scaleAt(t.quant, 0), zeroAt(t.quant, 0)];
  return Float64Array.from(data, (q) => s * (q - z));
}

/** The integers of real values on one grid. */
export function quantised(values: ArrayLike<number>, dtype: Width, quant: Quant): TypedArray {
  const [lo, hi] = limits(dtype);
  const [s, z] = [scaleAt(quant, 0), zeroAt(quant, 0)];
  const out = makeArray(dtype, values.length);
  for (let i = 0; i < values.length; i++) out[i] = clamp(roundHalfAway((values[i] as number) / s) + z, lo, hi);
  return out;
}

/** Index of the slice along `axis` that element i lies in. */
export function slicer(shape: readonly number[], axis: number): (i: number) => number {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const n = shape[axis] ?? 1;
  return (i) => Math.floor(i / inner) % n;
}
