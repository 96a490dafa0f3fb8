/** Small made-up data for the tests of the learners. */
import type { TrainingSet } from "../learner.js";
import { makeRandom } from "../random.js";

/** `classes` clouds in `features` dimensions whose centres lie `apart` deviations from each other, on unlike scales; float32 values. */
export function clouds(rows: number, features: number, classes: number, apart: number, seed: number): TrainingSet {
  const random = makeRandom(seed);
  const centre = Array.from({ length: classes * features }, () => apart * random.normal());
  const y = Float64Array.from({ length: rows }, (_, r) => r % classes);
  const x = Float64Array.from({ length: rows * features }, (_, at) => {
    const [r, j] = [Math.floor(at / features), at % features];
    return Math.fround((centre[(r % classes) * features + j]! + random.normal()) * 3 ** (j % 4) + 10 * j);
  });
  return { features: Array.from({ length: features }, (_, j) => `f${j}`), x, rows, y, classes: Array.from({ length: classes }, (_, c) => `c${c}`) };
}

/** `y = x w + bias + noise`. */
export function line(rows: number, w: readonly number[], bias: number, noise: number, seed: number): TrainingSet {
  const random = makeRandom(seed);
  const x = Float64Array.from({ length: rows * w.length }, () => Math.fround(random.normal()));
  const y = Float64Array.from({ length: rows }, (_, r) => w.reduce((s, v, j) => s + v * x[r * w.length + j]!, bias) + noise * random.normal());
  return { features: w.map((_, j) => `f${j}`), x, rows, y, classes: [] };
}

export const rowOf = (d: TrainingSet, r: number): Float64Array => d.x.slice(r * d.features.length, (r + 1) * d.features.length);
export const rowsOf = (d: TrainingSet): Float64Array[] => Array.from({ length: d.rows }, (_, r) => rowOf(d, r));

export const seeded = { seed: 1 } as const;
