/** Situations every check of the operator is run on: each form, with and without nibbles. */
import type { Case } from "../../../ir/op.js";
import type { SparseAttrs } from "./prepare.js";

/** Weights without pattern where `used` says so: whole multiples of a step up to 7, or any. */
function weights(rows: number, cols: number, used: (i: number, j: number) => boolean, whole: boolean): Float64Array {
  let s = 11;
  return Float64Array.from({ length: rows * cols }, (_, q) => {
    s = (Math.imul(s, 1103515245) + 12345) >>> 0;
    const v = (s / 2 ** 32 - 0.5) * 14;
    const kept = used(Math.floor(q / cols), q % cols);
    return !kept ? 0 : (whole ? Math.round(v) || 7 : v) * 0.125;
  });
}

const one = (title: string, rows: number, cols: number, used: (i: number, j: number) => boolean, whole: boolean, bits: 8 | 16): Case<SparseAttrs> => ({
  title, attrs: { rows, cols, outBits: bits, weightBits: bits, w: weights(rows, cols, used, whole), b: Float64Array.from({ length: rows }, (_, i) => i / 2 - 1) }, features: cols, range: [-2, 3], inputs: ["i16", "i8", "u8"], tolerance: bits === 8 ? 0.02 : 0.003,
});

export const cases: readonly Case<SparseAttrs>[] = [
  one("all columns, nibbles, an odd number", 3, 7, () => true, true, 16),
  one("all columns, any weights", 2, 5, () => true, false, 16),
  one("listed columns, nibbles", 4, 40, (_, j) => j % 9 === 4, true, 8),
  one("listed columns, any weights", 3, 40, (_, j) => j % 9 === 4, false, 16),
  one("single weights, nibbles, wide gaps", 3, 90, (i, j) => (j * 7 + i * 13) % 31 === 0, true, 16),
  { ...one("single weights, any, wide gaps, an empty row", 2, 295, (i, j) => i === 0 && (j === 3 || j === 290), false, 8), inputs: ["i8", "u8"] },
  one("no weight at all", 2, 3, () => false, true, 16),
];
