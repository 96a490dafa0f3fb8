/** A fitted projection as it reads raw features, and its rows brought to what the head wants. */
import type { Attrs } from "../../ir/types.js";
import type { Fitted } from "./fit.js";
import type { Scaling } from "./scaling.js";

/** `z = w x + b` of raw features, w (dims, features). */
export interface Projection {
  readonly w: Float64Array;
  readonly b: Float64Array;
}

/** Row i of the fitted projection times `gain[i]`, with the scaling of the features folded in. */
export function rawProjection(f: Fitted, s: Scaling, gain: ArrayLike<number>): Projection {
  const n = s.mean.length;
  const b = f.offset.map((v, i) => v * gain[i]!);
  const w = f.codes.map((code, q) => {
    const i = Math.floor(q / n);
    const v = code * f.steps[i]! * gain[i]! * s.factor[q % n]!;
    b[i]! -= v * s.mean[q % n]!;
    return v;
  });
  return { w, b };
}

/** Smallest and largest value of each dimension over rows (rows, features). */
export function reachOf(p: Projection, x: Float64Array, features: number): { readonly min: Float64Array; readonly max: Float64Array } {
  const dims = p.b.length;
  const min = new Float64Array(dims).fill(Infinity);
  const max = new Float64Array(dims).fill(-Infinity);
  for (let at = 0; at < x.length; at += features) {
    for (let i = 0; i < dims; i++) {
      let z = p.b[i]!;
      for (let j = 0, q = i * features; j < features; j++, q++) z += p.w[q]! * x[at + j]!;
      min[i] = Math.min(min[i]!, z);
      max[i] = Math.max(max[i]!, z);
    }
  }
  return { min, max };
}

export const sparseAttrs = (p: Projection, features: number, outBits: number, bits: 4 | 16): Attrs => ({ rows: p.b.length, cols: features, w: p.w, b: p.b, outBits, weightBits: bits === 4 ? 8 : 16 });
