/**
 * What kernels for CPUs with a multiplier but no lanes share at compile time: the zero point moves into the bias, and the output stage
 * is that of `dsp.ts`, under the same conditions. The C side is `runtime/arch/tile.h`.
 */
import { dspStage, type DotLayer } from "./dsp.js";

/** `right`: right shift of the output stage. */
export const dotParams = { zero_y: "i16", lo: "i16", hi: "i16", w: "rom", b: "rom", mult: "rom", right: "rom" } as const;

export interface Dot {
  readonly bias: number;
  readonly mult: number;
  readonly right: number;
}

/** One output channel; null where its sums or its multiplier do not allow it. @param weights those that meet its inputs */
export function dotOf(l: Omit<DotLayer, "depth" | "out">, o: number, weights: ArrayLike<number>): Dot | null {
  const m = l.per_channel === 0 ? 0 : o;
  const bias = l.b[o] as number;
  let [sum, size] = [0, 0];
  for (let k = 0; k < weights.length; k++) {
    sum += weights[k] as number;
    size += Math.abs(weights[k] as number);
  }
  const folded = bias - l.zero_x * sum;
  const stage = dspStage(l.mult[m] as number, l.shift[m] as number, l.zero_y, Math.abs(bias) + 255 * size);
  return stage && Math.abs(folded) + 128 * size < 2 ** 31 ? { bias: folded, mult: stage.mult, right: stage.right } : null;
}

/** Channels as a kernel finds them; null where one of them does not suit. */
export function dotArrays(dots: readonly (Dot | null)[]) {
  const all = dots.filter((d) => d !== null);
  if (all.length < dots.length) return null;
  return { b: Int32Array.from(all, (d) => d.bias), mult: Int32Array.from(all, (d) => d.mult), right: Uint8Array.from(all, (d) => d.right) };
}

/** A layer whose outputs each have one row of weights. */
export function packDots(l: DotLayer) {
  // Two products must fit 16 bits, which -128 * -128 twice does not.
  if (l.w.some((v, k) => v === -128 && l.w[k + 1] === -128)) return null;
  const made = dotArrays(Array.from({ length: l.out }, (_, o) => dotOf(l, o, l.w.subarray(o * l.depth, (o + 1) * l.depth))));
  return made && { zero_y: l.zero_y, lo: l.lo, hi: l.hi, w: l.w, ...made };
}
