/** The TypeScript twin of kernel.c, and the same stream read back as branches for straight code. */
import type { Branch, Unrolled } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import type { Tensor, TypedArray } from "../../../ir/types.js";
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

/** What a leaf adds: outputs and amounts. */
function leaf(p: TreeParams, head: number, c: Cursor, target: number): { readonly at: number[]; readonly value: number[] } {
  const n = head & 0x7f;
  const value = (): number => (p.value_bytes === 4 ? i32(p, c) : p.is_signed ? (u16(p, c) << 16) >> 16 : u16(p, c));
  if (p.leaf === DIRECT) return { at: [target], value: [p.is_signed ? (n << 25) >> 25 : n] };
  if (p.leaf === SCALAR) return { at: [target], value: [value()] };
  if (p.leaf === TABLE) return { at: [target], value: [p.table[n] ?? 0] };
  if (head & 0x40) return { at: [head & 0x3f], value: [p.one] };
  const at: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < n; i++) {
    if (p.class_bits === 0) { at.push(u8(p, c)); values.push(value()); continue; }
    const pair = u16(p, c);
    at.push(pair >> (16 - p.class_bits));
    values.push(pair & ((1 << (16 - p.class_bits)) - 1));
  }
  return { at, value: values };
}

const targetOf = (p: TreeParams, tree: number): number => (p.outputs === 1 || p.leaf > TABLE ? 0 : (p.target[tree] ?? 0));

/** A split's feature, threshold (sign-extended to the input type) and skip; the cursor stands after its first byte. */
function split(p: TreeParams, head: number, c: Cursor, x: Pick<Tensor, "dtype">): { readonly feature: number; readonly threshold: number; readonly skip: number } {
  const feature = p.wide ? (head << 8) | u8(p, c) : head;
  let threshold: number;
  if (x.dtype === "u8") threshold = u8(p, c);
  else if (x.dtype === "i8") threshold = (u8(p, c) << 24) >> 24;
  else if (x.dtype === "f32") threshold = i32(p, c);
  else threshold = (u16(p, c) << 16) >> 16;
  return { feature, threshold, skip: p.skip_bytes === 1 ? u8(p, c) : u16(p, c) };
}

/** Integer order that equals float order, without a float compare: see `cell_le_float`. */
const lessOrEqualBits = (x: number, t: number): boolean => (t >= 0 ? x <= t : x >>> 0 >= t >>> 0);

export function walk(p: TreeParams, x: TypedArray, y: TypedArray): void {
  const isFloat = x instanceof Float32Array;
  const dtype = isFloat ? "f32" : x instanceof Uint8Array ? "u8" : x instanceof Int8Array ? "i8" : "i16";
  const view = isFloat ? new Int32Array(x.buffer, x.byteOffset, x.length) : x;
  const c: Cursor = { at: 0 };
  for (let k = 0; k < p.outputs; k++) y[k] = p.start[k] ?? 0;
  for (let t = 0; t < p.trees; t++) {
    const length = u16(p, c);
    const next = c.at + length;
    for (;;) {
      const head = u8(p, c);
      if (head & 0x80) {
        const l = leaf(p, head, c, targetOf(p, t));
        l.at.forEach((k, i) => { y[k] = (y[k] ?? 0) + (l.value[i] ?? 0); });
        break;
      }
      const s = split(p, head, c, { dtype });
      const v = view[s.feature] ?? 0;
      if (!(isFloat ? lessOrEqualBits(v, s.threshold) : v <= s.threshold)) c.at += s.skip;
    }
    c.at = next;
  }
}

function branch(p: TreeParams, c: Cursor, tree: number, x: Tensor): Branch {
  const head = u8(p, c);
  if (head & 0x80) return { kind: "add", ...leaf(p, head, c, targetOf(p, tree)) };
  const s = split(p, head, c, x);
  const right: Cursor = { at: c.at + s.skip };
  const test = x.dtype !== "f32" ? "le" : s.threshold >= 0 ? "le_f32" : "ge_f32_bits";
  return { kind: "split", element: s.feature, test, value: s.threshold, yes: branch(p, c, tree, x), no: branch(p, right, tree, x) };
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
