/** y = x - log(sum exp(x)) over the last axis. Integer semantics: TFLite Micro's reference LogSoftmax, int8 to int8, bit for bit. */
import { fail } from "../../../ir/diagnostics.js";
import { operand } from "../../../ir/foreign-node.js";
import { expOfNegative, logOfSum } from "../../../ir/gemmlowp.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { divideByPowerOfTwo, layerKind, multiplier, requant, scaleOf } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { plainNode } from "../../../ir/write-node.js";

export type LogSoftmaxAttrs = Readonly<Record<never, never>>;

/**
 * `table`: exp of each difference to the row's largest element in Q12.19, as far as it counts; `mult`, `shift` scale a
 * difference to Q5.26, `back_mult`, `back_shift` from there to a difference.
 */
const params = { rows: "len", depth: "len", reach: "len", mult: "i32", shift: "i8", back_mult: "i32", back_shift: "i8", table: "rom" } as const;
type Values = ParamValues<typeof params>;

const where = "log_softmax";
const infer = (_a: LogSoftmaxAttrs, [x = []]: readonly Shape[]): readonly Shape[] => [x];

function float(_a: LogSoftmaxAttrs, [x]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const depth = io?.inputs[0]?.shape.at(-1) ?? x?.length ?? 1;
  const out = Float64Array.from(x ?? []);
  for (let at = 0; at < out.length; at += depth) {
    const row = out.subarray(at, at + depth);
    const max = row.reduce((p, q) => Math.max(p, q), -Infinity);
    const log = max + Math.log(row.reduce((s, v) => s + Math.exp(v - max), 0));
    row.forEach((v, i) => { row[i] = v - log; });
  }
  return [out];
}

function prepare({ inputs, outputs }: PrepareCtx<LogSoftmaxAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  const depth = x.shape.at(-1) ?? 1;
  const base = { rows: count(x.shape) / depth, depth };
  const kind = layerKind(x.dtype, where);
  if (kind === "float") return { params: { ...base, reach: 0, mult: 0, shift: 0, back_mult: 0, back_shift: 0, table: Int32Array.of(0) }, outputs: [{ dtype: "f32" as const }] };
  if (kind !== "int8" || y.dtype !== "i8") return fail("network/unsupported-type", where, `${x.dtype} to ${y.dtype}`, "Supported: int8 to int8, float32.");
  const to = scaleOf(y, where);
  if (to.scale !== 1 / 16 || to.zero !== 127) fail("network/scale", where, `output of scale ${to.scale} and zero point ${to.zero}`, "Supported: scale 1/16, zero point 127, as converters write it.");
  if (depth > 4095) fail("network/too-long", where, `rows of ${depth} elements`, "Supported: up to 4095, beyond which the sum of a row does not fit 32 bits.");
  const m = multiplier(Math.min(scaleOf(x, where).scale * 2 ** 26, 2 ** 31 - 1));
  const back = multiplier(2 ** (31 - m.shift) / m.mult);
  const least = Math.floor((31 * 2 ** 26) / 2 ** m.shift);
  const table = Int32Array.from({ length: Math.min(256, least + 1) }, (_, d) => divideByPowerOfTwo(expOfNegative(requant(-d, m.mult, m.shift), 5), 12));
  return { params: { ...base, reach: table.length, ...m, back_mult: back.mult, back_shift: back.shift, table }, outputs: [{ dtype: "i8" as const }] };
}

function row8(p: Values, x: TypedArray, y: TypedArray, at: number, max: number): void {
  let sum = 0;
  for (let c = 0; c < p.depth; c++) sum += p.table[max - (x[at + c] as number)] ?? 0;
  const log = logOfSum(sum);
  // Differences from here on leave the range of Q5.26 once the logarithm is subtracted: they give the smallest value.
  const limit = Math.max(-p.reach, requant(log - 2 ** 31, p.back_mult, p.back_shift));
  for (let c = 0; c < p.depth; c++) {
    const d = (x[at + c] as number) - max;
    const v = d > limit ? divideByPowerOfTwo(requant(d, p.mult, p.shift) - log, 22) + 127 : -128;
    y[at + c] = Math.max(-128, Math.min(127, v));
  }
}

function rowFloat(p: Values, x: TypedArray, y: TypedArray, at: number, max: number): void {
  const f32 = Math.fround;
  let sum = 0;
  for (let c = 0; c < p.depth; c++) sum = f32(sum + f32(Math.exp(f32((x[at + c] as number) - max))));
  const log = f32(Math.log(sum));
  for (let c = 0; c < p.depth; c++) y[at + c] = f32(f32((x[at + c] as number) - max) - log);
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const row = x instanceof Float32Array ? rowFloat : row8;
  for (let at = 0; at < p.rows * p.depth; at += p.depth) {
    let max = x[at] as number;
    for (let c = 1; c < p.depth; c++) max = Math.max(max, x[at + c] as number);
    row(p, x, y, at, max);
  }
}

const x8 = (shape: Shape, scale = 0.1): LayerCase<LogSoftmaxAttrs>["inputs"][number] => ({ dtype: "i8", shape, quant: { scale: [scale], zero: [7] } });
const y8 = { dtype: "i8", quant: { scale: [1 / 16], zero: [127] } } as const;

export default defineOp({
  name: "log_softmax",
  family: "neural",
  doc: "y = x - log(sum exp(x)), over the last axis",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { quantise: { output: () => ({ i8: { scale: 1 / 16, zero: 127 } }), bytesOnly: true } },
  from: {},
  net: { tflite: { LOG_SOFTMAX: (n, b) => [b.add("log_softmax", {}, [operand(n, 0)], n.outputs[0])] } },
  write: { tflite: (_a, w) => plainNode("LOG_SOFTMAX", "LogSoftmaxOptions")(w) },
  cases: [],
  layerCases: [
    { title: "two rows", attrs: {}, inputs: [x8([2, 10])], output: y8, tolerance: 1 },
    { title: "one element", attrs: {}, inputs: [x8([1, 1])], output: y8, tolerance: 1 },
    { title: "steep", attrs: {}, inputs: [x8([1, 7], 0.4)], output: y8, tolerance: 1 },
    { title: "flat, longer than 255", attrs: {}, inputs: [x8([1, 300], 0.002)], output: y8, tolerance: 1 },
    { title: "float32", attrs: {}, inputs: [{ dtype: "f32", shape: [3, 4] }], output: { dtype: "f32" }, tolerance: 1e-5 },
  ],
});
