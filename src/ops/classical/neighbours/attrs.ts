/** Nearest neighbours as plain arrays, and their meaning in double precision. */
export type NeighboursAttrs = {
  readonly rows: number;
  readonly features: number;
  readonly k: number;
  /** Distance: 2 euclidean, 1 city-block, 0 the largest difference. */
  readonly power: number;
  /** (rows, features) */
  readonly points: Float64Array;
  /** "classes": one vote a neighbour; "values": the mean of their values. */
  readonly kind: string;
  /** Weight 1 / distance; where a neighbour has distance 0, only such neighbours count. */
  readonly weighted: boolean;
  /** classes: per class c, how many rows are of class 0 to c, as rows are sorted by class; values: the value of each row. */
  readonly target: Float64Array;
};

export interface Kept { readonly k: number; readonly distance: { [i: number]: number }; readonly index: { [i: number]: number } }

/** Inserts behind all that are as near: of equal distances the first row is kept. */
export function keep(t: Kept, distance: number, row: number): void {
  let j = t.k - 1;
  for (; j > 0 && (t.distance[j - 1] ?? 0) > distance; j--) {
    t.distance[j] = t.distance[j - 1] ?? 0;
    t.index[j] = t.index[j - 1] ?? 0;
  }
  t.distance[j] = distance;
  t.index[j] = row;
}

/** One more difference in a distance (of squares, where power is 2). */
export const added = (sum: number, z: number, power: number): number => (power === 2 ? sum + z * z : power === 1 ? sum + z : Math.max(sum, z));

export function classOf(ends: ArrayLike<number>, row: number): number {
  let c = 0;
  while (row >= (ends[c] ?? Infinity)) c++;
  return c;
}

/** Outputs of the operator from the distances (squares where power is 2) and rows of the k nearest; `round` is float32 rounding, or none. */
export function say(a: Omit<NeighboursAttrs, "points">, distance: ArrayLike<number>, index: ArrayLike<number>, round: (v: number) => number): Float64Array {
  const y = new Float64Array(a.kind === "values" ? 1 : a.target.length);
  const near = distance[0] ?? 0;
  let total = 0;
  for (let j = 0; j < a.k; j++) {
    const d = distance[j] ?? 0;
    const ratio = round(near / d);
    const w = !a.weighted ? 1 : near === 0 ? (d === 0 ? 1 : 0) : a.power === 2 ? round(Math.sqrt(ratio)) : ratio;
    total = round(total + w);
    if (a.kind === "values") y[0] = round((y[0] ?? 0) + round(w * (a.target[index[j] ?? 0] ?? 0)));
    else y[classOf(a.target, index[j] ?? 0)]! += a.weighted ? w : 1 / a.k;
  }
  if (a.kind === "values") y[0] = round((y[0] ?? 0) / total);
  return y;
}

export function evaluate(a: NeighboursAttrs, x: ArrayLike<number>): readonly Float64Array[] {
  const t = { k: a.k, distance: new Float64Array(a.k).fill(Infinity), index: new Float64Array(a.k) };
  for (let row = 0; row < a.rows; row++) {
    let sum = 0;
    for (let i = 0; i < a.features; i++) sum = added(sum, Math.abs((x[i] ?? 0) - (a.points[row * a.features + i] ?? 0)), a.power);
    if (sum < (t.distance[a.k - 1] ?? 0)) keep(t, sum, row);
  }
  return [say(a, t.distance, t.index, Number), t.distance, t.index, new Float64Array(a.features)];
}
