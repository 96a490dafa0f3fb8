/** The sparse projection: what its weights take in flash, hard thresholding to a number of bytes, and codes. */

/** What becomes zero: single weights (as in the papers), or whole columns, whose places all rows share. */
export const sparsities = ["columns", "weights"] as const;
export type Sparsity = (typeof sparsities)[number];

export interface Grid {
  readonly rows: number;
  readonly cols: number;
  /** Bits of a weight: 16 where the device's scales of the features differ and are folded into the weights. */
  readonly bits: 4 | 16;
  readonly sparsity: Sparsity;
  /** Every row has a step of its own; else one step for all. */
  readonly stepPerRow: boolean;
}

/** Largest code. */
export const topOf = (g: Grid): number => (g.bits === 4 ? 7 : 127);

/** Bytes of `cols` columns of weights one after another. */
const denseBytes = (g: Grid, cols: number): number => g.rows * (g.bits === 4 ? Math.ceil(cols / 2) : 2 * cols);

/** Entries for the places of what is not zero, `reach` apart at most: a wider gap takes an entry of its own. */
function entries(used: (j: number) => boolean, cols: number, reach: number): number {
  let n = 0;
  for (let j = 0, from = 0; j < cols; j++) {
    if (!used(j)) continue;
    n += Math.floor((j - from) / reach) + 1;
    from = j + 1;
  }
  return n;
}

/** Every weight beside the gap before it: 4 and 4 bits, or 16 and 8; and the number of entries of each row. */
function gapBytes(w: ArrayLike<number>, g: Grid): number {
  const rows = Array.from({ length: g.rows }, (_, i) => entries((j) => w[i * g.cols + j] !== 0, g.cols, g.bits === 4 ? 16 : 256));
  return rows.reduce((a, b) => a + b, 0) * (g.bits === 4 ? 1 : 3) + g.rows * (Math.max(...rows) < 256 ? 1 : 2);
}

/** The columns that are not zero, without gaps, behind one list of their places (a byte each, two where a gap is wider than that). */
function columnBytes(w: ArrayLike<number>, g: Grid): number {
  let [n, last, wide] = [0, -1, false];
  for (let j = 0; j < g.cols; j++) {
    let used = false;
    for (let i = 0; i < g.rows; i++) used ||= w[i * g.cols + j] !== 0;
    if (!used) continue;
    wide ||= j - last > 256;
    last = j;
    n++;
  }
  return denseBytes(g, n) + n * (wide ? 2 : 1);
}

/** What the weights take in the best of the three forms. */
export const weightBytes = (w: ArrayLike<number>, g: Grid): number => Math.min(denseBytes(g, g.cols), gapBytes(w, g), columnBytes(w, g));

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

/** Sets all columns but the `keep` heaviest ones to zero. */
function keepColumns(w: Float64Array, g: Grid, keep: number): void {
  const weight = new Float64Array(g.cols);
  w.forEach((v, q) => { weight[q % g.cols]! += v * v; });
  keepLargest(weight, keep);
  w.forEach((_, q) => { if (weight[q % g.cols] === 0) w[q] = 0; });
}

/** What thresholding counts: columns, or weights. */
export const unitsOf = (g: Grid): number => (g.sparsity === "columns" ? g.cols : g.rows * g.cols);
export const keepUnits = (w: Float64Array, g: Grid, keep: number): void => (g.sparsity === "columns" ? keepColumns(w, g, keep) : keepLargest(w, keep));

/** Keeps the most units that fit into `bytes`, the largest ones; the rest become zero. Gives their number. */
export function thresholdTo(w: Float64Array, g: Grid, bytes: number): number {
  let [low, high] = [0, unitsOf(g)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const trial = w.slice();
    keepUnits(trial, g, middle);
    if (weightBytes(trial, g) <= bytes) low = middle;
    else high = middle - 1;
  }
  keepUnits(w, g, low);
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
