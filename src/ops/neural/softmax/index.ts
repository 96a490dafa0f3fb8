/**
 * y = exp(beta * x) / sum exp(beta * x) over the last axis.
 * Integer semantics: TFLite Micro's reference Softmax (int8 to int8 or int16) and SoftmaxInt16 (int16 to int16), bit for bit;
 * where TFLM shifts by more than 31 bits (rows of 512 and more nearly equal int8 scores), the result here is what the formula means, 0.
 */
import { fail } from "../../../ir/diagnostics.js";
import { expOfNegative, lookup513, reciprocal, table513 } from "../../../ir/gemmlowp.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { divideByPowerOfTwo, doublingHigh, layerKind, multiplier, requant, scaleOf } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromTflite } from "./from-tflite.js";
import { fromOnnx } from "./from-onnx.js";
import { fromKeras } from "./from-keras.js";

export type SoftmaxAttrs = { readonly beta: number };

/**
 * int8: `table` holds exp of each difference to the row's largest element in Q0.31, as far as it is not zero; `bits` of the output.
 * int16: `table` holds 513 points of exp and 513 of 1 / (1 + x); `mult` and `shift` scale a difference to the first.
 */
const params = { rows: "len", depth: "len", reach: "len", bits: "u8", mult: "i32", shift: "i8", beta: "f32", table: "rom" } as const;
type Values = ParamValues<typeof params>;

const infer = (_a: SoftmaxAttrs, [x = []]: readonly Shape[]): readonly Shape[] => [x];

function float(a: SoftmaxAttrs, [x]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const depth = io?.inputs[0]?.shape.at(-1) ?? x?.length ?? 1;
  const out = Float64Array.from(x ?? []);
  for (let at = 0; at < out.length; at += depth) {
    const row = out.subarray(at, at + depth);
    const max = row.reduce((p, q) => Math.max(p, q), -Infinity);
    const sum = row.reduce((s, v) => s + Math.exp((v - max) * a.beta), 0);
    row.forEach((v, i) => { row[i] = Math.exp((v - max) * a.beta) / sum; });
  }
  return [out];
}

const where = "softmax";

/** @throws CoincellError where the output is not what the kernels write: probabilities over the whole range of the type. */
function checkOutput(y: Tensor, scale: number, zero: number): void {
  const q = scaleOf(y, where);
  if (q.zero !== zero || Math.abs(q.scale - scale) > 0.001 * scale) fail("network/scale", where, `output of scale ${q.scale} and zero point ${q.zero}`, `Supported for ${y.dtype}: scale ${scale}, zero point ${zero}, as converters write it.`);
}

/** exp of the differences 0, -1, -2 … of two int8, down to where TFLM takes it for zero. */
function expTable(scale: number, beta: number): Int32Array {
  const m = multiplier(Math.min(beta * scale * 2 ** 26, 2 ** 31 - 1));
  const least = Math.floor((31 * 2 ** 26) / 2 ** m.shift);
  return Int32Array.from({ length: Math.min(256, least + 1) }, (_, d) => expOfNegative(doublingHigh(-d * 2 ** m.shift, m.mult), 5));
}

const points = 65535;
const tables16 = (): Int16Array => Int16Array.of(
  ...table513(Math.exp, { scale: Math.fround(10) / points, zero: 32767 }, { scale: Math.fround(2) / points, zero: 0 }),
  ...table513((x) => 1 / Math.fround(1 + x), { scale: 1 / points, zero: -32768 }, { scale: 2 / points, zero: 0 }),
);

function prepare({ attrs: { beta }, inputs, outputs }: PrepareCtx<SoftmaxAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  const depth = x.shape.at(-1) ?? 1;
  const base = { rows: count(x.shape) / depth, depth, reach: 0, bits: 8, mult: 0, shift: 0, beta: Math.fround(beta) };
  const kind = layerKind(x.dtype, where);
  if (kind === "float") return { params: { ...base, table: Int8Array.of(0) }, outputs: [{ dtype: "f32" as const }] };
  const { scale } = scaleOf(x, where);
  if (depth > 4095) fail("network/too-long", where, `rows of ${depth} elements`, "Supported: up to 4095, beyond which the sum of a row does not fit 32 bits.");
  if (kind === "int8") {
    if (y.dtype !== "i8" && y.dtype !== "i16") return fail("network/unsupported-type", where, `output of type ${y.dtype}`, "Supported from int8: int8, int16.");
    if (y.dtype === "i8") checkOutput(y, 1 / 256, -128);
    else checkOutput(y, 1 / 65536, -32768);
    const table = expTable(scale, beta);
    return { params: { ...base, reach: table.length, bits: y.dtype === "i8" ? 8 : 16, table }, outputs: [{ dtype: y.dtype }] };
  }
  if (y.dtype !== "i16" || scaleOf(x, where).zero !== 0) fail("network/unsupported-type", where, `int16 to ${y.dtype}, zero point ${scaleOf(x, where).zero}`, "Supported from int16 (zero point 0): int16.");
  checkOutput(y, 1 / 32768, 0);
  return { params: { ...base, bits: 16, ...multiplier((scale * beta) / (10 / points)), table: tables16() }, outputs: [{ dtype: "i16" as const }] };
}

function largest(x: TypedArray, from: number, n: number): number {
  let max = x[from] as number;
  for (let c = 1; c < n; c++) max = Math.max(max, x[from + c] as number);
  return max;
}

/** A row of int8. */
function row8(p: Values, x: TypedArray, y: TypedArray, at: number): void {
  const max = largest(x, at, p.depth);
  const expOf = (c: number): number => { const d = max - (x[at + c] as number); return d < p.reach ? (p.table[d] as number) : -1; };
  let sum = 0;
  for (let c = 0; c < p.depth; c++) { const e = expOf(c); if (e >= 0) sum += divideByPowerOfTwo(e, 12); }
  const headroom = Math.clz32(sum);
  const scale = reciprocal(sum * 2 ** headroom - 2 ** 31);
  const right = 12 - headroom + 31 - p.bits;
  const lowest = -(2 ** (p.bits - 1));
  for (let c = 0; c < p.depth; c++) {
    const e = expOf(c);
    const v = e < 0 || right > 31 ? 0 : divideByPowerOfTwo(doublingHigh(scale, e), right);
    y[at + c] = Math.min(v + lowest, -lowest - 1);
  }
}

/** A row of int16; the output holds the exponentials until their sum is known. */
function row16(p: Values, x: TypedArray, y: TypedArray, at: number): void {
  const max = largest(x, at, p.depth);
  let sum = 0;
  for (let c = 0; c < p.depth; c++) {
    const e = lookup513(p.table, Math.max(-32768, Math.min(32767, requant((x[at + c] as number) - max, p.mult, p.shift) + 32767)));
    y[at + c] = e;
    sum += e;
  }
  const headroom = Math.clz32(sum);
  const shifted = Math.floor((sum * 2 ** (headroom - 1) + 2 ** 13) / 2 ** 14);
  const scale = lookup513(p.table, Math.min(32767, Math.max(-32768, shifted - 98304)), 513);
  for (let c = 0; c < p.depth; c++) y[at + c] = Math.min(32767, Math.floor(((y[at + c] as number) * scale + 2 ** (30 - headroom)) / 2 ** (31 - headroom)));
}

function rowFloat(p: Values, x: TypedArray, y: TypedArray, at: number): void {
  const f32 = Math.fround;
  const max = largest(x, at, p.depth);
  let sum = 0;
  for (let c = 0; c < p.depth; c++) {
    const e = f32(Math.exp(f32(f32((x[at + c] as number) - max) * p.beta)));
    y[at + c] = e;
    sum = f32(sum + e);
  }
  for (let c = 0; c < p.depth; c++) y[at + c] = f32((y[at + c] as number) / sum);
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const row = x instanceof Int8Array ? row8 : x instanceof Int16Array ? row16 : rowFloat;
  for (let r = 0; r < p.rows; r++) row(p, x, y, r * p.depth);
}

const x8 = (shape: Shape, scale = 0.1): LayerCase<SoftmaxAttrs>["inputs"][number] => ({ dtype: "i8", shape, quant: { scale: [scale], zero: [7] } });
const y8 = { dtype: "i8", quant: { scale: [1 / 256], zero: [-128] } } as const;

export default defineOp({
  name: "softmax",
  family: "neural",
  doc: "y = exp(beta * x) / sum exp(beta * x), over the last axis",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { distribution: true, quantise: { output: () => ({ i8: { scale: 1 / 256, zero: -128 }, i16: { scale: 1 / 32768, zero: 0 } }) } },
  from: {},
  net: { keras: fromKeras, tflite: { SOFTMAX: fromTflite }, onnx: fromOnnx },
  write: { tflite: (a, w) => w.add("SOFTMAX", ["SoftmaxOptions", { beta: a.beta }], w.inputs, w.output) },
  cases: [],
  layerCases: [
    { title: "int8", attrs: { beta: 1 }, inputs: [x8([1, 10])], output: y8, tolerance: 1 },
    { title: "rows, steep", attrs: { beta: 2 }, inputs: [x8([3, 5], 0.7)], output: y8, tolerance: 1 },
    { title: "one element", attrs: { beta: 1 }, inputs: [x8([1, 1])], output: y8, tolerance: 1 },
    { title: "flat, longer than 255", attrs: { beta: 1 }, inputs: [x8([1, 300], 0.001)], output: y8, tolerance: 1 },
    { title: "int8 to int16", attrs: { beta: 1 }, inputs: [x8([2, 6], 0.03)], output: { dtype: "i16", quant: { scale: [1 / 65536], zero: [-32768] } }, tolerance: 4 },
    // Its two tables of 513 points are off by up to 12 steps, in TFLM as here.
    { title: "int16", attrs: { beta: 1 }, inputs: [{ dtype: "i16", shape: [2, 7], quant: { scale: [0.0004], zero: [0] } }], output: { dtype: "i16", quant: { scale: [1 / 32768], zero: [0] } }, tolerance: 16 },
    { title: "float32", attrs: { beta: 1.5 }, inputs: [{ dtype: "f32", shape: [2, 5] }], output: { dtype: "f32" }, tolerance: 1e-5 },
  ],
});
