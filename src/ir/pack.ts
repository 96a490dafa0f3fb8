/**
 * What kernels for CPUs with nothing but a 32-bit multiply share at compile time: two sums in one word, 16 bits apart, so that one
 * multiplication makes two products. A word is taken apart after every block of products, which is exact where the weights of a block
 * are at most 255 in sum; what they are more goes into a list of corrections. The C side is `runtime/arch/pack.h`.
 */
import { dspStage, type Bounds, type DotLayer, type Stage } from "./dsp.js";
import { firstOfWindow, trailing, type ElementSizes, type Sliding } from "./overlap.js";

/**
 * `q`: bias, multiplier, addend, and right shift + 128 * whether the sums are small + 256 * corrections of each channel; `e`: those
 * corrections, each place * 256 + the weight's rest in the low byte.
 */
export const packParams = { lo: "i16", hi: "i16", w: "rom", q: "rom", e: "rom" } as const;

/** The largest sum of |w| over a block: 128 * 255 is less than 2^15. */
const MOST = 255;

/** A weight's part that its block has no room for. */
interface Rest { readonly at: number; readonly by: number }

/** Takes the largest weights of every block down until the block is exact. */
function trimmed(w: readonly number[], block: number): { readonly kept: readonly number[]; readonly rest: readonly Rest[] } {
  const kept = [...w];
  const rest: Rest[] = [];
  for (let from = 0; from < w.length; from += block) {
    const order = Array.from({ length: Math.min(block, w.length - from) }, (_, i) => from + i).sort((a, b) => Math.abs(w[b] as number) - Math.abs(w[a] as number));
    let over = order.reduce((n, k) => n + Math.abs(w[k] as number), 0) - MOST;
    for (const at of order) {
      if (over <= 0) break;
      const value = w[at] as number;
      const by = Math.sign(value) * Math.min(Math.abs(value), over);
      kept[at] = value - by;
      rest.push({ at, by });
      over -= Math.abs(by);
    }
  }
  return { kept, rest };
}

/** One output channel. */
export interface Packed {
  readonly weights: readonly number[];
  readonly rest: readonly Rest[];
  readonly bias: number;
  readonly stage: Stage;
  readonly brief: boolean;
}

/** Below this the output stage needs no product of more than 32 bits: the sum times the multiplier's ten, ten and eleven bits, one after the other. */
const BRIEF = 2 ** 20;

/** Largest |sum| that inputs of the whole range can give. */
function reach(bias: number, zero: number, weights: readonly number[]): number {
  let [lo, hi] = [bias, bias];
  for (const w of weights) {
    const [a, b] = [w * (-128 - zero), w * (127 - zero)];
    lo += Math.min(a, b);
    hi += Math.max(a, b);
  }
  return Math.max(Math.abs(lo), Math.abs(hi));
}

/** Null where the output stage would not be exact. @param weights those that meet the channel's inputs, in the kernel's order @param block products between two times that words are taken apart */
export function packed(l: Omit<DotLayer, "depth" | "out">, o: number, weights: readonly number[], block: number): Packed | null {
  const m = l.per_channel === 0 ? 0 : o;
  const [mult, shift] = [l.mult[m] as number, l.shift[m] as number];
  const bias = l.b[o] as number;
  const bound = reach(bias, l.zero_x, weights);
  const stage = dspStage(mult, shift, l.zero_y, bound);
  const { kept, rest } = trimmed(weights, block);
  return stage && { weights: kept, rest, bias: (bias - l.zero_x * weights.reduce((n, w) => n + w, 0)) | 0, stage, brief: bound + Math.abs(stage.add) + 2 < BRIEF && l.lo === -128 && l.hi === 127 };
}

/** The words of {@link packParams} besides the weights. @param place where a kernel finds the input that meets weight k */
export function packedParams(l: Bounds, channels: readonly Packed[], place: (k: number) => number) {
  const e = channels.flatMap((c) => c.rest.map(({ at, by }) => ((place(at) << 8) | (by & 255)) >>> 0));
  return {
    lo: l.lo, hi: l.hi, e: Uint32Array.from(e.length > 0 ? e : [0]),
    q: Int32Array.from(channels.flatMap((c) => [c.bias, c.stage.mult, c.stage.add, c.stage.right + 128 * Number(c.brief) + 256 * c.rest.length])),
  };
}

/** Four bytes a word, lowest first. */
export const bytesAsWords = (v: readonly number[]): Uint32Array =>
  Uint32Array.from({ length: v.length / 4 }, (_, i) => [3, 2, 1, 0].reduce((word, k) => word * 256 + ((v[4 * i + k] as number) & 255), 0));

/** `trailing` of kernels that read the windows of four pixels before they write what is made of them. */
export function trailingFours(p: Sliding, size: ElementSizes): number {
  const first = firstOfWindow(p);
  const pixels = p.out_h * p.out_w;
  const end = (j: number): number => Math.min(4 * j + 4, pixels);
  return trailing(Math.ceil(pixels / 4), (j) => Math.min(...Array.from({ length: end(j) - 4 * j }, (_, k) => first(4 * j + k))), size, (j) => end(j) * p.out_c);
}
