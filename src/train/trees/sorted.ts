/** The rows of a small node in the order of one feature's values: exact where codes would lump values together, and faster. */

export interface Sorted {
  /** Values (or codes) in order. */
  readonly values: Float32Array;
  /** Place in the node of each. */
  readonly places: Int32Array;
}

/** Largest node that is sorted by insertion. */
export const SMALL = 24;

export const makeSorted = (rows: number): Sorted => ({ values: new Float32Array(rows), places: new Int32Array(rows) });

/** False where all values are equal. @param offset where the feature's column begins. */
export function sortValues(columns: Float32Array, offset: number, rows: Int32Array, from: number, size: number, out: Sorted): boolean {
  const { values, places } = out;
  for (let i = 0; i < size; i++) {
    const v = columns[offset + rows[from + i]!]!;
    let q = i - 1;
    for (; q >= 0 && values[q]! > v; q--) {
      values[q + 1] = values[q]!;
      places[q + 1] = places[q]!;
    }
    values[q + 1] = v;
    places[q + 1] = i;
  }
  return values[0] !== values[size - 1];
}
