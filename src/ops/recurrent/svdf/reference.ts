/** The walk over state and answer that both arithmetics of the SVDF share, and the float one. */
import { clamp } from "../../../ir/fixed.js";
import type { TypedArray } from "../../../ir/types.js";

export type SvdfAttrs = { readonly rank: number; readonly activation: string };
export interface Geometry { readonly units: number; readonly rank: number; readonly inputs: number; readonly memory: number }

/** `latest`: what a filter makes of the input; `share` adds what element i of the state has in the answer. */
export function run<T extends Float64Array | TypedArray>(p: Geometry, state: T, latest: (filter: number) => number, share: (sum: number, i: number) => number, done: (sum: number, unit: number) => void): void {
  const { units, rank, memory } = p;
  for (let u = 0; u < units; u++) {
    let sum = 0;
    for (let f = u * rank; f < (u + 1) * rank; f++) {
      state.copyWithin(f * memory, f * memory + 1, (f + 1) * memory);
      state[(f + 1) * memory - 1] = latest(f);
      for (let i = f * memory; i < (f + 1) * memory; i++) sum = share(sum, i);
    }
    done(sum, u);
  }
}

type Numbers = Float64Array | TypedArray;
interface Real { readonly wf: Numbers; readonly wt: Numbers; readonly b: Numbers; readonly f_lo: number; readonly f_hi: number }

/** @param r how every step is rounded. */
export function runReal(p: Geometry, m: Real, x: Numbers, state: Numbers, y: Numbers, r: (v: number) => number): void {
  const latest = (f: number): number => { let s = 0; for (let i = 0; i < p.inputs; i++) s = r(s + r((m.wf[f * p.inputs + i] as number) * (x[i] as number))); return s; };
  run(p, state, latest, (s, i) => r(s + r((m.wt[i] as number) * (state[i] as number))), (s, u) => { y[u] = clamp(r(s + (m.b[u] ?? 0)), m.f_lo, m.f_hi); });
}
