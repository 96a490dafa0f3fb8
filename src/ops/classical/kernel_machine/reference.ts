/** The integer reference: kernel.c, line by line. */
import { clamp, shiftRound } from "../../../ir/fixed.js";
import type { ParamValues } from "../../../ir/params.js";
import type { TypedArray } from "../../../ir/types.js";

export const [RBF, POLY, SIGMOID] = [0, 1, 2] as const;

/**
 * `kernel` 0 rbf, 1 poly, 2 sigmoid. `count` (groups), `pair` (groups, rows), `sv` (n, features), `dual` (n, rows), `b` (outputs).
 * `narrow`: differences lose so many bits; `coarse`, `centre`: an 8-bit element stands for sv * 2^coarse + centre; `up`, `down`: shifts from the sum to the argument of the kernel; `limit`: sum beyond which the
 * kernel is 0 (rbf) or 1 (sigmoid); `period`: argument of one halving; `fine`: bits of the argument between table entries; `smooth`: they are
 * interpolated; `cut`: bits dropped from a power; `drop`: bits dropped from a product; `each`: `offset` has one value per vector.
 */
export const params = {
  kernel: "u8", features: "len", groups: "len", rows: "len", outputs: "len", narrow: "u8", coarse: "u8", centre: "i16", up: "u8", down: "u8", limit: "u32", period: "u16",
  fine: "u8", smooth: "u8", degree: "u8", cut: "u8", drop: "u8", each: "u8",
  count: "rom", pair: "rom", sv: "rom", dual: "rom", b: "rom", table: "rom", offset: "rom",
} as const;
type Values = ParamValues<typeof params>;

/** Table entry of a 16-bit argument. */
function lookUp(p: Values, r: number): number {
  const i = r >> p.fine;
  const low = p.table[i] ?? 0;
  if (!p.smooth) return low;
  return low + (Math.imul((p.table[i + 1] ?? 0) - low, r & ((1 << p.fine) - 1)) >> p.fine);
}

function radial(p: Values, x: TypedArray, at: number): number {
  let sum = p.down > 0 ? 2 ** (p.down - 1) : 0;
  for (let j = 0; j < p.features; j++) sum += (Math.abs((x[j] ?? 0) - (p.sv[at + j] ?? 0) * 2 ** p.coarse - p.centre) >> p.narrow) ** 2;
  if (sum > p.limit) return 0;
  let r = Math.floor((sum * 2 ** p.up) / 2 ** p.down);
  let halvings = 0;
  for (; r >= p.period; r -= p.period) halvings++;
  return lookUp(p, r) >> halvings;
}

const inner = (p: Values, x: TypedArray, at: number, offset: number): number => {
  let sum = offset;
  for (let j = 0; j < p.features; j++) sum += Math.imul(x[j] ?? 0, p.sv[at + j] ?? 0);
  return sum;
};

function power(p: Values, sum: number): number {
  const v = clamp(shiftRound(sum, p.down), -32767, 32767);
  let w = v;
  for (let d = 2; d < p.degree; d++) w = shiftRound(Math.imul(w, v), 15);
  return (p.degree < 2 ? v : Math.imul(w, v)) >> p.cut;
}

function tanh(p: Values, sum: number): number {
  const size = Math.abs(sum) + (p.down > 0 ? 2 ** (p.down - 1) : 0);
  const v = lookUp(p, size > p.limit ? p.period : Math.floor((size * 2 ** p.up) / 2 ** p.down));
  return sum < 0 ? -v : v;
}

/** libsvm's repeated squaring, in float32. */
function powerFloat(base: number, times: number): number {
  let [y, b] = [1, base];
  for (let n = times; n > 0; n >>= 1) {
    if (n & 1) y = Math.fround(y * b);
    b = Math.fround(b * b);
  }
  return y;
}

/** K(x, sv) of the vector at `at`, as kernel.f32.c has it (its expf and tanhf may differ in the last bit). */
function kernelFloat(p: Values, x: TypedArray, at: number): number {
  let sum = 0;
  for (let j = 0; j < p.features; j++) {
    const [v, s] = [x[j] ?? 0, p.sv[at + j] ?? 0];
    const d = Math.fround(v - s);
    sum = Math.fround(sum + Math.fround(p.kernel === RBF ? d * d : v * s));
  }
  const gamma = p.table[0] ?? 0;
  if (p.kernel === RBF) return Math.fround(Math.exp(Math.fround(-gamma * sum)));
  const value = Math.fround(Math.fround(gamma * sum) + (p.table[1] ?? 0));
  return p.kernel === POLY ? powerFloat(value, p.degree) : Math.fround(Math.tanh(value));
}

function runFloat(p: Values, x: TypedArray, y: TypedArray): void {
  for (let o = 0; o < p.outputs; o++) y[o] = p.b[o] ?? 0;
  for (let g = 0, i = 0; g < p.groups; g++) {
    for (const end = i + (p.count[g] ?? 0); i < end; i++) {
      const k = kernelFloat(p, x, i * p.features);
      for (let r = 0; r < p.rows; r++) {
        const at = p.pair[g * p.rows + r] ?? 0;
        y[at] = (y[at] ?? 0) + Math.fround((p.dual[i * p.rows + r] ?? 0) * k);
      }
    }
  }
}

export function run(p: Values, x: TypedArray, y: TypedArray): void {
  if (x instanceof Float32Array) {
    runFloat(p, x, y);
    return;
  }
  for (let o = 0; o < p.outputs; o++) y[o] = p.b[o] ?? 0;
  for (let g = 0, i = 0; g < p.groups; g++) {
    for (const end = i + (p.count[g] ?? 0); i < end; i++) {
      const offset = p.offset[p.each ? i : 0] ?? 0;
      const at = i * p.features;
      const k = p.kernel === RBF ? radial(p, x, at) : p.kernel === POLY ? power(p, inner(p, x, at, offset)) : tanh(p, inner(p, x, at, offset));
      if (k === 0) continue;
      for (let r = 0; r < p.rows; r++) y[p.pair[g * p.rows + r] ?? 0]! += Math.floor((k * (p.dual[i * p.rows + r] ?? 0)) / 2 ** p.drop);
    }
  }
}
