/** How the weights of a sparse map lie in flash: the smallest of three forms, with 4, 8 or 16 bits a weight. */
import { narrowest } from "../../../ir/params.js";
import { arrayFrom, type TypedArray } from "../../../ir/types.js";

/** All columns in order; the columns of one list, the same for all rows; single weights, each behind its gap. */
export const [ALL, LISTED, GAPS] = [0, 1, 2] as const;

export interface Codes {
  readonly rows: number;
  readonly cols: number;
  /** (rows, cols): whole numbers; of |7| at most where a weight has 4 bits. */
  readonly code: ArrayLike<number>;
  readonly bits: 4 | 8 | 16 | 32;
}

/**
 * `w`: weights of 8 or 16 bits (32: float), or pairs of nibbles, two weights (the first one above) or a weight above a gap. `skip`: columns
 * left out before a listed column, or before a weight of more than 4 bits. `count`: entries of each row.
 */
export interface Stored {
  readonly form: number;
  readonly cols: number;
  readonly w: TypedArray;
  readonly skip: TypedArray;
  readonly count: TypedArray;
}

const NONE = Uint8Array.of(0);
const nibbles = (high: number, low: number): number => ((high << 4) | (low & 15)) << 24 >> 24;
const typed = (w: readonly number[], bits: number): TypedArray => (w.length === 0 ? arrayFrom("i8", [0]) : bits === 32 ? Float32Array.from(w) : arrayFrom(bits === 16 ? "i16" : "i8", w));
const bytes = (s: Stored): number => [s.w, s.skip, s.count].reduce((sum, a) => sum + (a === NONE ? 0 : a.byteLength), 0);

/** The named columns, row after row. */
function dense(c: Codes, columns: readonly number[]): number[] {
  const out: number[] = [];
  for (let i = 0; i < c.rows; i++) {
    const row = columns.map((j) => c.code[i * c.cols + j] ?? 0);
    if (c.bits === 4) for (let k = 0; k < row.length; k += 2) out.push(nibbles(row[k] ?? 0, row[k + 1] ?? 0));
    else out.push(...row);
  }
  return out;
}

function gaps(c: Codes): Stored {
  const reach = c.bits === 4 ? 16 : 256;
  const w: number[] = [];
  const skip: number[] = [];
  const count: number[] = [];
  const entry = (code: number, gap: number): void => {
    w.push(c.bits === 4 ? nibbles(code, gap) : code);
    skip.push(gap);
  };
  for (let i = 0; i < c.rows; i++) {
    const before = w.length;
    for (let j = 0, from = 0; j < c.cols; j++) {
      const code = c.code[i * c.cols + j] ?? 0;
      if (code === 0) continue;
      for (; j - from >= reach; from += reach) entry(0, reach - 1);
      entry(code, j - from);
      from = j + 1;
    }
    count.push(w.length - before);
  }
  return { form: GAPS, cols: c.cols, w: typed(w, c.bits), skip: c.bits === 4 || skip.length === 0 ? NONE : Uint8Array.from(skip), count: narrowest(count, ["u8", "u16"]) };
}

/** The smallest form; of equal ones the quickest to read. */
export function store(c: Codes): Stored {
  const every = Array.from({ length: c.cols }, (_, j) => j);
  const used = every.filter((j) => { for (let i = 0; i < c.rows; i++) if (c.code[i * c.cols + j] !== 0) return true; return false; });
  const all: Stored = { form: ALL, cols: c.cols, w: typed(dense(c, every), c.bits), skip: NONE, count: NONE };
  const skip = used.map((j, k) => j - (k === 0 ? 0 : (used[k - 1] ?? 0) + 1));
  const listed: Stored = { form: LISTED, cols: used.length, w: typed(dense(c, used), c.bits), skip: skip.length === 0 ? NONE : narrowest(skip, ["u8", "u16"]), count: NONE };
  return [all, listed, gaps(c)].reduce((a, b) => (bytes(b) < bytes(a) ? b : a));
}
