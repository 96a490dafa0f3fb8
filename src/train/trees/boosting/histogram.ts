/**
 * Sums of slopes, curvatures and rows by code, for every feature of a node.
 *
 * Slopes become whole numbers of some twenty bits, and one double holds rows * 2^shift + sum of slopes: both are exact,
 * in any order, and a child is its parent less its sister to the last bit. A histogram is (codes, 2): packed, curvature.
 */
import type { Bins } from "../../bins.js";

export interface Packing {
  /** Whole slope = slope * scale. */
  readonly scale: number;
  /** 2^shift: one row. */
  readonly row: number;
}

/** @param peak largest |slope|. */
export function packingFor(rows: number, peak: number): Packing {
  const bits = 32 - Math.clz32(rows);
  let scale = 2 ** Math.max(1, 51 - 2 * bits > 24 ? 24 : 51 - 2 * bits);
  const top = scale;
  // The largest slope takes all bits; beyond the bounds slopes are nothing, or no float32 targets.
  for (let k = 0; k < 400 && peak * scale > top; k++) scale /= 2;
  for (let k = 0; k < 400 && peak * scale <= top / 2; k++) scale *= 2;
  return { scale, row: top * 2 ** (bits + 1) };
}

export const rowsIn = (p: Packing, packed: number): number => Math.floor(packed / p.row + 0.5);
export const slopeIn = (p: Packing, packed: number): number => (packed - rowsIn(p, packed) * p.row) / p.scale;

/** Features whose sums are made in one pass over the rows: they do not wait for each other. */
export const GROUP = 4;

export interface Layout {
  readonly bins: Bins;
  /** First code of each feature in the histogram, and the number of codes at the end. */
  readonly starts: Int32Array;
  /** (whole groups, rows): the codes of a row in the features of a group, one in each byte; one read instead of four. */
  readonly words: Int32Array;
}

export function layoutOf(bins: Bins): Layout {
  const { rows, features, codes } = bins;
  const starts = new Int32Array(features + 1);
  for (let f = 0; f < features; f++) starts[f + 1] = starts[f]! + bins.counts[f]!;
  const words = new Int32Array(Math.floor(features / GROUP) * rows);
  for (let at = 0; at < words.length; at++) {
    const q = GROUP * (at - (at % rows)) + (at % rows);
    words[at] = codes[q]! | (codes[q + rows]! << 8) | (codes[q + 2 * rows]! << 16) | (codes[q + 3 * rows]! << 24);
  }
  return { bins, starts, words };
}

/** Packed slope and curvature of the rows of a node, in its order. */
export interface Gathered { readonly packed: Float64Array; readonly curvature: Float64Array }

/** Sums over all rows of a node. */
export interface Total { readonly packed: number; readonly curvature: number }

export function gather(rows: Int32Array, from: number, to: number, packed: Float64Array, h: Float64Array, at: number, out: Gathered): Total {
  let [sum, bend] = [0, 0];
  for (let i = from; i < to; i++) {
    const j = rows[i]!;
    const [p, c] = [packed[j]!, h[at + j]!];
    out.packed[i - from] = p;
    out.curvature[i - from] = c;
    sum += p;
    bend += c;
  }
  return { packed: sum, curvature: bend };
}

/** Four features in one pass over the rows. */
function addFour(words: Int32Array, offset: number, f: number, starts: Int32Array, rows: Int32Array, from: number, size: number, g: Gathered, out: Float64Array): void {
  const { packed, curvature } = g;
  const [s0, s1, s2, s3] = [2 * starts[f]!, 2 * starts[f + 1]!, 2 * starts[f + 2]!, 2 * starts[f + 3]!];
  for (let i = 0; i < size; i++) {
    const word = words[offset + rows[from + i]!]!;
    const p = packed[i]!;
    const h = curvature[i]!;
    const a = s0 + 2 * (word & 255);
    out[a]! += p;
    out[a + 1]! += h;
    const b = s1 + ((word >>> 7) & 510);
    out[b]! += p;
    out[b + 1]! += h;
    const c = s2 + ((word >>> 15) & 510);
    out[c]! += p;
    out[c + 1]! += h;
    const d = s3 + ((word >>> 23) & 510);
    out[d]! += p;
    out[d + 1]! += h;
  }
}

function addOne(codes: Uint8Array, offset: number, start: number, rows: Int32Array, from: number, size: number, g: Gathered, out: Float64Array): void {
  const { packed, curvature } = g;
  for (let i = 0; i < size; i++) {
    const a = 2 * (start + codes[offset + rows[from + i]!]!);
    out[a]! += packed[i]!;
    out[a + 1]! += curvature[i]!;
  }
}

/** Sums of the features from `f` on, at most a group of them. @param g what {@link gather} read of the same rows. */
export function fillGroup(layout: Layout, f: number, rows: Int32Array, from: number, to: number, g: Gathered, out: Float64Array): void {
  const { bins, starts, words } = layout;
  const end = Math.min(bins.features, f + GROUP);
  out.fill(0, 2 * starts[f]!, 2 * starts[end]!);
  if (end === f + GROUP) addFour(words, (f / GROUP) * bins.rows, f, starts, rows, from, to - from, g, out);
  else for (let k = f; k < end; k++) addOne(bins.codes, k * bins.rows, starts[k]!, rows, from, to - from, g, out);
}

/** The parent becomes its other child, in the same features. */
export function subtractGroup(layout: Layout, f: number, parent: Float64Array, child: Float64Array): void {
  const { bins, starts } = layout;
  const end = 2 * starts[Math.min(bins.features, f + GROUP)]!;
  for (let at = 2 * starts[f]!; at < end; at++) parent[at]! -= child[at]!;
}
