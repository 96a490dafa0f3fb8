/**
 * Trees as the byte stream that kernel.c walks.
 *
 * stream = per tree: u16 length, nodes in preorder
 * split  = feature (1 byte below 0x80, or 2 bytes when `wide`), threshold (bytes of the input type, little-endian),
 *          skip (1 or 2 bytes: size of the left subtree)
 * leaf   = 0x80 | ..., by `leaf` mode:
 *   DIRECT  0x80 | value (7 bits, two's complement when signed)
 *   SCALAR  0x80, value (2 or 4 bytes)
 *   TABLE   0x80 | index into `table`
 *   VECTOR  0xC0 | class (the leaf is pure: adds `one`), or 0x80 | n and n pairs (class, value): packed into
 *           16 bits as class << (16 - class_bits) | value, or one byte and 2 or 4 bytes
 */
import { fail } from "../../../ir/diagnostics.js";
import { type DType, type IntDType, isInt, limits, scaleAt, zeroAt, type Tensor } from "../../../ir/types.js";
import type { TreeAttrs } from "./attrs.js";

export const DIRECT = 0, SCALAR = 1, TABLE = 2, VECTOR = 3;

/** A tree in the integers of the device. */
export type IntTree =
  | { readonly feature: number; readonly threshold: number; readonly left: IntTree; readonly right: IntTree }
  | { readonly row: number };

const f32 = new Float32Array(1);
const bits = new Int32Array(f32.buffer);

/** Largest float32 that is <= t, as its bit pattern; -0 becomes +0 so that bit order equals number order. */
export function floorF32Bits(t: number): number {
  f32[0] = t;
  if ((f32[0] ?? 0) > t) bits[0]! += (f32[0] ?? 0) > 0 ? -1 : 1;
  if (bits[0] === -0x80000000) bits[0] = 0;
  return bits[0] ?? 0;
}

/** Float32 numbers in order as integers: -MAX..MAX for the finite ones. */
function float32At(key: number): number {
  bits[0] = key >= 0 ? key : -key | 0x80000000;
  return f32[0] ?? 0;
}
const LAST_FINITE = 0x7f7fffff;

/** The same threshold for a float32 input that a folded scaler reads as `scale * (x - zero)`: its bits, by bisection. */
function floorScaledF32Bits(t: number, scale: number, zero: number, inputF32: boolean): number {
  const below = (key: number): boolean => {
    const real = scale * (float32At(key) - zero);
    return (inputF32 ? Math.fround(real) : real) <= t;
  };
  let [lo, hi] = [-LAST_FINITE - 1, LAST_FINITE];
  while (lo < hi) {
    const mid = Math.ceil((lo + hi) / 2);
    if (below(mid)) lo = mid;
    else hi = mid - 1;
  }
  return lo >= 0 ? lo : -lo | 0x80000000;
}

/** Largest integer q whose real value is <= t, judged on the very float32 value the library would compare. */
export function floorThreshold(t: number, x: Tensor, feature: number, inputF32: boolean): number {
  const s = x.quant ? scaleAt(x.quant, feature) : 1;
  const z = x.quant ? zeroAt(x.quant, feature) : 0;
  const real = (q: number): number => (inputF32 ? Math.fround(s * (q - z)) : s * (q - z));
  let q = Math.floor(t / s + z);
  const [lo, hi] = isInt(x.dtype) ? limits(x.dtype as IntDType) : [0, 0];
  if (q > hi + 1 || q < lo - 2) return q;
  while (real(q + 1) <= t) q++;
  while (real(q) > t) q--;
  return q;
}

/** Node `n` with integer thresholds; splits no device input can reach are left out. */
export function quantiseTree(a: TreeAttrs, n: number, x: Tensor): IntTree {
  const f = a.feature[n] ?? -1;
  if (f < 0) return { row: a.left[n] ?? 0 };
  const left = (): IntTree => quantiseTree(a, a.left[n] ?? 0, x);
  const right = (): IntTree => quantiseTree(a, a.right[n] ?? 0, x);
  const t = a.threshold[n] ?? 0;
  if (!isInt(x.dtype)) {
    const threshold = x.quant ? floorScaledF32Bits(t, scaleAt(x.quant, f), zeroAt(x.quant, f), a.inputF32) : floorF32Bits(t);
    return { feature: f, threshold, left: left(), right: right() };
  }
  const q = floorThreshold(t, x, f, a.inputF32);
  const [lo, hi] = limits(x.dtype);
  if (q >= hi) return left();
  if (q < lo) return right();
  return { feature: f, threshold: q, left: left(), right: right() };
}

/** The low bytes of v, least significant first. */
export const little = (v: number, bytes: number): number[] => Array.from({ length: bytes }, (_, i) => (v >> (8 * i)) & 255);

export interface Layout {
  readonly inputType: DType;
  readonly wide: boolean;
  readonly skipBytes: 1 | 2;
}

const thresholdBytes = (d: DType): number => (d === "u8" || d === "i8" ? 1 : d === "f32" ? 4 : 2);

/** Bytes of a leaf with value row `row`. */
type LeafBytes = (row: number) => readonly number[];

function encodeNode(t: IntTree, layout: Layout, leaf: LeafBytes, out: number[]): void {
  if ("row" in t) {
    for (const b of leaf(t.row)) out.push(b);
    return;
  }
  if (layout.wide) out.push(t.feature >> 8);
  out.push(t.feature & 255, ...little(t.threshold, thresholdBytes(layout.inputType)));
  const skipAt = out.length;
  for (let i = 0; i < layout.skipBytes; i++) out.push(0);
  encodeNode(t.left, layout, leaf, out);
  little(out.length - skipAt - layout.skipBytes, layout.skipBytes).forEach((b, i) => { out[skipAt + i] = b; });
  encodeNode(t.right, layout, leaf, out);
}

/** Bytes of a subtree with one-byte skips, and of the largest left subtree in it. */
function measure(t: IntTree, layout: Layout, leaf: LeafBytes): { readonly size: number; readonly left: number } {
  if ("row" in t) return { size: leaf(t.row).length, left: 0 };
  const [a, b] = [measure(t.left, layout, leaf), measure(t.right, layout, leaf)];
  return { size: (layout.wide ? 3 : 2) + thresholdBytes(layout.inputType) + a.size + b.size, left: Math.max(a.size, a.left, b.left) };
}

/** The whole stream; skips take two bytes only when some left subtree is larger than 255 bytes. */
export function encodeTrees(trees: readonly IntTree[], features: number, inputType: DType, leaf: LeafBytes): { readonly nodes: Uint8Array; readonly wide: boolean; readonly skipBytes: 1 | 2 } {
  const wide = features > 128;
  const narrow: Layout = { inputType, wide, skipBytes: 1 };
  const skipBytes = trees.some((t) => measure(t, narrow, leaf).left > 255) ? 2 : 1;
  const out: number[] = [];
  for (const t of trees) {
    const start = out.length;
    out.push(0, 0);
    encodeNode(t, { ...narrow, skipBytes }, leaf, out);
    const length = out.length - start - 2;
    if (length > 0xffff) fail("tree/too-large", "tree ensemble", `one tree takes ${length} bytes`, "Limit max_depth or max_leaf_nodes: 64 KB a tree is the most.");
    little(length, 2).forEach((b, i) => { out[start + i] = b; });
  }
  return { nodes: Uint8Array.from(out), wide, skipBytes };
}
