/** Small own-made data for the tests of the tree family. */
import type { TrainingSet } from "../learner.js";
import { makeRandom } from "../random.js";

export function setOf(rows: readonly (readonly number[])[], y: readonly number[] | null, classes = 2): TrainingSet {
  const width = rows[0]?.length ?? 0;
  return {
    features: Array.from({ length: width }, (_, i) => `f${i}`), x: Float64Array.from(rows.flat(), Math.fround), rows: rows.length,
    y: y === null ? null : Float64Array.from(y), classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
  };
}

export const rowOf = (d: TrainingSet, i: number): Float64Array => d.x.slice(i * d.features.length, (i + 1) * d.features.length);

/** Clouds around `classes` centres in `width` dimensions, whole numbers of 0..255. */
export function clouds(rows: number, width: number, classes: number, seed: number, spread = 24): TrainingSet {
  const random = makeRandom(seed);
  const centres = Array.from({ length: classes }, () => Array.from({ length: width }, () => 40 + random.below(176)));
  const y = Array.from({ length: rows }, (_, i) => i % classes);
  const x = y.map((c) => (centres[c] ?? []).map((m) => Math.min(255, Math.max(0, Math.round(m + spread * random.normal())))));
  return setOf(x, y, classes);
}

/** A smooth target of three features, with a little noise. */
export function curve(rows: number, seed: number): TrainingSet {
  const random = makeRandom(seed);
  const x = Array.from({ length: rows }, () => [random.unit(), random.unit(), random.unit()]);
  return setOf(x, x.map(([a = 0, b = 0, c = 0]) => 10 * (a - 0.5) * (a - 0.5) + 3 * b + (c > 0.5 ? 1 : 0) + 0.05 * random.normal()), 0);
}
