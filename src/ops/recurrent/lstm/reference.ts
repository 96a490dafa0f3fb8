/** The arithmetic of the LSTM: float (double, or float32 rounded at every step) and TFLite Micro's integers (int8 with int16 cells). */
import { clamp } from "../../../ir/fixed.js";
import { rowAt } from "../../../ir/recurrent.js";
import { requant } from "../../../ir/requantise.js";
import { sigmoid16, tanh16 } from "../../../ir/sigmoid.js";
import type { TypedArray } from "../../../ir/types.js";

/** `cellClip` 0: none. `cells`: the final cells follow the last row of the output. */
export type LstmAttrs = { readonly cellClip: number; readonly reverse: boolean; readonly cells: boolean };

type Numbers = Float64Array | TypedArray;
export interface Geometry { readonly steps: number; readonly inputs: number; readonly units: number; readonly reverse: number; readonly kept: number; readonly cells: number }
export interface Weights { readonly w: Numbers; readonly r: Numbers; readonly b: Numbers }

/** Sum of the products of a row of weights and a vector. */
type Sum = (w: Numbers, row: number, x: Numbers, at: number, n: number) => number;
/** New cell from the arguments of the gates (input, forget, cell, output), and what the output then is. */
type Unit = (g: readonly number[], c: number) => readonly [number, number];
/** Argument of a gate, given the row of the weights and both sums. */
type Gate = (gate: number, row: number, ofX: number, ofH: number) => number;

/** All steps; a layer whose states are kept leaves them in `h` and `c`. */
function run(p: Geometry, m: Weights, [x, h, c, y]: readonly [Numbers, Numbers, Numbers, Numbers], [ofX, ofH]: readonly [Sum, Sum], gate: Gate, unit: Unit): void {
  const { steps, inputs, units } = p;
  const cell = p.kept ? c : c.slice();
  let [last, at]: [Numbers, number] = [h, 0];
  for (let k = 0; k < steps; k++) {
    const t = rowAt(k, steps, p.reverse);
    for (let u = 0; u < units; u++) {
      const g = [0, 1, 2, 3].map((i) => {
        const row = i * units + u;
        return gate(i, row, ofX(m.w, row * inputs, x, t * inputs, inputs), ofH(m.r, row * units, last, at, units));
      });
      [cell[u], y[t * units + u]] = unit(g, cell[u] as number);
    }
    [last, at] = [y, t * units];
  }
  if (p.cells) for (let u = 0; u < units; u++) y[steps * units + u] = cell[u] as number;
  if (p.kept) for (let u = 0; u < units; u++) h[u] = last[at + u] as number;
}

/** @param f how every step is rounded. */
export function runReal(p: Geometry, m: Weights, tensors: readonly [Numbers, Numbers, Numbers, Numbers], clip: number, f: (x: number) => number): void {
  const sigmoid = (v: number): number => f(1 / f(1 + f(Math.exp(-v))));
  const sum: Sum = (w, row, x, at, n) => { let s = 0; for (let i = 0; i < n; i++) s = f(s + f((w[row + i] as number) * (x[at + i] as number))); return s; };
  run(p, m, tensors, [sum, sum], (_g, row, a, b) => f(f((m.b[row] as number) + a) + b), ([i = 0, forget = 0, g = 0, o = 0], c) => {
    const next = f(f(sigmoid(forget) * c) + f(sigmoid(i) * f(Math.tanh(g))));
    const cell = clip > 0 ? clamp(next, -clip, clip) : next;
    return [cell, f(sigmoid(o) * f(Math.tanh(cell)))];
  });
}

export interface Integers extends Geometry, Weights {
  readonly mult: TypedArray; readonly shift: TypedArray; readonly zero_x: number; readonly zero_h: number; readonly lo: number; readonly hi: number;
  readonly in_shift: number; readonly cell_mult: number; readonly cell_shift: number; readonly out_mult: number; readonly out_shift: number;
}

const clamp16 = (x: number): number => clamp(x, -32768, 32767);

/** Integer sums wrap as 32-bit ones do. */
const intSum = (zero: number): Sum => (w, row, x, at, n) => { let s = 0; for (let i = 0; i < n; i++) s = (s + Math.imul((x[at + i] as number) - zero, w[row + i] as number)) | 0; return s; };
/** Both sums of a gate are limited to 16 bits (units of 1/4096) before they are added, as their sum is. */
export function runInt(p: Integers, tensors: readonly [TypedArray, TypedArray, TypedArray, TypedArray]): void {
  const at = (v: number, i: number): number => clamp16(requant(v, p.mult[i] as number, p.shift[i] as number));
  run(p, p, tensors, [intSum(p.zero_x), intSum(p.zero_h)], (g, row, a, b) => 3 * clamp16(at((a + (p.b[row] as number)) | 0, g) + at(b, g + 4)), ([i = 0, forget = 0, g = 0, o = 0], c) => {
    const kept = clamp16(requant(sigmoid16(forget) * c, 2 ** 30, -14));
    const added = clamp16(requant(sigmoid16(i) * tanh16(g), 2 ** 30, p.in_shift));
    const cell = clamp(kept + added, p.lo, p.hi);
    const argument = p.cell_shift > 0 ? (cell * p.cell_mult + 2 ** (p.cell_shift - 1)) >> p.cell_shift : cell * p.cell_mult;
    return [cell, clamp(requant(tanh16(argument) * sigmoid16(o), p.out_mult, p.out_shift) + p.zero_h, -128, 127)];
  });
}
