/** The part of a tensor's values that its integers stand for: all of them, all but the outermost, or the part with the least error. */
import type { Quant } from "../../ir/types.js";
import { clamp } from "../../ir/fixed.js";
import type { Histogram } from "./histogram.js";

export const rangeRules = ["mse", "percentile", "minmax"] as const;
export type RangeRule = (typeof rangeRules)[number];

export type Span = readonly [lo: number, hi: number];

/** Part of the values on either side that `percentile` leaves out. */
const TAIL = 1e-4;

function percentile(h: Histogram): Span {
  const { value, n } = h.list();
  const cut = h.count * TAIL;
  const edge = (from: number, by: number): number => {
    for (let i = from, sum = 0; i >= 0 && i < n.length; i += by) { sum += n[i] as number; if (sum > cut) return value[i] as number; }
    return 0;
  };
  return [Math.max(h.min, Math.min(0, edge(0, 1))), Math.min(h.max, Math.max(0, edge(n.length - 1, -1)))];
}

/** Candidates for each end, from the outermost value inwards. */
const STEPS = 100;
const SMALLEST = 0.1;

/** Squared error of clipping at a (negative or positive) end, for each candidate. */
function clipping(h: Histogram, side: -1 | 1, candidates: readonly number[]): readonly number[] {
  const { value, n } = h.list();
  return candidates.map((end) => {
    let error = 0;
    for (let i = 0; i < n.length; i++) {
      const over = ((value[i] as number) - end) * side;
      if (over > 0) error += (n[i] as number) * over * over;
    }
    return error;
  });
}

const ends = (extreme: number): readonly number[] => (extreme === 0 ? [0] : Array.from({ length: STEPS }, (_, i) => extreme * (1 - (i * (1 - SMALLEST)) / STEPS)));

/** Rounding costs step^2 / 12 for every value that is not zero, clipping the distance to the end. */
function leastError(h: Histogram): Span {
  const [low, high] = [ends(h.min), ends(h.max)];
  const [below, above] = [clipping(h, -1, low), clipping(h, 1, high)];
  let best: Span = [h.min, h.max];
  let least = Infinity;
  low.forEach((lo, i) => high.forEach((hi, j) => {
    const error = (below[i] as number) + (above[j] as number) + (h.count * ((hi - lo) / 255) ** 2) / 12;
    if (error < least) { least = error; best = [lo, hi]; }
  }));
  return best;
}

export function rangeOf(h: Histogram, rule: RangeRule): Span {
  if (rule === "minmax") return [h.min, h.max];
  return rule === "percentile" ? percentile(h) : leastError(h);
}

const f32 = Math.fround;

/** int8 with a zero point, so that real zero is exact. */
export function byteQuant([lo, hi]: Span): Quant {
  const scale = f32((hi - lo) / 255);
  if (!(scale > 0) || !Number.isFinite(f32(1 / scale))) return { scale: [f32(1 / 128)], zero: [0] };
  return { scale: [scale], zero: [clamp(Math.round(-128 - lo / scale), -128, 127)] };
}

/** int16 is symmetric, and wide enough to hold all that was seen. */
export function wordQuant(h: Histogram): Quant {
  const scale = f32(Math.max(-h.min, h.max) / 32767);
  return scale > 0 && Number.isFinite(f32(1 / scale)) ? { scale: [scale], zero: [0] } : { scale: [f32(1 / 32768)], zero: [0] };
}
