/** The TypeScript twin of kernel.c, and the same stream read back as branches for straight code. */
import type { Branch, Unrolled } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import type { DType, Tensor, TypedArray } from "../../../ir/types.js";
import { DIRECT, SCALAR, TABLE } from "./encode.js";

export const params = {
  trees: "len", outputs: "len", leaf: "u8", class_bits: "u8", value_bytes: "u8", is_signed: "u8", wide: "u8", skip_bytes: "u8",
  one: "i32", start: "rom", target: "rom", table: "rom", nodes: "rom",
} as const;
export type TreeParams = ParamValues<typeof params>;

interface Cursor { at: number }
const u8 = (p: TreeParams, c: Cursor): number => p.nodes[c.at++] ?? 0;
const u16 = (p: TreeParams, c: Cursor): number => u8(p, c) | (u8(p, c) << 8);
const i32 = (p: TreeParams, c: Cursor): number => u16(p, c) | (u16(p, c) << 16);

/** Calls `add(output, amount)` for each thing the leaf adds. */
function leaf(p: TreeParams, head: number, c: Cursor, target: number, add: (at: number, value: number) => void): void {
  const n = head & 0x7f;
  if (p.leaf === DIRECT) add(target, p.is_signed ? (n << 25) >> 25 : n);
  else if (p.leaf === SCALAR) add(target, leafValue(p, c));
  else if (p.leaf === TABLE) add(target, p.table[n] ?? 0);
  else if (head & 0x40) add(head & 0x3f, p.one);
  else for (let i = 0; i < n; i++) addPair(p, c, add);
}

const leafValue = (p: TreeParams, c: Cursor): number => (p.value_bytes === 4 ? i32(p, c) : p.is_signed ? (u16(p, c) << 16) >> 16 : u16(p, c));

function addPair(p: TreeParams, c: Cursor, add: (at: number, value: number) => void): void {
  if (p.class_bits === 0) {
    const at = u8(p, c);
    add(at, leafValue(p, c));
    return;
  }
  const pair = u16(p, c);
  add(pair >> (16 - p.class_bits), pair & ((1 << (16 - p.class_bits)) - 1));
}

const targetOf = (p: TreeParams, tree: number): number => (p.outputs === 1 || p.leaf > TABLE ? 0 : (p.target[tree] ?? 0));

/** The threshold at the cursor, sign-extended to the input type. */
function thresholdAt(p: TreeParams, c: Cursor, dtype: DType): number {
  if (dtype === "u8") return u8(p, c);
  if (dtype === "i8") return (u8(p, c) << 24) >> 24;
  return dtype === "f32" ? i32(p, c) : (u16(p, c) << 16) >> 16;
}

const featureAt = (p: TreeParams, head: number, c: Cursor): number => (p.wide ? (head << 8) | u8(p, c) : head);
const skipAt = (p: TreeParams, c: Cursor): number => (p.skip_bytes === 1 ? u8(p, c) : u16(p, c));

/** Integer order that equals float order, without a float compare: see `cell_le_float`. */
const lessOrEqualBits = (x: number, t: number): boolean => (t >= 0 ? x <= t : x >>> 0 >= t >>> 0);

const dtypeOfInput = (x: TypedArray): DType => (x instanceof Float32Array ? "f32" : x instanceof Uint8Array ? "u8" : x instanceof Int8Array ? "i8" : "i16");

export function walk(p: TreeParams, x: TypedArray, y: TypedArray): void {
  const dtype = dtypeOfInput(x);
  const isFloat = dtype === "f32";
  const view = isFloat ? new Int32Array(x.buffer, x.byteOffset, x.length) : x;
  const c: Cursor = { at: 0 };
  const add = (at: number, value: number): void => { y[at] = (y[at] ?? 0) + value; };
  for (let k = 0; k < p.outputs; k++) y[k] = p.start[k] ?? 0;
  for (let t = 0; t < p.trees; t++) {
    const length = u16(p, c);
    const next = c.at + length;
    for (let head = u8(p, c); ; head = u8(p, c)) {
      if (head & 0x80) {
        leaf(p, head, c, targetOf(p, t), add);
        break;
      }
      const v = view[featureAt(p, head, c)] ?? 0;
      const threshold = thresholdAt(p, c, dtype);
      const skip = skipAt(p, c);
      if (!(isFloat ? lessOrEqualBits(v, threshold) : v <= threshold)) c.at += skip;
    }
    c.at = next;
  }
}

function branch(p: TreeParams, c: Cursor, tree: number, x: Tensor): Branch {
  const head = u8(p, c);
  if (head & 0x80) {
    const at: number[] = [];
    const value: number[] = [];
    leaf(p, head, c, targetOf(p, tree), (k, v) => { at.push(k); value.push(v); });
    return { kind: "add", at, value };
  }
  const element = featureAt(p, head, c);
  const threshold = thresholdAt(p, c, x.dtype);
  const skip = skipAt(p, c);
  const right: Cursor = { at: c.at + skip };
  const test = x.dtype !== "f32" ? "le" : threshold >= 0 ? "le_f32" : "ge_f32_bits";
  return { kind: "split", element, test, value: threshold, yes: branch(p, c, tree, x), no: branch(p, right, tree, x) };
}

export function unroll(p: TreeParams, inputs: readonly Tensor[]): Unrolled | null {
  const [x] = inputs;
  if (x === undefined) return null;
  const c: Cursor = { at: 0 };
  const branches: Branch[] = [];
  for (let t = 0; t < p.trees; t++) {
    const length = u16(p, c);
    const next = c.at + length;
    branches.push(branch(p, c, t, x));
    c.at = next;
  }
  return { start: [...p.start], branches };
}
