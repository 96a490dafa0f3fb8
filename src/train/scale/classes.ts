/** The classes that have rows, numbered without gaps, and the rows of each: what every classifier of these folders starts from. */
import type { TrainingSet } from "../learner.js";

export interface Classes {
  /** Names of the classes that have rows, in the order of the training set. */
  readonly labels: readonly (string | number)[];
  /** Names of the classes without rows, which no model can answer. */
  readonly absent: readonly (string | number)[];
  /** Class per row, an index into `labels`. */
  readonly y: Int32Array;
  /** Rows per class. */
  readonly counts: Int32Array;
}

export function classesOf(data: TrainingSet): Classes {
  const y = data.y ?? new Float64Array(data.rows);
  const seen = new Int32Array(data.classes.length);
  for (const c of y) seen[c]! += 1;
  const place = new Int32Array(seen.length).fill(-1);
  const kept = data.classes.map((_, c) => c).filter((c) => seen[c]! > 0);
  kept.forEach((c, i) => { place[c] = i; });
  return {
    labels: kept.map((c) => data.classes[c]!),
    absent: data.classes.filter((_, c) => seen[c] === 0),
    y: Int32Array.from(y, (c) => place[c]!),
    counts: Int32Array.from(kept, (c) => seen[c]!),
  };
}

/** Rows sorted by class, in their own order within a class. */
export function sortedByClass(c: Classes): Int32Array {
  const next = new Int32Array(c.counts.length);
  for (let i = 1; i < next.length; i++) next[i] = next[i - 1]! + c.counts[i - 1]!;
  const order = new Int32Array(c.y.length);
  c.y.forEach((k, row) => { order[next[k]!++] = row; });
  return order;
}

/** (order.length, features): the named rows of `x` one after another. */
export function gather(x: Float64Array, features: number, order: ArrayLike<number>): Float64Array {
  const out = new Float64Array(order.length * features);
  for (let i = 0; i < order.length; i++) out.set(x.subarray(order[i]! * features, (order[i]! + 1) * features), i * features);
  return out;
}
