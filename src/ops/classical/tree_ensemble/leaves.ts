/** Leaf values as integers: the common factor, the leaf mode of the stream, and the type of the sums. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayFrom, type IntDType, type TypedArray } from "../../../ir/types.js";
import type { TreeAttrs } from "./attrs.js";
import { DIRECT, little, SCALAR, TABLE, VECTOR } from "./encode.js";

export interface Leaves {
  readonly mode: number;
  /** Integer = round(value * factor). */
  readonly factor: number;
  readonly sum: IntDType;
  readonly classBits: number;
  readonly valueBytes: number;
  readonly signed: boolean;
  readonly table: TypedArray;
  /** Bytes of the leaf with value row `row`. */
  readonly bytes: (row: number) => readonly number[];
}

/** Largest |sum| of any output for a factor of 1, base included. */
function peakSum(a: TreeAttrs): number {
  const peak = Float64Array.from(a.base, Math.abs);
  const rowsOf = leafRows(a);
  rowsOf.forEach((rows, t) => {
    for (let k = 0; k < a.width; k++) {
      let m = 0;
      for (const r of rows) m = Math.max(m, Math.abs(a.values[r * a.width + k] ?? 0));
      peak[a.width === 1 ? (a.target[t] ?? 0) : k]! += m;
    }
  });
  return Math.max(...peak);
}

/** Value rows reachable in each tree. */
function leafRows(a: TreeAttrs): number[][] {
  return [...a.roots].map((root) => {
    const rows: number[] = [];
    const stack = [root];
    for (let n = stack.pop(); n !== undefined; n = stack.pop()) {
      if ((a.feature[n] ?? -1) < 0) rows.push(a.left[n] ?? 0);
      else stack.push(a.left[n] ?? 0, a.right[n] ?? 0);
    }
    return rows;
  });
}

/** Factors found before: every level of a search asks for the same ones. */
const known = new WeakMap<Float64Array, Map<number, number>>();

/** Among factors from max/2 to max, the one that rounds the values least: fractions of small counts become exact. */
function kindestFactor(values: Float64Array, max: number): number {
  const top = Math.floor(max);
  if (top < 2) return max;
  const before = known.get(values) ?? new Map<number, number>();
  known.set(values, before);
  const factor = before.get(top) ?? leastRounding(values, top);
  before.set(top, factor);
  return factor;
}

function leastRounding(values: Float64Array, top: number): number {
  const all = [...new Set(values)];
  const distinct = all.filter((_, i) => i % Math.ceil(all.length / 128) === 0);
  let best = top;
  let least = Infinity;
  for (let q = top; q >= Math.max(1, top >> 1); q--) {
    let error = 0;
    for (const v of distinct) error += Math.abs(v * q - Math.round(v * q));
    error /= q;
    if (error < least - 1e-15) { least = error; best = q; }
  }
  return best;
}

const sumType = (peak: number, signed: boolean): IntDType =>
  signed ? (peak < 128 ? "i8" : peak < 32768 ? "i16" : "i32") : (peak < 256 ? "u8" : peak < 65536 ? "u16" : "i32");

/** level 0: values of 7 bits (scalar) or packed pairs (vector); 1: 16 bits; 2: 32 bits. */
export function chooseLeaves(a: TreeAttrs, level: number): Leaves {
  return a.width === 1 ? scalarLeaves(a, level) : vectorLeaves(a, level);
}

function scalarLeaves(a: TreeAttrs, level: number): Leaves {
  const peak = peakSum(a);
  let top = 0;
  for (const v of a.values) top = Math.max(top, Math.abs(v));
  const signed = a.values.some((v) => v < 0) || a.base.some((v) => v < 0);
  const whole = a.values.every(Number.isInteger) && a.base.every(Number.isInteger) && peak < 2 ** 31;
  const limit = level === 0 ? (signed ? 63 : 127) : level === 1 ? (signed ? 32767 : 65535) : 2 ** 31 - 1;
  // Every tree may round up by half a step: the sum must still fit.
  const sumLimit = (level === 2 ? 2 ** 30 : signed ? 32767 : 65535) - a.roots.length;
  const factor = whole && top <= limit ? 1 : Math.min(limit / Math.max(top, 1e-30), sumLimit / Math.max(peak, 1e-30));
  const q = Int32Array.from(a.values, (v) => Math.round(v * factor));
  const base = { factor, signed, classBits: 0, sum: sumType(peak * factor + a.roots.length, signed) };
  const inSeven = q.every((v) => (signed ? v >= -64 && v <= 63 : v <= 127));
  if (inSeven) return { ...base, mode: DIRECT, valueBytes: 1, table: new Uint8Array(1), bytes: (r) => [0x80 | ((q[r] ?? 0) & 0x7f)] };
  const valueBytes = level === 2 ? 4 : 2;
  const distinct = [...new Set(q)].sort((x, y) => x - y);
  if (distinct.length <= 128 && q.length * (1 + valueBytes) > q.length + distinct.length * valueBytes) {
    const table = arrayFrom(level === 2 ? "i32" : signed ? "i16" : "u16", distinct);
    return { ...base, mode: TABLE, valueBytes, table, bytes: (r) => [0x80 | distinct.indexOf(q[r] ?? 0)] };
  }
  return { ...base, mode: SCALAR, valueBytes, table: new Uint8Array(1), bytes: (r) => [0x80, ...little(q[r] ?? 0, valueBytes)] };
}

function vectorLeaves(a: TreeAttrs, wanted: number): Leaves {
  const classBits = Math.max(1, Math.ceil(Math.log2(a.width)));
  if (classBits > 12) fail("tree/too-many-classes", "tree ensemble", `${a.width} classes`, "Supported: up to 4096 classes.");
  const top = a.values.reduce((m, v) => Math.max(m, v), 1);
  const negative = a.values.some((v) => v < 0);
  if (negative && a.width > 256) fail("tree/too-many-classes", "tree ensemble", `${a.width} classes with negative votes`, "Supported: up to 256 classes.");
  // A class of its own byte is the finer form, but there are only 256 of them; only 32-bit values have a sign.
  const level = negative ? 2 : a.width > 256 ? 0 : wanted;
  const trees = a.roots.length;
  const peak = Math.max(peakSum(a), 1);
  const max = level === 0 ? Math.min((2 ** (16 - classBits) - 1) / top, (65535 - trees) / peak) : level === 1 ? Math.min(65535 / top, 2 ** 30 / peak) : 2 ** 30 / peak;
  const factor = level === 2 ? Math.floor(max) : kindestFactor(a.values, max);
  const valueBytes = level === 2 ? 4 : 2;
  const one = Math.round(factor);
  const bytes = (row: number): readonly number[] => {
    const pairs: [number, number][] = [];
    for (let k = 0; k < a.width; k++) {
      const q = Math.round((a.values[row * a.width + k] ?? 0) * factor);
      if (q !== 0) pairs.push([k, q]);
    }
    const [first] = pairs;
    if (pairs.length === 1 && first && first[1] === one && first[0] < 64) return [0xc0 | first[0]];
    if (pairs.length > 63) fail("tree/too-many-classes", "tree ensemble", `a leaf with shares of ${pairs.length} classes`, "Supported: up to 63 classes in one leaf; train deeper trees, or with fewer samples in a leaf.");
    return [0x80 | pairs.length, ...pairs.flatMap(([k, q]) => (level === 0 ? little((k << (16 - classBits)) | q, 2) : [k, ...little(q, valueBytes)]))];
  };
  return { mode: VECTOR, factor, signed: false, classBits: level === 0 ? classBits : 0, valueBytes, table: new Uint8Array(1), sum: sumType(peak * factor + trees, false), bytes };
}
