/** Real numbers in the integers of a tensor. */
import { clamp } from "../../../ir/fixed.js";
import { roundHalfAway } from "../../../ir/requantise.js";
import { arrayFrom, isInt, limits, scaleAt, zeroAt, type Tensor, type TypedArray } from "../../../ir/types.js";

/** The value of the border in the type of y. */
export function stored(value: number, y: Tensor): TypedArray {
  if (!isInt(y.dtype)) return arrayFrom(y.dtype, [value]);
  const [lo, hi] = limits(y.dtype);
  const q = y.quant ? roundHalfAway(value / scaleAt(y.quant, 0)) + zeroAt(y.quant, 0) : value;
  return arrayFrom(y.dtype, [clamp(q, lo, hi)]);
}
