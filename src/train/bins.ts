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

/** (features, rows) from (rows, features), as float32: what the device compares. Minus zero becomes zero, its equal in every comparison. */
export function columnsOf(x: ArrayLike<number>, rows: number, features: number): Float32Array {
  const out = new Float32Array(rows * features);
  for (let i = 0; i < rows; i++) for (let f = 0; f < features; f++) out[f * rows + i] = x[i * features + f]! + 0;
  return out;
}

const narrow = new Float32Array(1);

/** The float32 in the middle of two float32 values a < b, never b itself: `x <= middle` holds for a and fails for b. */
export function middle(a: number, b: number): number {
  narrow[0] = a + (b - a) / 2;
  const m = narrow[0];
  return m < b ? m : a;
}

interface Sorter {
  /** Rows of a column by value, equal ones in their order. */
  order(column: Float32Array): Int32Array;
}

/** Radix sort by bytes of the float32 bits, turned so that their order is that of the numbers; bytes that are all alike cost nothing. */
function makeSorter(rows: number): Sorter {
  let [keys, spareKeys] = [new Int32Array(rows), new Int32Array(rows)];
  let [order, spareOrder] = [new Int32Array(rows), new Int32Array(rows)];
  const counts = new Int32Array(4 * 256);
  const load = (column: Float32Array): void => {
    const bits = new Int32Array(column.buffer, column.byteOffset, rows);
    counts.fill(0);
    for (let i = 0; i < rows; i++) {
      const b = bits[i]!;
      const key = b ^ ((b >> 31) | 0x80000000);
      keys[i] = key;
      order[i] = i;
      counts[key & 255]! += 1;
      counts[256 + ((key >>> 8) & 255)]! += 1;
      counts[512 + ((key >>> 16) & 255)]! += 1;
      counts[768 + (key >>> 24)]! += 1;
    }
  };
  const pass = (byte: number): void => {
    const [from, to, fromOrder, toOrder, shift, first] = [keys, spareKeys, order, spareOrder, 8 * byte, 256 * byte];
    if (counts[first + ((from[0]! >>> shift) & 255)] === rows) return;
    for (let v = first, at = 0; v < first + 256; v++) {
      const n = counts[v]!;
      counts[v] = at;
      at += n;
    }
    for (let i = 0; i < rows; i++) {
      const key = from[i]!;
      const slot = first + ((key >>> shift) & 255);
      const at = counts[slot]!;
      counts[slot] = at + 1;
      to[at] = key;
      toOrder[at] = fromOrder[i]!;
    }
    [keys, spareKeys, order, spareOrder] = [to, from, toOrder, fromOrder];
  };
  return {
    order: (column) => {
      load(column);
      for (let byte = 0; byte < 4; byte++) pass(byte);
      return order;
    },
  };
}

/** Codes of one feature: one for each value while they are few, else shares of about equal weight that never cut through ties. */
function cut(column: Float32Array, order: Int32Array, limit: number, bins: Bins, feature: number): number {
  const n = column.length;
  const { codes, low, high } = bins;
  const offset = feature * n;
  let distinct = 1;
  for (let i = 1; i < n; i++) if (column[order[i]!] !== column[order[i - 1]!]) distinct++;
  let used = 0;
  for (let i = 0; i < n; used++) {
    let end = distinct <= limit ? i + 1 : Math.min(n, i + Math.max(1, Math.round((n - i) / (limit - used))));
    while (end < n && column[order[end]!] === column[order[end - 1]!]) end++;
    if (used === limit - 1) end = n;
    low[feature * MAX_BINS + used] = column[order[i]!]!;
    high[feature * MAX_BINS + used] = column[order[end - 1]!]!;
    for (; i < end; i++) codes[offset + order[i]!] = used;
  }
  return used;
}

/** @param columns (features, rows), finite; as {@link columnsOf} makes them. */
export function binColumns(columns: Float32Array, rows: number, features: number, limit: number = MAX_BINS): Bins {
  const bins = {
    rows, features, codes: new Uint8Array(rows * features), counts: new Int32Array(features),
    low: new Float64Array(features * MAX_BINS), high: new Float64Array(features * MAX_BINS),
  };
  const sorter = makeSorter(rows);
  for (let f = 0; f < features; f++) {
    const column = columns.subarray(f * rows, (f + 1) * rows);
    bins.counts[f] = cut(column, sorter.order(column), limit, bins, f);
  }
  return bins;
}

/** The number that parts the codes up to `left` from those from `right` on. */
export const between = (bins: Bins, feature: number, left: number, right: number): number =>
  middle(bins.high[feature * MAX_BINS + left]!, bins.low[feature * MAX_BINS + right]!);
