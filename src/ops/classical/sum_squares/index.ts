/** Squared lengths of groups of coordinates: the second half of a Mahalanobis distance, behind the linear map to whitened coordinates. */
import { fail } from "../../../ir/diagnostics.js";
import { clamp } from "../../../ir/fixed.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { arrayFrom, scaleAt, zeroAt, type DType, type TypedArray } from "../../../ir/types.js";

/** `y_g = b_g - sum of x^2` over the `size` elements of group g. */
export type SumSquaresAttrs = { readonly groups: number; readonly size: number; readonly b: Float64Array };

const params = { groups: "len", size: "len", shift: "u8", fold: "u8", top: "i16", zero: "i32", b: "rom" } as const;
const TOP = 32767;

function prepare(ctx: PrepareCtx<SumSquaresAttrs>) {
  const { attrs: a, inputs: [x] } = ctx;
  if (ctx.arithmetic === "float") return { params: { groups: a.groups, size: a.size, shift: 0, fold: 0, top: 0, zero: 0, b: Float32Array.from(a.b) }, outputs: [{ dtype: "f32" as DType }] };
  const scale = x?.quant ? scaleAt(x.quant, 0) : 1;
  const s = ctx.inputStats[0];
  let peak = 1;
  for (const v of [...(s?.min ?? []), ...(s?.max ?? [])]) if (Number.isFinite(v)) peak = Math.max(peak, Math.abs(v) / scale);
  // Twice what calibration saw fits 15 bits; what lies beyond is clipped, as it is far from every centre.
  const shift = Math.max(0, Math.min(30, Math.ceil(Math.log2((peak * 2) / TOP))));
  const unit = 1 / (scale * 2 ** shift);
  const top = Math.max(...a.b.map(Math.abs));
  let fold = 0;
  while (a.size * Math.floor(TOP ** 2 / 2 ** fold) > 1.5 * 2 ** 30 || (top * unit ** 2) / 2 ** fold > 2 ** 29) fold++;
  const one = unit ** 2 / 2 ** fold;
  return {
    params: { groups: a.groups, size: a.size, shift, fold, top: TOP, zero: x?.quant ? Math.round(zeroAt(x.quant, 0)) : 0, b: arrayFrom("i32", a.b.map((v) => Math.round(v * one))) },
    outputs: [{ dtype: "i32" as DType, quant: { scale: [1 / one], zero: [0] } }],
  };
}

function int(p: ParamValues<typeof params>, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  for (let g = 0; g < p.groups; g++) {
    let sum = p.b[g] ?? 0;
    for (let i = g * p.size; i < (g + 1) * p.size; i++) {
      const v = x[i] ?? 0;
      if (x instanceof Float32Array) { sum = Math.fround(sum - Math.fround(v * v)); continue; }
      const z = clamp((v - p.zero) >> p.shift, -p.top, p.top);
      sum -= Math.imul(z, z) >> p.fold;
    }
    y[g] = sum;
  }
}

export default defineOp({
  name: "sum_squares",
  family: "classical",
  doc: "y[g] = b[g] - sum of x[i]^2 over the elements of group g",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: SumSquaresAttrs, [x]) => {
    if (x?.[0] !== a.groups * a.size || a.b.length !== a.groups) fail("ir/shape", "sum_squares", `${x?.[0]} elements for ${a.groups} groups of ${a.size}`, "Both must be equal.");
    return [[a.groups]];
  },
  float: (a, [x]) => [a.b.map((v, g) => { let sum = v; for (let i = g * a.size; i < (g + 1) * a.size; i++) sum -= (x?.[i] ?? 0) ** 2; return sum; })],
  params,
  levels: 1,
  prepare,
  int,
  traits: {},
  from: {},
  cases: [
    { title: "two groups of three", attrs: { groups: 2, size: 3, b: Float64Array.of(1, -2) }, features: 6, range: [-5, 5], tolerance: 0.002 },
    { title: "one group of one", attrs: { groups: 1, size: 1, b: Float64Array.of(0) }, features: 1, range: [-1, 1], tolerance: 0.002 },
  ],
});
