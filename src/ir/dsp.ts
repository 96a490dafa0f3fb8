/**
 * What kernels for the DSP extension share at compile time: the conditions under which their output stage is exact, and weights
 * packed for two output channels at once. The C side is `runtime/arch/dsp.h`; the proofs are in `reference/kernels.md`, section 2.
 */
import type { TypedArray } from "./types.js";

/** Multiplier, addend and right shift of one channel: `(high(2 x, mult) + add) >> right`, less one before the shift for negative x. */
export interface Stage {
  readonly mult: number;
  readonly add: number;
  readonly right: number;
}

/** Exact for every sum of at most `bound` either way; null where it would not be. */
export function dspStage(mult: number, shift: number, zero: number, bound: number): Stage | null {
  const none = { mult: 0, add: 2 * zero + 1, right: 1 };
  if (mult === 0) return none;
  if (shift >= 0 || bound >= 2 ** 30) return null;
  const right = -shift;
  const high = Math.floor((bound * mult) / 2 ** 31) + 1;
  // So small a multiplier that nothing but zero is left.
  if (high < 2 ** (right - 1)) return none;
  return high + 2 ** (right - 1) + (Math.abs(zero) + 1) * 2 ** right < 2 ** 31 ? { mult, add: (2 * zero + 1) * 2 ** (right - 1), right } : null;
}

export interface Bounds {
  readonly zero_y: number;
  readonly lo: number;
  readonly hi: number;
}

/** Which of the three output stages of `dsp.h`. */
export const dspAct = ({ zero_y: zero, lo, hi }: Bounds): number => (lo !== -128 || hi !== 127 ? 2 : zero === -128 ? 1 : 0);

/** A layer as sums of products: each output channel has one row of weights, in the order in which the kernel gathers its inputs. */
export interface DotLayer extends Bounds {
  readonly depth: number;
  readonly out: number;
  readonly w: TypedArray;
  readonly b: TypedArray;
  readonly mult: TypedArray;
  readonly shift: TypedArray;
  readonly per_channel?: number;
  readonly zero_x: number;
}

/** Parameters of a kernel that works by tiles (`cell_dsp_tile4`), besides its own geometry. */
export const tileParams = { pairs: "len", words: "len", act: "u8", lo: "i16", hi: "i16", w: "rom", q: "rom" } as const;

interface Row extends Stage {
  readonly channel: number;
  readonly bias: number;
  readonly bound: number;
  /** Without weights. */
  readonly empty?: boolean;
}

/** Largest |sum| that inputs of the whole range can give. */
export function reach(l: DotLayer, o: number): number {
  let [lo, hi] = [l.b[o] as number, l.b[o] as number];
  for (let k = o * l.depth; k < (o + 1) * l.depth; k++) {
    const w = l.w[k] as number;
    const [a, b] = [w * (-128 - l.zero_x), w * (127 - l.zero_x)];
    lo += Math.min(a, b);
    hi += Math.max(a, b);
  }
  return Math.max(Math.abs(lo), Math.abs(hi));
}

function rowOf(l: DotLayer, o: number): Row | null {
  const m = l.per_channel === 0 ? 0 : o;
  const bound = reach(l, o);
  const stage = dspStage(l.mult[m] as number, l.shift[m] as number, l.zero_y, bound);
  let sum = 0;
  for (let k = 0; k < l.depth; k++) sum += l.w[o * l.depth + k] as number;
  return stage && { ...stage, channel: o, bias: ((l.b[o] as number) - l.zero_x * sum) | 0, bound };
}

/** The high channel of a pair is found by subtraction: its sum must stay below 2^23. */
const HIGH = 2 ** 23;

/** Pairs of rows, the larger sum low. A row without partner has one without weights, whose output the kernel writes over. */
function paired(rows: readonly Row[]): readonly (readonly [Row, Row])[] {
  const small = rows.filter((r) => r.bound < HIGH);
  const large = rows.filter((r) => r.bound >= HIGH);
  const rest = small.slice(large.length);
  const alone = (r: Row): Row => ({ ...r, empty: true, bias: 0 });
  const pairs = large.map((r, i) => [r, small[i] ?? alone(r)] as const);
  for (let i = 0; i < rest.length; i += 2) pairs.push([rest[i] as Row, rest[i + 1] ?? alone(rest[i] as Row)]);
  return pairs;
}

/** The words of one pair; null where a lane does not fit 16 bits. */
function lanes(l: DotLayer, pair: readonly [Row, Row], words: number): number[] | null {
  const weight = (r: Row, k: number): number => (r.empty ? 0 : (l.w[r.channel * l.depth + k] as number));
  const lane = (k: number): number => (k < l.depth ? weight(pair[0], k) + 256 * weight(pair[1], k) : 0);
  const out: number[] = [];
  for (let k = 0; k < words * 2; k += 4) {
    const [a, b, c, d] = [lane(k), lane(k + 1), lane(k + 2), lane(k + 3)];
    if (Math.min(a, b, c, d) < -32768) return null;
    out.push(((a & 0xffff) | (c << 16)) >>> 0, ((b & 0xffff) | (d << 16)) >>> 0);
  }
  return out;
}

/** Packs a layer for tiles; null where its numbers do not allow it. */
export function packTiles(l: DotLayer) {
  const rows = Array.from({ length: l.out }, (_, o) => rowOf(l, o));
  if (rows.includes(null)) return null;
  const pairs = paired(rows as Row[]);
  const words = Math.ceil(l.depth / 4) * 2;
  const w = pairs.map((pair) => lanes(l, pair, words));
  if (w.includes(null)) return null;
  return {
    pairs: pairs.length, words, act: dspAct(l), lo: l.lo, hi: l.hi,
    w: Uint32Array.from(w.flatMap((v) => v ?? [])), q: Int32Array.from(pairs.flatMap((p) => p.flatMap((r) => [r.bias, r.mult, r.add, r.right + 256 * r.channel]))),
  };
}
