/** Features as columns of small codes: what histogram learners count instead of comparing numbers. */

export interface Bins {
  readonly rows: number;
  readonly features: number;
  /** (features, rows): code of each value, in the order of the values. */
  readonly codes: Uint8Array;
  /** Codes per feature, 1..256. */
  readonly counts: Int32Array;
  /** (features, 256): smallest and largest training value of a code. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export const MAX_BINS = 256;

/** (features, rows) from (rows, features), as float32: what the device compares. */
export function columnsOf(x: ArrayLike<number>, rows: number, features: number): Float32Array {
  const out = new Float32Array(rows * features);
  for (let i = 0; i < rows; i++) for (let f = 0; f < features; f++) out[f * rows + i] = x[i * features + f]!;
  return out;
}

const narrow = new Float32Array(1);

/** The float32 in the middle of two float32 values a < b, never b itself: `x <= middle` holds for a and fails for b. */
export function middle(a: number, b: number): number {
  narrow[0] = a + (b - a) / 2;
  const m = narrow[0];
  return m < b ? m : a;
}

/** Sorted values, more than `limit` of them distinct, to shares of about equal weight that never cut through ties. */
function cutSorted(sorted: Float32Array, limit: number, low: Float64Array, high: Float64Array, at: number): number {
  const n = sorted.length;
  let used = 0;
  for (let i = 0; i < n;) {
    let end = Math.min(n, i + Math.max(1, Math.round((n - i) / (limit - used))));
    while (end < n && sorted[end] === sorted[end - 1]) end++;
    if (used === limit - 1) end = n;
    low[at + used] = sorted[i]!;
    high[at + used] = sorted[end - 1]!;
    used++;
    i = end;
  }
  return used;
}

/** Codes of a column: the first code whose largest value is not below it, by bisection in eight steps. */
function encode(column: Float32Array, codes: Uint8Array, high: Float64Array, at: number, used: number): void {
  const tops = new Float32Array(MAX_BINS).fill(Infinity);
  for (let b = 0; b < used; b++) tops[b] = high[at + b]!;
  let first = 1;
  while (first < used) first *= 2;
  for (let i = 0; i < column.length; i++) {
    const v = column[i]!;
    let lo = 0;
    for (let half = first >> 1; half > 0; half >>= 1) if (v > tops[lo + half - 1]!) lo += half;
    codes[i] = lo;
  }
}

/** The distinct values of a column in order, or null where there are more than `limit`. */
function distinctOf(column: Float32Array, limit: number, found: Float32Array): number | null {
  let used = 0;
  for (let i = 0; i < column.length; i++) {
    const v = column[i]!;
    let [lo, hi] = [0, used];
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (found[mid]! < v) lo = mid + 1;
      else hi = mid;
    }
    if (lo < used && found[lo] === v) continue;
    if (used === limit) return null;
    for (let k = used; k > lo; k--) found[k] = found[k - 1]!;
    found[lo] = v;
    used++;
  }
  return used;
}

/** @param columns (features, rows), finite. */
export function binColumns(columns: Float32Array, rows: number, features: number, limit: number = MAX_BINS): Bins {
  const bins = {
    rows, features, codes: new Uint8Array(rows * features), counts: new Int32Array(features),
    low: new Float64Array(features * MAX_BINS), high: new Float64Array(features * MAX_BINS),
  };
  const sorted = new Float32Array(rows);
  const found = new Float32Array(limit);
  for (let f = 0; f < features; f++) {
    const column = columns.subarray(f * rows, (f + 1) * rows);
    let used = distinctOf(column, limit, found);
    if (used === null) {
      sorted.set(column);
      used = cutSorted(sorted.sort(), limit, bins.low, bins.high, f * MAX_BINS);
    } else {
      for (let b = 0; b < used; b++) bins.low[f * MAX_BINS + b] = bins.high[f * MAX_BINS + b] = found[b]!;
    }
    bins.counts[f] = used;
    encode(column, bins.codes.subarray(f * rows, (f + 1) * rows), bins.high, f * MAX_BINS, used);
  }
  return bins;
}

/** The number that parts the codes up to `left` from those from `right` on. */
export const between = (bins: Bins, feature: number, left: number, right: number): number =>
  middle(bins.high[feature * MAX_BINS + left]!, bins.low[feature * MAX_BINS + right]!);
