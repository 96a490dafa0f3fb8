/** What k neighbours say: votes for their classes, or the mean of their values; all alike, or the nearer the louder. */
import { fail } from "../../../ir/diagnostics.js";
import { sqrtU32 } from "../../../ir/fixed.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import { narrowest, type ParamValues } from "../../../ir/params.js";
import type { DType, TypedArray } from "../../../ir/types.js";

export type VoteAttrs = {
  readonly kind: string;
  readonly k: number;
  /** Rows that an index may name. */
  readonly rows: number;
  /** Weight 1 / distance; where a neighbour has distance 0, only those count. */
  readonly weighted: boolean;
  /** The distances given are squares. */
  readonly squared: boolean;
  /** classes: rows of class 0 to c together, per class c, as rows are sorted by class; values: the value of each row. */
  readonly target: Float64Array;
};

const params = { k: "len", outputs: "len", values: "u8", weighted: "u8", squared: "u8", one: "u16", target: "rom" } as const;
type Values = ParamValues<typeof params>;

const classOf = (ends: ArrayLike<number>, row: number): number => {
  let c = 0;
  while (row >= (ends[c] ?? Infinity)) c++;
  return c;
};

/** Weights relative to the nearest neighbour's. */
function weightsOf(a: VoteAttrs, distance: ArrayLike<number>): number[] {
  const d = Array.from(distance, (v) => (a.squared ? Math.sqrt(v) : v));
  if (!a.weighted) return d.map(() => 1);
  return d.map((v) => (d[0] === 0 ? (v === 0 ? 1 : 0) : (d[0] ?? 0) / v));
}

function evaluate(a: VoteAttrs, distance: ArrayLike<number>, index: ArrayLike<number>): Float64Array {
  const w = weightsOf(a, distance);
  const total = w.reduce((s, v) => s + v, 0);
  if (a.kind === "values") return Float64Array.of(w.reduce((s, v, j) => s + v * (a.target[index[j] ?? 0] ?? 0), 0) / total);
  const y = new Float64Array(a.target.length);
  w.forEach((v, j) => { y[classOf(a.target, index[j] ?? 0)]! += a.weighted ? v : 1 / a.k; });
  return y;
}

function prepare(ctx: PrepareCtx<VoteAttrs>) {
  const a = ctx.attrs;
  const values = a.kind === "values";
  const head = { k: a.k, outputs: values ? 1 : a.target.length, values: values ? 1 : 0, weighted: a.weighted ? 1 : 0, squared: a.squared ? 1 : 0 };
  const ends = narrowest(values ? [] : a.target, ["u8", "u16"]);
  if (ctx.arithmetic === "float") return { params: { ...head, one: 1, target: values ? Float32Array.from(a.target) : ends }, outputs: [{ dtype: "f32" as DType }] };
  // k weights of at most `one` fit 16 bits, and times a value of 16 bits 32.
  const one = a.weighted ? Math.floor(65535 / a.k) : 1;
  if (!values) return { params: { ...head, one, target: ends }, outputs: [{ dtype: (a.weighted ? "u16" : "u8") as DType, quant: { scale: [a.weighted ? 1 / one : 1 / a.k], zero: [0] } }] };
  const [lo, hi] = [Math.min(...a.target), Math.max(...a.target)];
  const top = ctx.level === 0 ? 127 : 32767;
  const step = Math.max((hi - lo) / (2 * top), Math.abs(hi) * 1e-12, 1e-30);
  const zero = -(hi + lo) / 2 / step;
  const target = narrowest(Array.from(a.target, (v) => Math.round(v / step + zero)), ["i8", "i16"]);
  const quant = a.weighted ? { scale: [step], zero: [zero] } : { scale: [step / a.k], zero: [zero * a.k] };
  return { params: { ...head, one, target }, outputs: [{ dtype: (a.weighted ? "i16" : "i32") as DType, quant }] };
}

/** Shifts that bring the largest distance to the top of 32 bits (squares, of which roots are taken) or into 16 bits. */
function shifts(p: Values, largest: number): { readonly up: number; readonly down: number } {
  let up = 0;
  let down = 0;
  if (p.squared) while (largest * 2 ** up < 2 ** 30) up += 2;
  else while (largest / 2 ** down >= 65536) down++;
  return { up, down };
}

function int(p: Values, [distance, index]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!distance || !index || !y) return;
  if (y instanceof Float32Array) { floatTwin(p, distance, index, y); return; }
  const near = distance[0] ?? 0;
  const s = p.weighted && near !== 0 ? shifts(p, distance[p.k - 1] ?? 1) : { up: 0, down: 0 };
  const size = (d: number): number => (p.squared ? sqrtU32(d * 2 ** s.up) : Math.floor(d / 2 ** s.down));
  const first = size(near);
  let total = 0;
  let sum = 0;
  y.fill(0);
  for (let j = 0; j < p.k; j++) {
    const d = distance[j] ?? 0;
    const w = !p.weighted ? 1 : near === 0 ? (d === 0 ? p.one : 0) : Math.floor((first * p.one) / Math.max(1, size(d)));
    total += w;
    const row = index[j] ?? 0;
    if (p.values) sum += w * (p.target[row] ?? 0);
    else y[classOf(p.target, row)]! += w;
  }
  if (p.values) y[0] = p.weighted ? Math.trunc(sum / Math.max(1, total)) : sum;
}

function floatTwin(p: Values, distance: TypedArray, index: TypedArray, y: Float32Array): void {
  const a: VoteAttrs = { kind: p.values ? "values" : "classes", k: p.k, rows: 0, weighted: p.weighted !== 0, squared: p.squared !== 0, target: Float64Array.from(p.target) };
  y.set(evaluate(a, distance, index));
}

function check(a: VoteAttrs, shapes: readonly (readonly number[])[]): void {
  if (a.kind !== "classes" && a.kind !== "values") fail("ir/bad-attribute", "vote", `kind "${a.kind}"`, "Supported: classes, values.");
  const sorted = a.target.every((v, c) => c === 0 || v >= (a.target[c - 1] ?? 0)) && a.target.at(-1) === a.rows;
  if (shapes[0]?.[0] !== a.k || shapes[1]?.[0] !== a.k || (a.kind === "values" ? a.target.length !== a.rows : !sorted)) fail("ir/shape", "vote", "neighbours and targets do not fit together", "Distances and indices have k elements; targets cover all rows.");
}

export default defineOp({
  name: "vote",
  family: "classical",
  doc: "y[c] = sum of the weights of the neighbours of class c, or the weighted mean of their values",
  inputs: ["distance", "index"],
  outputs: ["y"],
  infer: (a: VoteAttrs, shapes) => {
    check(a, shapes);
    return [[a.kind === "values" ? 1 : a.target.length]];
  },
  float: (a, [distance, index]) => [evaluate(a, distance ?? [], index ?? [])],
  params,
  levels: 2,
  prepare,
  int,
  traits: {},
  from: {},
  cases: [],
});
