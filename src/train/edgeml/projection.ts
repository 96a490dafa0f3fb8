/** The sparse projection: what its weights take in flash, hard thresholding to a number of bytes, and codes of 4 or 8 bits. */

export interface Grid {
  readonly rows: number;
  readonly cols: number;
  /** Bits of a weight: 4 (with the gap before it in one byte) or 8 (with the gap in a byte of its own). */
  readonly bits: 4 | 8;
  /** Every row has a step of its own; else one step for all. */
  readonly stepPerRow: boolean;
}

/** Largest code. */
export const topOf = (g: Grid): number => (g.bits === 4 ? 7 : 127);

/** Bytes of the weights without gaps. */
export const denseBytes = (g: Grid): number => (g.bits === 4 ? g.rows * Math.ceil(g.cols / 2) : g.rows * g.cols);

/** Bytes of the weights that are not zero, each with the gap before it; a gap beyond its field takes an entry of its own. */
export function sparseBytes(w: ArrayLike<number>, g: Grid): number {
  const reach = g.bits === 4 ? 16 : 256;
  let entries = 0;
  let widest = 0;
  for (let i = 0; i < g.rows; i++) {
    const before = entries;
    for (let j = 0, from = 0; j < g.cols; j++) {
      if (w[i * g.cols + j] === 0) continue;
      entries += Math.floor((j - from) / reach) + 1;
      from = j + 1;
    }
    widest = Math.max(widest, entries - before);
  }
  return entries * (g.bits === 4 ? 1 : 2) + g.rows * (widest < 256 ? 1 : 2);
}

/** What the weights take in the better of the two forms. */
export const weightBytes = (w: ArrayLike<number>, g: Grid): number => Math.min(denseBytes(g), sparseBytes(w, g));

/** Sets all but the `keep` largest weights to zero (earlier ones win ties). */
export function keepLargest(w: Float64Array, keep: number): void {
  if (keep >= w.length) return;
  const sizes = w.map(Math.abs).sort();
  const limit = keep > 0 ? sizes[w.length - keep]! : Infinity;
  let ties = keep;
  for (const v of w) if (Math.abs(v) > limit) ties--;
  for (let i = 0; i < w.length; i++) {
    const size = Math.abs(w[i]!);
    if (size > limit || (size === limit && ties-- > 0)) continue;
    w[i] = 0;
  }
}

/** The most weights that fit into `bytes`, the largest ones; the rest become zero. Gives their number. */
export function thresholdTo(w: Float64Array, g: Grid, bytes: number): number {
  let [low, high] = [0, w.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const trial = w.slice();
    keepLargest(trial, middle);
    if (weightBytes(trial, g) <= bytes) low = middle;
    else high = middle - 1;
  }
  keepLargest(w, low);
  return low;
}

/** Step whose codes are nearest to the weights, in the mean square. */
function bestStep(w: Float64Array, top: number): number {
  let peak = 0;
  for (const v of w) peak = Math.max(peak, Math.abs(v));
  if (peak === 0) return 0;
  let [best, least] = [peak / top, Infinity];
  for (let k = 20; k >= (top > 7 ? 20 : 9); k--) {
    const step = (peak / top) * (k / 20);
    let error = 0;
    for (const v of w) error += (v - step * Math.max(-top, Math.min(top, Math.round(v / step)))) ** 2;
    if (error < least) [best, least] = [step, error];
  }
  return best;
}

/** One step per row; all equal where the rows must share one. */
export function stepsOf(w: Float64Array, g: Grid): Float64Array {
  const top = topOf(g);
  if (!g.stepPerRow) return new Float64Array(g.rows).fill(bestStep(w, top));
  return Float64Array.from({ length: g.rows }, (_, i) => bestStep(w.subarray(i * g.cols, (i + 1) * g.cols), top));
}

/** Writes the codes of `w` to `codes`. */
export function encode(w: Float64Array, steps: Float64Array, g: Grid, codes: Float64Array): void {
  const top = topOf(g);
  for (let i = 0, q = 0; i < g.rows; i++) {
    const step = steps[i]!;
    for (let j = 0; j < g.cols; j++, q++) codes[q] = step === 0 ? 0 : Math.max(-top, Math.min(top, Math.round(w[q]! / step)));
  }
}
