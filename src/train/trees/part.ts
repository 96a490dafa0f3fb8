/** Parts the rows of a node in two, each side in its old order. */
import type { Bins } from "../bins.js";
import type { Split } from "./grow.js";

export type Part = (rows: Int32Array, from: number, to: number, split: Split) => number;

/*
 * Every row is written to both sides and one of the two counts moves: which side a row takes cannot be foreseen,
 * and a wrong guess of the processor costs more than a second write.
 */

export function partByCode(bins: Bins, spare: Int32Array): Part {
  return (rows, from, to, split) => {
    const { codes } = bins;
    const offset = split.feature * bins.rows;
    const first = split.code + 1;
    let left = from;
    let right = 0;
    for (let i = from; i < to; i++) {
      const j = rows[i]!;
      const goesLeft = (codes[offset + j]! - first) >>> 31;
      rows[left] = j;
      spare[right] = j;
      left += goesLeft;
      right += 1 - goesLeft;
    }
    for (let i = 0; i < right; i++) rows[left + i] = spare[i]!;
    return left;
  };
}

export function partByValue(columns: Float32Array, total: number, spare: Int32Array): Part {
  const gap = new Float32Array(1);
  const bits = new Int32Array(gap.buffer);
  return (rows, from, to, split) => {
    const offset = split.feature * total;
    const { threshold } = split;
    let left = from;
    let right = 0;
    for (let i = from; i < to; i++) {
      const j = rows[i]!;
      gap[0] = threshold - columns[offset + j]!;
      const goesRight = bits[0]! >>> 31;
      rows[left] = j;
      spare[right] = j;
      left += 1 - goesRight;
      right += goesRight;
    }
    for (let i = 0; i < right; i++) rows[left + i] = spare[i]!;
    return left;
  };
}

/** A random threshold that parts values from `low` to `high` (Geurts, Ernst, Wehenkel 2006); float32, below `high`. */
export function randomThreshold(low: number, high: number, unit: number): number {
  const t = Math.fround(low + unit * (high - low));
  return t < high && t >= low ? t : low;
}
