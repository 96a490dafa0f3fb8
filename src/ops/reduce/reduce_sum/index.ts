/**
 * Sums and means over axes. Integer semantics: TFLite's QuantizedMeanOrSum, int8 and int16 with a 32-bit sum; the mean's
 * division is inside the multiplier.
 */
import { fail } from "../../../ir/diagnostics.js";
import { clamp } from "../../../ir/fixed.js";
import { defineOp, type LayerCase, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { keepsLastAxis, reductionFollows, addReduction, eachGroup, groupsOf, reducedShape, reduceReal, type ReductionAttrs } from "../../../ir/reduction.js";
import { layerKind, multiplier, requant, scaleOf, type Multiplier } from "../../../ir/requantise.js";
import { limits, type IntDType, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { reductionWriter } from "../../../ir/write-node.js";
import { fromKeras } from "./from-keras.js";

export type SumAttrs = ReductionAttrs & { readonly mean: boolean };

const params = {
  outer: "len", n: "len", inner: "len", zero: "i32", mult: "i32", shift: "i8", zero_y: "i16", lo: "i16", hi: "i16", divisor: "f32",
} as const;
type Values = ParamValues<typeof params>;

/** Largest groups whose sums fit 32 bits. */
const MAX_GROUP = { int8: 2 ** 23, int16: 2 ** 15 } as const;

/** A mean divides the multiplier by n, after it was shifted up as far as n itself reaches. */
function meanMultiplier({ mult, shift }: Multiplier, n: number): Multiplier {
  const up = Math.min(Math.floor(Math.log2(n)), 32, 31 + shift);
  return { mult: Number((BigInt(mult) << BigInt(up)) / BigInt(n)), shift: shift - up };
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<SumAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  const groups = groupsOf(attrs, x.shape);
  const kind = layerKind(x.dtype, y.name);
  if (kind === "float") return { params: { ...groups, zero: 0, mult: 0, shift: 0, zero_y: 0, lo: 0, hi: 0, divisor: attrs.mean ? groups.n : 1 }, outputs: [{ dtype: "f32" as const }] };
  if (groups.n > MAX_GROUP[kind]) fail("network/too-large", y.name, `sums of ${groups.n} elements`, `Supported: ${MAX_GROUP[kind]} elements of ${kind}; sum over one axis first.`);
  const [from, to] = [scaleOf(x, y.name), scaleOf(y, y.name)];
  const m = multiplier(from.scale / to.scale);
  const [lo, hi] = limits(y.dtype as IntDType);
  const { mult, shift } = attrs.mean ? meanMultiplier(m, groups.n) : m;
  return { params: { ...groups, zero: from.zero * groups.n, mult, shift, zero_y: to.zero, lo, hi, divisor: 1 }, outputs: [{ dtype: y.dtype }] };
}

function sumOf(p: Values, x: TypedArray, first: number): number {
  let sum = 0;
  for (let k = 0; k < p.n; k++) sum += x[first + k * p.inner] as number;
  return sum;
}

function floatSumOf(p: Values, x: Float32Array, first: number): number {
  let sum = 0;
  for (let k = 0; k < p.n; k++) sum = Math.fround(sum + (x[first + k * p.inner] as number));
  return sum / p.divisor;
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  eachGroup(p, (first, out) => {
    y[out] = x instanceof Float32Array ? floatSumOf(p, x, first) : clamp(requant((sumOf(p, x, first) - p.zero) | 0, p.mult, p.shift) + p.zero_y, p.lo, p.hi);
  });
}

const x8 = (shape: Shape): LayerCase<SumAttrs>["inputs"][number] => ({ dtype: "i8", shape, quant: { scale: [0.0078], zero: [-7] } });
const x16 = (shape: Shape): LayerCase<SumAttrs>["inputs"][number] => ({ dtype: "i16", shape, quant: { scale: [0.0001], zero: [0] } });
const y8 = (scale: number) => ({ dtype: "i8", quant: { scale: [scale], zero: [9] } }) as const;
const y16 = (scale: number) => ({ dtype: "i16", quant: { scale: [scale], zero: [0] } }) as const;
const over = (mean: boolean, ...axes: readonly number[]): SumAttrs => ({ mean, axes: Int32Array.from(axes), keep: false });

export default defineOp({
  name: "reduce_sum",
  family: "reduce",
  doc: "y = sum or mean of x over axes",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: SumAttrs, xs) => reducedShape(a, xs, "reduce_sum"),
  float: (a, xs, io) => {
    const n = a.mean ? groupsOf(a, io?.inputs[0]?.shape ?? []).n : 1;
    return [reduceReal(a, xs, io, 0, (sum, v) => sum + v).map((sum) => sum / n)];
  },
  params,
  levels: 1,
  prepare,
  int,
  traits: { channelwise: keepsLastAxis, followsAxes: reductionFollows, quantise: {} },
  from: {},
  net: { keras: fromKeras, tflite: { MEAN: (n, b) => addReduction("reduce_sum", { mean: true }, n, b), SUM: (n, b) => addReduction("reduce_sum", { mean: false }, n, b) }, onnx: fromOnnx },
  write: { tflite: (a, w) => reductionWriter(a.mean ? "MEAN" : "SUM")(a, w) },
  cases: [],
  layerCases: [
    { title: "global mean", attrs: over(true, 1, 2), inputs: [x8([1, 7, 5, 8])], output: y8(0.002), tolerance: 1 },
    { title: "sum of rows, axes kept", attrs: { mean: false, axes: Int32Array.of(2), keep: true }, inputs: [x8([2, 3, 300])], output: y8(0.05), tolerance: 1 },
    { title: "sum to a finer scale", attrs: over(false, 0), inputs: [x8([3, 4])], output: y8(0.001), tolerance: 1 },
    { title: "mean of all", attrs: over(true, 0, 1), inputs: [x8([5, 13])], output: y8(0.0078), tolerance: 1 },
    { title: "int16 mean", attrs: over(true, 1, 2), inputs: [x16([1, 9, 7, 5])], output: y16(0.00005), tolerance: 1 },
    { title: "int16 sum", attrs: over(false, 1), inputs: [x16([2, 17])], output: y16(0.001), tolerance: 1 },
    { title: "float mean", attrs: over(true, 1), inputs: [{ dtype: "f32", shape: [2, 6, 3] }], output: { dtype: "f32" }, tolerance: 0 },
  ],
});
