/** ProtoNN: a few learnt prototypes vote by their similarity (Gupta et al.: ProtoNN: compressed and accurate kNN for resource-scarce devices, ICML 2017). */
import { fail } from "../../../ir/diagnostics.js";
import { clamp } from "../../../ir/fixed.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { arrayFrom, limits, scaleAt, zeroAt, type TypedArray } from "../../../ir/types.js";
import { checkPrototypes, evaluate, type PrototypeAttrs } from "./attrs.js";
import { cases } from "./cases.js";

/**
 * The squared distance, cut at `limit`, is `(sum >> narrow) * pace >> 16` 256ths of a halving. 2^-f by a parabola through 0, 1/2 and 1, which is
 * off by 0.2 % at most. `drop`: bits taken off a vote. `gamma` is for float32 alone.
 */
const params = { dims: "len", outputs: "len", prototypes: "len", limit: "u32", narrow: "u8", pace: "u32", drop: "u8", gamma: "f32", b: "rom", w: "rom" } as const;
type Values = ParamValues<typeof params>;

/** From here on a similarity is 0. */
const HALVINGS = 14;
/** Of 2^15. */
const SLOPE = 22007, BEND = 5623;
/** Similarity 1. */
const ONE = 2 ** 14;

/** Votes on one scale; `drop` keeps their sum below 2^31 whatever the similarities are. */
function votes(a: PrototypeAttrs, weight: readonly number[]): { readonly w: number[]; readonly drop: number; readonly step: number } {
  const real = Array.from(a.w, (v, q) => v * (weight[Math.floor(q / a.outputs)] ?? 1));
  const step = Math.max(real.reduce((p, v) => Math.max(p, Math.abs(v)), 0) / 127, 1e-30);
  const w = real.map((v) => Math.round(v / step));
  const sums = new Float64Array(a.outputs);
  w.forEach((v, q) => { sums[q % a.outputs]! += Math.abs(v); });
  const most = sums.reduce((p, v) => Math.max(p, v), 0) * ONE;
  let drop = 0;
  while (most / 2 ** drop + weight.length >= 2 ** 31) drop++;
  return { w, drop, step };
}

function prepareInt(ctx: PrepareCtx<PrototypeAttrs>) {
  const a = ctx.attrs;
  const x = ctx.inputs[0];
  if (x === undefined || (x.dtype !== "i8" && x.dtype !== "u8")) throw new Error("protonn: input of 8 bits expected");
  const [scale, zero] = [x.quant ? scaleAt(x.quant, 0) : 1, x.quant ? zeroAt(x.quant, 0) : 0];
  const [lo, hi] = limits(x.dtype);
  const exact = a.b.map((v) => v / scale + zero);
  const prototypes = a.b.length / a.dims;
  // A prototype beyond the range of the input is further off than its place on the border, at least by what was cut.
  const weight = Array.from({ length: prototypes }, (_, m) => {
    const cut = exact.subarray(m * a.dims, (m + 1) * a.dims).reduce((s, q) => s + (Math.max(0, lo - 0.5 - q, q - hi - 0.5) * scale) ** 2, 0);
    return Math.exp(-a.gamma * a.gamma * cut);
  });
  const halving = Math.LN2 / Math.max((a.gamma * scale) ** 2, 1e-300);
  const limit = Math.min(2 ** 31, Math.floor(HALVINGS * halving));
  const narrow = Math.max(0, Math.ceil(Math.log2((limit + 1) / 65536)));
  const { w, drop, step } = votes(a, weight);
  return {
    params: {
      dims: a.dims, outputs: a.outputs, prototypes, limit, narrow, pace: Math.floor(Math.min(2 ** 31, (256 * 65536 * 2 ** narrow) / halving)), drop, gamma: Math.fround(a.gamma),
      b: arrayFrom(x.dtype, exact.map((q) => clamp(Math.round(q), lo, hi))), w: Int8Array.from(w),
    },
    outputs: [{ dtype: "i32" as const, quant: { scale: [(step * 2 ** drop) / ONE], zero: [0] } }],
  };
}

function runF32(p: Values, z: TypedArray, y: TypedArray): void {
  for (let m = 0; m < p.prototypes; m++) {
    let sum = 0;
    for (let i = 0; i < p.dims; i++) sum = Math.fround(sum + Math.fround(((z[i] ?? 0) - (p.b[m * p.dims + i] ?? 0)) ** 2));
    const near = Math.fround(Math.exp(-p.gamma * p.gamma * sum));
    for (let l = 0; l < p.outputs; l++) y[l]! += near * (p.w[m * p.outputs + l] ?? 0);
  }
}

/** kernel.c, line by line. */
function run(p: Values, z: TypedArray, y: TypedArray): void {
  for (let m = 0; m < p.prototypes; m++) {
    let sum = 0;
    for (let i = 0; i < p.dims; i++) sum += ((z[i] ?? 0) - (p.b[m * p.dims + i] ?? 0)) ** 2;
    if (sum > p.limit) continue;
    const u = Math.floor((Math.floor(sum / 2 ** p.narrow) * p.pace) / 65536);
    const f = u & 255;
    const k = (32768 - ((f * (SLOPE - ((BEND * f) >> 8))) >> 8)) >> ((u >> 8) + 1);
    for (let l = 0; l < p.outputs; l++) y[l]! += (k * (p.w[m * p.outputs + l] ?? 0)) >> p.drop;
  }
}

export default defineOp({
  name: "protonn",
  family: "classical",
  doc: "y = sum over prototypes m of w[m] exp(-gamma^2 |z - b[m]|^2)",
  inputs: ["z"],
  outputs: ["y"],
  infer: (a: PrototypeAttrs, [z]) => {
    if (z?.[0] !== a.dims) fail("ir/shape", "protonn", `the input has ${z?.[0]} elements, the prototypes have ${a.dims}`, "Give the prototypes the output of their projection.");
    checkPrototypes(a);
    return [[a.outputs]];
  },
  float: (a, [z]) => [evaluate(a, z ?? [])],
  params,
  // One byte a number, as the learner's budget counts them.
  levels: 1,
  prepare: (ctx) => (ctx.arithmetic === "int" ? prepareInt(ctx) : {
    params: {
      dims: ctx.attrs.dims, outputs: ctx.attrs.outputs, prototypes: ctx.attrs.b.length / ctx.attrs.dims, limit: 0, narrow: 0, pace: 0, drop: 0, gamma: Math.fround(ctx.attrs.gamma),
      b: Float32Array.from(ctx.attrs.b), w: Float32Array.from(ctx.attrs.w),
    },
    outputs: [{ dtype: "f32" as const }],
  }),
  int: (p, [z], [y]) => {
    if (!z || !y) return;
    y.fill(0);
    if (z instanceof Float32Array) runF32(p, z, y);
    else run(p, z, y);
  },
  traits: { maxInputBits: 8 },
  from: {},
  cases,
});
