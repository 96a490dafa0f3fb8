/** Bonsai: one shallow tree whose nodes all predict; only those on the path are looked at. */
import { fail } from "../../../ir/diagnostics.js";
import { clamp } from "../../../ir/fixed.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { isInt, limits, scaleAt, zeroAt, type TypedArray } from "../../../ir/types.js";
import { checkBonsai, evaluate, squash, type BonsaiAttrs } from "./attrs.js";
import { cases } from "./cases.js";

/**
 * `w` (nodes, outputs, 2, dims): a row of W, then the row of V that belongs to it. `theta` (inner nodes, dims). The argument of tanh is
 * `(V z >> narrow) * mult >> post` with 13 bits behind the point; W z loses `drop` bits to fit 16. `zero` of the input.
 */
const params = { dims: "len", outputs: "len", depth: "u8", zero: "i32", narrow: "u8", mult: "i16", post: "u8", drop: "u8", sigma: "f32", w: "rom", theta: "rom" } as const;
type Values = ParamValues<typeof params>;

/** Argument at which tanh is 1, and what is lost of a product of two. */
const FLAT = 2 ** 14;
const UNIT = 2 ** 13;

/** Largest sum of the sizes of a row's weights. */
function longest(m: ArrayLike<number>, dims: number): number {
  let most = 0;
  for (let at = 0; at < m.length; at += dims) {
    let sum = 0;
    for (let i = 0; i < dims; i++) sum += Math.abs(m[at + i] ?? 0);
    most = Math.max(most, sum);
  }
  return most;
}

interface Coded { readonly code: Int32Array; readonly step: number; /** Largest |sum| for any input. */ readonly peak: number }

/** Weights of 8 bits on one scale, whose sums stay below 2^30 for any input up to `reach`. */
function encode(m: Float64Array, dims: number, reach: number): Coded {
  const largest = m.reduce((p, v) => Math.max(p, Math.abs(v)), 0);
  const step = Math.max(largest / 127, (longest(m, dims) * reach) / (2 ** 30 - (dims * reach) / 2), 1e-30);
  const code = Int32Array.from(m, (v) => Math.round(v / step));
  return { code, step, peak: longest(code, dims) * reach };
}

/** Bits to take off so that `peak` fits 15. */
const excess = (peak: number): number => Math.max(0, Math.ceil(Math.log2((peak + 1) / 32768)));

/** (nodes, outputs, 2, dims) */
const interleaved = (w: ArrayLike<number>, v: ArrayLike<number>, dims: number): number[] => {
  const out: number[] = [];
  for (let at = 0; at < w.length; at += dims) for (const m of [w, v]) for (let i = 0; i < dims; i++) out.push(m[at + i] ?? 0);
  return out;
};

function prepareInt(ctx: PrepareCtx<BonsaiAttrs>) {
  const a = ctx.attrs;
  const x = ctx.inputs[0];
  if (x === undefined || !isInt(x.dtype)) throw new Error("bonsai: integer input expected");
  const scale = x.quant ? scaleAt(x.quant, 0) : 1;
  const zero = clamp(Math.round(x.quant ? zeroAt(x.quant, 0) : 0), -(2 ** 24), 2 ** 24);
  const [lo, hi] = limits(x.dtype);
  const reach = Math.max(-lo, hi) + Math.abs(zero);
  const [w, v] = [a.w, a.v].map((m) => encode(m, a.dims, reach)) as [Coded, Coded];
  // Every inner node has a step of its own: only the sign counts.
  const theta = Array.from({ length: 2 ** a.depth - 1 }, (_, k) => [...encode(a.theta.subarray(k * a.dims, (k + 1) * a.dims), a.dims, reach).code]).flat();
  const [narrow, drop] = [excess(v.peak), excess(w.peak)];
  const factor = a.sigma * v.step * scale * UNIT * 2 ** narrow;
  const post = clamp(14 - Math.floor(Math.log2(Math.max(factor, 1e-30))), 0, 30);
  return {
    params: {
      dims: a.dims, outputs: a.outputs, depth: a.depth, zero, narrow, mult: Math.min(32767, Math.round(factor * 2 ** post)), post, drop, sigma: Math.fround(a.sigma),
      w: Int8Array.from(interleaved(w.code, v.code, a.dims)), theta: Int8Array.from(theta.length > 0 ? theta : [0]),
    },
    outputs: [{ dtype: "i32" as const, quant: { scale: [(w.step * scale * 2 ** (drop + 8)) / UNIT], zero: [0] } }],
  };
}

function runF32(p: Values, z: TypedArray, y: TypedArray): void {
  const dot = (m: TypedArray, at: number): number => {
    let sum = 0;
    for (let i = 0; i < p.dims; i++) sum = Math.fround(sum + Math.fround((m[at + i] ?? 0) * (z[i] ?? 0)));
    return sum;
  };
  for (let d = 0, k = 0; d <= p.depth; d++) {
    for (let l = 0; l < p.outputs; l++) {
      const at = (k * p.outputs + l) * 2 * p.dims;
      y[l]! += dot(p.w, at) * squash(p.sigma * dot(p.w, at + p.dims));
    }
    if (d < p.depth) k = 2 * k + (dot(p.theta, k * p.dims) > 0 ? 2 : 1);
  }
}

/** kernel.c, line by line. */
function run(p: Values, z: TypedArray, y: TypedArray): void {
  const dot = (m: TypedArray, at: number): number => {
    let sum = 0;
    for (let i = 0; i < p.dims; i++) sum += (m[at + i] ?? 0) * ((z[i] ?? 0) - p.zero);
    return sum;
  };
  for (let d = 0, k = 0; d <= p.depth; d++) {
    for (let l = 0; l < p.outputs; l++) {
      const at = (k * p.outputs + l) * 2 * p.dims;
      const a = clamp(((dot(p.w, at + p.dims) >> p.narrow) * p.mult) >> p.post, -FLAT, FLAT);
      const t = a - ((a * Math.abs(a)) >> 15);
      y[l]! += ((dot(p.w, at) >> p.drop) * t) >> 8;
    }
    if (d < p.depth) k = 2 * k + (dot(p.theta, k * p.dims) > 0 ? 2 : 1);
  }
}

export default defineOp({
  name: "bonsai",
  family: "classical",
  doc: "y = sum over the nodes k on the path of W[k] z * tanh(sigma V[k] z); theta[k] z > 0 goes right",
  inputs: ["z"],
  outputs: ["y"],
  infer: (a: BonsaiAttrs, [z]) => {
    if (z?.[0] !== a.dims) fail("ir/shape", "bonsai", `the input has ${z?.[0]} elements, the nodes want ${a.dims}`, "Give the tree the output of its projection.");
    checkBonsai(a);
    return [[a.outputs]];
  },
  float: (a, [z]) => [evaluate(a, z ?? [])],
  params,
  // One byte a weight, as the learner's budget counts them.
  levels: 1,
  prepare: (ctx) => (ctx.arithmetic === "int" ? prepareInt(ctx) : {
    params: {
      dims: ctx.attrs.dims, outputs: ctx.attrs.outputs, depth: ctx.attrs.depth, zero: 0, narrow: 0, mult: 0, post: 0, drop: 0, sigma: Math.fround(ctx.attrs.sigma),
      w: Float32Array.from(interleaved(ctx.attrs.w, ctx.attrs.v, ctx.attrs.dims)), theta: Float32Array.from(ctx.attrs.theta.length > 0 ? ctx.attrs.theta : [0]),
    },
    outputs: [{ dtype: "f32" as const }],
  }),
  int: (p, [z], [y]) => {
    if (!z || !y) return;
    y.fill(0);
    if (z instanceof Float32Array) runF32(p, z, y);
    else run(p, z, y);
  },
  traits: { maxInputBits: 16 },
  from: {},
  cases,
});
