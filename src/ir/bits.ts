/**
 * Weights of less than 8 bits in flash: every layer's in the least width that holds all of them, exactly. The C side, which unpacks them
 * row by row, is `runtime/arch/bits.h`; that the numbers may be so small is the business of `passes/quantise-network/low-bits.ts`.
 */
import type { DotLayer } from "./dsp.js";
import { dotOf } from "./tile.js";

/** A weight is `least + step * u` with 0 <= u < 2^bits. */
export interface Grid {
  readonly bits: number;
  readonly step: number;
  readonly least: number;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** The narrowest grid that holds all weights: {-1, 1} takes one bit, {-1, 0, 1} two. Null where they span more than 7 bits. */
export function gridOf(w: ArrayLike<number>): Grid | null {
  let [lo, hi] = [w[0] ?? 0, w[0] ?? 0];
  for (let i = 1; i < w.length; i++) { lo = Math.min(lo, w[i] as number); hi = Math.max(hi, w[i] as number); }
  if (hi - lo > 127) return null;
  let step = 0;
  for (let i = 0; i < w.length; i++) step = divisor((w[i] as number) - lo, step);
  const steps = Math.max(1, step);
  return { bits: Math.max(1, Math.ceil(Math.log2((hi - lo) / steps + 1))), step: steps, least: lo };
}

/** Widths of the planes that a width is made of, the lowest bits first. */
export const planesOf = (bits: number): readonly number[] => [4, 2, 1].filter((b) => bits & b);

/** Words of one row of n weights; each plane has whole words. */
export const rowWords = (n: number, bits: number): number => planesOf(bits).reduce((sum, b) => sum + Math.ceil((n * b) / 32), 0);

/** One row of weights, plane after plane: weight i of a plane of b bits lies in word i / (32 / b), byte i % 4, from bit (i / 4 % (8 / b)) * b on. */
export function packRow(w: ArrayLike<number>, { bits, step, least }: Grid): Uint32Array {
  const out = new Uint32Array(rowWords(w.length, bits));
  let [at, shift] = [0, 0];
  for (const b of planesOf(bits)) {
    const each = 32 / b;
    for (let i = 0; i < w.length; i++) {
      const part = (((w[i] as number) - least) / step >> shift) & ((1 << b) - 1);
      const word = at + Math.floor(i / each);
      out[word] = (out[word] as number) | (part << ((i % 4) * 8 + (Math.floor(i / 4) % (8 / b)) * b));
    }
    at += Math.ceil(w.length / each);
    shift += b;
  }
  return out;
}

/** Bytes of scratch for a row that is unpacked. */
export const rowScratch = (n: number): number => Math.ceil(n / 32) * 32;

/** Left shifts go up to this; right shifts come after it. */
const LEFT = 7;

interface Output {
  readonly bias: number;
  readonly mult: number;
  readonly shift: number;
}

/** One output. Few bits make for small sums and so for multipliers of one half and more, which need no right shift. @param folded the zero point is in the bias */
function outputOf(l: Omit<DotLayer, "depth" | "out">, o: number, w: ArrayLike<number>, folded: boolean): Output | null {
  const bias = l.b[o] as number;
  const [m, left] = l.per_channel === 0 ? [l.mult[0] as number, l.shift[0] as number] : [l.mult[o] as number, l.shift[o] as number];
  if (left < 0 || m === 0) {
    const d = dotOf(l, o, w);
    return d && d.right <= 31 - LEFT ? { bias: folded ? d.bias : bias, mult: d.mult, shift: d.right + LEFT } : null;
  }
  let [sum, size] = [0, 0];
  for (let k = 0; k < w.length; k++) { sum += w[k] as number; size += Math.abs(w[k] as number); }
  const bound = (Math.abs(bias) + 255 * size) * 2 ** (left + 1);
  return left <= LEFT && bound < 2 ** 31 ? { bias: folded ? bias - l.zero_x * sum : bias, mult: m, shift: left } : null;
}

/** The output stage of all channels: biases of 2 or 4 bytes; few multipliers share a byte with the shift. Null where there are too many. */
function packOutputs(dots: readonly Output[]) {
  const m = [...new Set(dots.map((d) => d.mult))];
  if (m.length > 256) return null;
  const wide = dots.some((d) => d.bias !== (d.bias << 16) >> 16);
  const many = m.length > FEW;
  const place = new Map(m.map((v, i) => [v, i]));
  const q = dots.flatMap(({ bias, mult, shift }) => {
    const at = place.get(mult) ?? 0;
    return [bias & 255, (bias >> 8) & 255, ...(wide ? [(bias >> 16) & 255, bias >>> 24] : []), ...(many ? [shift, at] : [shift + 32 * at])];
  });
  return { wide: Number(wide), many: Number(many), q: Uint8Array.from(q), m: Int32Array.from(m) };
}

export const bitsParams = {
  zero_y: "i16", lo: "i16", hi: "i16", bits: "u8", step: "u8", least: "i8", wide: "u8", many: "u8", w: "rom", q: "rom", m: "rom",
} as const;

/** Multipliers that share a byte with the shift. */
export const FEW = 8;

/** Bytes in flash of a layer whose multipliers are few and whose biases are short. @param rows that the weights are packed in, of n each */
export const bitsBytes = (outputs: number, rows: number, n: number, bits: number): number => rows * 4 * rowWords(n, bits) + 3 * outputs + 4 * FEW;

/** What the plain kernel keeps: a byte for each weight; bias, multiplier and shift for each output. */
export const plainBytes = (outputs: number, depth: number): number => outputs * (depth + 9);

/** Null where the weights are too wide, the output stage would not be exact, or nothing is gained. */
function packed(l: Pick<DotLayer, "zero_y" | "lo" | "hi" | "w" | "out">, dots: readonly (Output | null)[], rowsOf: (g: Grid) => Uint32Array) {
  const grid = gridOf(l.w);
  const made = dots.filter((d) => d !== null);
  const outputs = grid && made.length === dots.length ? packOutputs(made) : null;
  if (!grid || !outputs) return null;
  const w = rowsOf(grid);
  const gained = plainBytes(l.out, l.w.length / l.out) - w.byteLength - outputs.q.byteLength - outputs.m.byteLength;
  return gained > 0 ? { zero_y: l.zero_y, lo: l.lo, hi: l.hi, ...grid, ...outputs, w } : null;
}

/** A layer whose outputs each have one row of weights; the zero point moves into the bias. */
export function packBits(l: DotLayer) {
  const rows = Array.from({ length: l.out }, (_, o) => l.w.subarray(o * l.depth, (o + 1) * l.depth));
  return packed(l, rows.map((r, o) => outputOf(l, o, r, true)), (grid) => Uint32Array.from(rows.flatMap((r) => [...packRow(r, grid)])));
}

/** A depthwise layer: all weights in one row, as they stand; inputs keep their zero point, and so do biases. */
export function packEach(l: Omit<DotLayer, "depth">) {
  const dots = Array.from({ length: l.out }, (_, o) => outputOf(l, o, l.w.filter((_v, i) => i % l.out === o), false));
  return packed(l, dots, (grid) => packRow(l.w, grid));
}
