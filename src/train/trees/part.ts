/** Parts the rows of a node in two, each side in its old order. */
import type { Bins } from "../bins.js";
import type { Split } from "./grow.js";

export type Part = (rows: Int32Array, from: number, to: number, split: Split) => number;

export function partByCode(bins: Bins, spare: Int32Array): Part {
  return (rows, from, to, split) => {
    const { codes } = bins;
    const offset = split.feature * bins.rows;
    const { code } = split;
    let left = from;
    let right = 0;
    for (let i = from; i < to; i++) {
      const j = rows[i]!;
      if (codes[offset + j]! <= code) rows[left++] = j;
      else spare[right++] = j;
    }
    for (let i = 0; i < right; i++) rows[left + i] = spare[i]!;
    return left;
  };
}

export function partByValue(columns: Float32Array, total: number, spare: Int32Array): Part {
  return (rows, from, to, split) => {
    const offset = split.feature * total;
    const { threshold } = split;
    let left = from;
    let right = 0;
    for (let i = from; i < to; i++) {
      const j = rows[i]!;
      if (columns[offset + j]! <= threshold) rows[left++] = j;
      else spare[right++] = j;
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
