/**
 * The arithmetic of the GRU: float (double, or float32 rounded at every step), and integers of our own, in the manner of TFLite's LSTM:
 *   a_g = sat16(requant(W_g (x - zx) + bw_g)), b_g = sat16(requant(R_g (h8 - zh) + br_g))      both in units of 1/4096
 *   z, r = sigmoid16(3 sat16(a + b)); n = tanh16(3 sat16(a_n + q)) in units of 1/32768, where q is
 *     (r b_n + 2^14) >> 15 if the reset comes after the product, else b_n with (r (h8 - zh) + 2^14) >> 15 in place of h8 - zh
 *   h = (z h + (32768 - z) n + 2^14) >> 15 in units of 1/32768; y = h8 = clamp8(requant(h) + zh)
 * The hidden state is kept in 16 bits, so that slow changes add up; 8 bits of it are what the weights see.
 */
import { clamp } from "../../../ir/fixed.js";
import { rowAt } from "../../../ir/recurrent.js";
import { requant } from "../../../ir/requantise.js";
import { sigmoid16, tanh16 } from "../../../ir/sigmoid.js";
import type { TypedArray } from "../../../ir/types.js";

export type GruAttrs = { readonly after: boolean; readonly reverse: boolean };

type Numbers = Float64Array | TypedArray;
export interface Geometry { readonly steps: number; readonly inputs: number; readonly units: number; readonly reverse: number; readonly kept: number; readonly after: number }
export interface Weights { readonly w: Numbers; readonly r: Numbers; readonly b: Numbers }

/** What both arithmetics must know: the two parts of a gate, and the functions of one unit. */
interface Arithmetic {
  /** Part of gate g that comes from the input, or from `h` (a vector as the weights see it). */
  readonly ofX: (g: number, unit: number, at: number) => number;
  readonly ofH: (g: number, unit: number, h: Numbers) => number;
  readonly sigmoid: (a: number, b: number) => number;
  readonly tanh: (a: number, b: number) => number;
  /** r times something. */
  readonly scaled: (r: number, v: number) => number;
  readonly mixed: (z: number, h: number, n: number) => number;
  /** The hidden state as the weights see it, and as the output has it. */
  readonly seen: (h: number) => number;
  readonly shown: (h: number) => number;
}

function run(p: Geometry, h: Numbers, y: Numbers, m: Arithmetic): void {
  const { steps, units } = p;
  const state = p.kept ? h : h.slice();
  for (let k = 0; k < steps; k++) {
    const t = rowAt(k, steps, p.reverse);
    const before = Float64Array.from(state, m.seen);
    const at = t * p.inputs;
    const reset = before.map((_, u) => m.sigmoid(m.ofX(1, u, at), m.ofH(1, u, before)));
    const through = p.after ? before : before.map((v, u) => m.scaled(reset[u] as number, v));
    for (let u = 0; u < units; u++) {
      const z = m.sigmoid(m.ofX(0, u, at), m.ofH(0, u, before));
      const part = m.ofH(2, u, through);
      const n = m.tanh(m.ofX(2, u, at), p.after ? m.scaled(reset[u] as number, part) : part);
      const next = m.mixed(z, state[u] as number, n);
      state[u] = next;
      y[t * units + u] = m.shown(next);
    }
  }
}

/** @param f how every step is rounded. */
export function runReal(p: Geometry, m: Weights, x: Numbers, h: Numbers, y: Numbers, f: (v: number) => number): void {
  const { units, inputs } = p;
  const dot = (w: Numbers, row: number, v: Numbers, at: number, n: number): number => { let s = 0; for (let i = 0; i < n; i++) s = f(s + f((w[row + i] as number) * (v[at + i] as number))); return s; };
  const row = (g: number, u: number): number => g * units + u;
  run(p, h, y, {
    ofX: (g, u, at) => f(dot(m.w, row(g, u) * inputs, x, at, inputs) + (m.b[row(g, u)] as number)),
    ofH: (g, u, v) => f(dot(m.r, row(g, u) * units, v, 0, units) + (m.b[row(g + 3, u)] as number)),
    sigmoid: (a, b) => f(1 / f(1 + f(Math.exp(-f(a + b))))),
    tanh: (a, b) => f(Math.tanh(f(a + b))),
    scaled: (r, v) => f(r * v),
    mixed: (z, v, n) => f(f(f(1 - z) * n) + f(z * v)),
    seen: (v) => v, shown: (v) => v,
  });
}

export interface Integers extends Geometry, Weights {
  readonly mult: TypedArray; readonly shift: TypedArray; readonly zero_x: number; readonly zero_h: number; readonly out_mult: number; readonly out_shift: number;
}

const clamp16 = (x: number): number => clamp(x, -32768, 32767);

/** Integer sums wrap as 32-bit ones do. */
function intDot(w: Numbers, row: number, v: Numbers, at: number, n: number, zero: number, start: number): number {
  let s = start;
  for (let i = 0; i < n; i++) s = (s + Math.imul((v[at + i] as number) - zero, w[row + i] as number)) | 0;
  return s;
}

export function runInt(p: Integers, x: TypedArray, h: TypedArray, y: TypedArray): void {
  const { units, inputs } = p;
  const part = (s: number, g: number): number => clamp16(requant(s, p.mult[g] as number, p.shift[g] as number));
  const row = (g: number, u: number): number => g * units + u;
  const byte = (v: number): number => clamp(requant(v, p.out_mult, p.out_shift) + p.zero_h, -128, 127);
  run(p, h, y, {
    ofX: (g, u, at) => part(intDot(p.w, row(g, u) * inputs, x, at, inputs, p.zero_x, p.b[row(g, u)] as number), g),
    ofH: (g, u, v) => part(intDot(p.r, row(g, u) * units, v, 0, units, 0, p.b[row(g + 3, u)] as number), g + 3),
    sigmoid: (a, b) => sigmoid16(3 * clamp16(a + b)),
    tanh: (a, b) => tanh16(3 * clamp16(a + b)),
    scaled: (r, v) => (r * v + 2 ** 14) >> 15,
    mixed: (z, v, n) => (z * v + (32768 - z) * n + 2 ** 14) >> 15,
    seen: (v) => byte(v) - p.zero_h, shown: byte,
  });
}
