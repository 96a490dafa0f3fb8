/** y = x / |x| along the last axis. Integer semantics: TFLite Micro's reference L2Normalization, int8 to int8, bit for bit. */
import { fail } from "../../../ir/diagnostics.js";
import { fusedActivation, operand, refuse } from "../../../ir/foreign-node.js";
import { inverseSquareRoot } from "../../../ir/gemmlowp.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type NodeIo, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { layerKind, requant, scaleOf } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { plainNode } from "../../../ir/write-node.js";

export type L2NormalizationAttrs = Readonly<Record<never, never>>;

const params = { rows: "len", depth: "len", zero_x: "i16" } as const;
type Values = ParamValues<typeof params>;

const where = "l2_normalization";
/** Keeps rows of zeros from a division by zero. */
const SMALLEST = 1e-6;

const infer = (_a: L2NormalizationAttrs, [x = []]: readonly Shape[]): readonly Shape[] => [x];

function float(_a: L2NormalizationAttrs, [x]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const depth = io?.inputs[0]?.shape.at(-1) ?? x?.length ?? 1;
  const out = Float64Array.from(x ?? []);
  for (let at = 0; at < out.length; at += depth) {
    const row = out.subarray(at, at + depth);
    const norm = Math.max(SMALLEST, Math.sqrt(row.reduce((s, v) => s + v * v, 0)));
    row.forEach((v, i) => { row[i] = v / norm; });
  }
  return [out];
}

function prepare({ inputs, outputs }: PrepareCtx<L2NormalizationAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  const depth = x.shape.at(-1) ?? 1;
  const base = { rows: count(x.shape) / depth, depth };
  const kind = layerKind(x.dtype, where);
  if (kind === "float") return { params: { ...base, zero_x: 0 }, outputs: [{ dtype: "f32" as const }] };
  if (kind !== "int8" || y.dtype !== "i8") return fail("network/unsupported-type", where, `${x.dtype} to ${y.dtype}`, "Supported: int8 to int8, float32.");
  const to = scaleOf(y, where);
  if (to.scale !== 1 / 128 || to.zero !== 0) fail("network/scale", where, `output of scale ${to.scale} and zero point ${to.zero}`, "Supported: scale 1/128, zero point 0, as converters write it.");
  if (depth > 33025) fail("network/too-long", where, `rows of ${depth} elements`, "Supported: up to 33025, beyond which the sum of squares does not fit 32 bits.");
  return { params: { ...base, zero_x: scaleOf(x, where).zero }, outputs: [{ dtype: "i8" as const }] };
}

function row8(p: Values, x: TypedArray, y: TypedArray, at: number): void {
  let sum = 0;
  for (let c = 0; c < p.depth; c++) sum += ((x[at + c] as number) - p.zero_x) ** 2;
  const { mult, shift } = inverseSquareRoot(sum);
  for (let c = 0; c < p.depth; c++) y[at + c] = Math.max(-128, Math.min(127, requant((x[at + c] as number) - p.zero_x, mult, shift + 7)));
}

function rowFloat(p: Values, x: TypedArray, y: TypedArray, at: number): void {
  const f32 = Math.fround;
  let sum = 0;
  for (let c = 0; c < p.depth; c++) sum = f32(sum + f32((x[at + c] as number) * (x[at + c] as number)));
  const norm = Math.max(f32(SMALLEST), f32(Math.sqrt(sum)));
  for (let c = 0; c < p.depth; c++) y[at + c] = f32((x[at + c] as number) / norm);
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const row = x instanceof Float32Array ? rowFloat : row8;
  for (let r = 0; r < p.rows; r++) row(p, x, y, r * p.depth);
}

function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const activation = fusedActivation(n);
  if (activation !== "none") refuse(n, `the fused activation ${activation}`, "Supported: none, as in TensorFlow Lite Micro.");
  return [b.add("l2_normalization", {}, [operand(n, 0)], n.outputs[0])];
}

const x8 = (shape: Shape, zero = 7): LayerCase<L2NormalizationAttrs>["inputs"][number] => ({ dtype: "i8", shape, quant: { scale: [0.1], zero: [zero] } });
const y8 = { dtype: "i8", quant: { scale: [1 / 128], zero: [0] } } as const;

export default defineOp({
  name: "l2_normalization",
  family: "neural",
  doc: "y = x / sqrt(sum x^2), along the last axis",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { quantise: { output: () => ({ i8: { scale: 1 / 128, zero: 0 } }), bytesOnly: true } },
  from: {},
  net: { tflite: { L2_NORMALIZATION: fromTflite } },
  write: { tflite: (_a, w) => plainNode("L2_NORMALIZATION", "L2NormOptions", { fused_activation_function: "NONE" })(w) },
  cases: [],
  layerCases: [
    { title: "rows", attrs: {}, inputs: [x8([1, 4, 8])], output: y8, tolerance: 1 },
    { title: "one element, zero point at the end", attrs: {}, inputs: [x8([3, 1], -128)], output: y8, tolerance: 1 },
    { title: "longer than 255", attrs: {}, inputs: [x8([1, 300], 127)], output: y8, tolerance: 1 },
    { title: "float32", attrs: {}, inputs: [{ dtype: "f32", shape: [2, 5] }], output: { dtype: "f32" }, tolerance: 1e-5 },
  ],
});
