/** Values as whole numbers on an even grid over their range: what random thresholds are drawn among and compared with. */
import type { Part } from "./part.js";

/** Steps from the smallest value to the largest: as many as leave every difference of two codes in 32 bits. */
const STEPS = 2 ** 31 - 2;

export interface Even {
  readonly rows: number;
  /** (features, rows): in the order of the values; values less than a step apart may share one. */
  readonly codes: Int32Array;
  /** Smallest value per feature, and steps in one unit of it. */
  readonly low: Float64Array;
  readonly factor: Float64Array;
}

/** @param columns (features, rows), finite. */
export function evenCodes(columns: Float32Array, rows: number, features: number): Even {
  const even = { rows, codes: new Int32Array(rows * features), low: new Float64Array(features), factor: new Float64Array(features) };
  for (let f = 0; f < features; f++) {
    const from = f * rows;
    let low = Infinity;
    let high = -Infinity;
    for (let i = from; i < from + rows; i++) {
      const v = columns[i]!;
      if (v < low) low = v;
      if (v > high) high = v;
    }
    const factor = high > low ? STEPS / (high - low) : 0;
    for (let i = from; i < from + rows; i++) even.codes[i] = Math.floor((columns[i]! - low) * factor);
    even.low[f] = low;
    even.factor[f] = factor;
  }
  return even;
}

const narrow = new Float32Array(1);
const bits = new Int32Array(narrow.buffer);

/** The largest float32 whose code is at most `code`: `x <= it` says of a value what its code says. */
function valueAt(even: Even, feature: number, code: number): number {
  const [low, factor] = [even.low[feature]!, even.factor[feature]!];
  narrow[0] = low + (code + 1) / factor;
  // The next float32 below it; below zero lies the smallest negative one.
  if (Math.floor((narrow[0] - low) * factor) > code) bits[0] = narrow[0] > 0 ? bits[0]! - 1 : narrow[0] < 0 ? bits[0]! + 1 : -0x7fffffff;
  return narrow[0];
}

/** Every row is written to both sides, as in part.ts; what the device compares with is settled here, once a node. */
export function partByEven(even: Even, spare: Int32Array): Part {
  return (rows, from, to, split) => {
    const { codes } = even;
    const offset = split.feature * even.rows;
    const { code } = split;
    split.threshold = valueAt(even, split.feature, code);
    let left = from;
    let right = 0;
    for (let i = from; i < to; i++) {
      const j = rows[i]!;
      const goesRight = (code - codes[offset + j]!) >>> 31;
      rows[left] = j;
      spare[right] = j;
      left += 1 - goesRight;
      right += goesRight;
    }
    for (let i = 0; i < right; i++) rows[left + i] = spare[i]!;
    return left;
  };
}
