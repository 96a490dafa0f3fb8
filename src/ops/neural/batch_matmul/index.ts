/**
 * Product of matrices, the last two axes of both operands; the axes before them are broadcast. `adjX`, `adjY`: that operand is transposed.
 * Integer semantics: TFLite Micro's reference BatchMatMul, int8 and int16.
 */
import { broadcastShape } from "../../../ir/broadcast.js";
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import { narrowest, type ParamValues } from "../../../ir/params.js";
import { layerKind, multiplier, requant, requantWide, scaleOf } from "../../../ir/requantise.js";
import { count, limits, type IntDType, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromTflite } from "./from-tflite.js";

export type BatchMatmulAttrs = { readonly adjX: boolean; readonly adjY: boolean };

/** `a_row`, `a_step`: elements from one row of a to the next and along the sum; `b_step`, `b_col` alike; `from_a`, `from_b`: first element of each matrix. */
const params = {
  matrices: "len", rows: "len", cols: "len", depth: "len", a_row: "len", a_step: "len", b_step: "len", b_col: "len",
  zero_a: "i16", zero_b: "i16", zero_y: "i16", lo: "i16", hi: "i16", mult: "i32", shift: "i8", from_a: "rom", from_b: "rom",
} as const;
type Values = ParamValues<typeof params>;

const where = "batch_matmul";

/** The last two axes, as they are multiplied. */
const matrix = (s: Shape, adjoint: boolean): readonly [number, number] => { const [r = 0, c = 0] = s.slice(-2); return adjoint ? [c, r] : [r, c]; };

function infer({ adjX, adjY }: BatchMatmulAttrs, [a = [], b = []]: readonly Shape[]): readonly Shape[] {
  const [[rows, depth], [same, cols]] = [matrix(a, adjX), matrix(b, adjY)];
  if (a.length < 2 || b.length < 2 || depth !== same) fail("ir/bad-shape", where, `(${a.join(", ")}) times (${b.join(", ")})`, "The columns of the first matrix must be the rows of the second.");
  return [[...broadcastShape([a.slice(0, -2), b.slice(0, -2)], where), rows, cols]];
}

/** Where the matrices of an operand start, in the order of the output's. */
function starts(operand: Shape, batch: Shape): number[] {
  const own = operand.slice(0, -2);
  const size = count(operand.slice(-2));
  return Array.from({ length: count(batch) }, (_, i) => {
    let [at, rest, stride] = [0, i, size];
    for (let k = 1; k <= batch.length; k++) {
      const [length, mine] = [batch.at(-k) ?? 1, own.at(-k) ?? 1];
      at += mine === 1 ? 0 : (rest % length) * stride;
      rest = Math.floor(rest / length);
      stride *= mine;
    }
    return at;
  });
}

function geometry({ adjX, adjY }: BatchMatmulAttrs, a: Shape, b: Shape) {
  const [[rows, depth], [, cols]] = [matrix(a, adjX), matrix(b, adjY)];
  const batch = broadcastShape([a.slice(0, -2), b.slice(0, -2)], where);
  return {
    matrices: count(batch), rows, cols, depth, a_row: adjX ? 1 : depth, a_step: adjX ? rows : 1, b_step: adjY ? 1 : cols, b_col: adjY ? depth : 1,
    from_a: narrowest(starts(a, batch), ["u8", "u16", "u32"]), from_b: narrowest(starts(b, batch), ["u8", "u16", "u32"]),
  };
}

/** Calls `cell` for every element of the output: first elements of the row and of the column, and where the sum goes. */
function cells(p: ReturnType<typeof geometry>, cell: (a: number, b: number, at: number) => void): void {
  for (let m = 0, at = 0; m < p.matrices; m++) for (let r = 0; r < p.rows; r++) for (let c = 0; c < p.cols; c++, at++) cell((p.from_a[m] as number) + r * p.a_row, (p.from_b[m] as number) + c * p.b_col, at);
}

function float(attrs: BatchMatmulAttrs, [a, b]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const p = geometry(attrs, io?.inputs[0]?.shape ?? [], io?.inputs[1]?.shape ?? []);
  const out = new Float64Array(p.matrices * p.rows * p.cols);
  if (a && b) cells(p, (i, k, at) => { for (let d = 0; d < p.depth; d++) out[at] = (out[at] as number) + (a[i + d * p.a_step] as number) * (b[k + d * p.b_step] as number); });
  return [out];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<BatchMatmulAttrs>) {
  const [a, b] = inputs as [Tensor, Tensor];
  const y = outputs[0] as Tensor;
  const shape = geometry(attrs, a.shape, b.shape);
  if (a.dtype !== b.dtype || a.dtype !== y.dtype) fail("network/unsupported-type", where, `${a.dtype} times ${b.dtype} to ${y.dtype}`, "Supported: the same type on all sides (int8, int16, float32).");
  const kind = layerKind(a.dtype, where);
  if (kind === "float") return { params: { ...shape, zero_a: 0, zero_b: 0, zero_y: 0, lo: 0, hi: 0, mult: 0, shift: 0 }, outputs: [{ dtype: "f32" as const }] };
  const [sa, sb, sy] = [a, b, y].map((t) => scaleOf(t, where)) as [ReturnType<typeof scaleOf>, ReturnType<typeof scaleOf>, ReturnType<typeof scaleOf>];
  const perChannel = inputs.find((t) => (t.quant?.scale.length ?? 1) > 1);
  if (perChannel) fail("network/weights", where, `${perChannel.name} has a scale for each channel`, "Supported: one scale for each operand, as TensorFlow Lite Micro's BATCH_MATMUL has it.");
  if (kind === "int16" && [sa, sb, sy].some((s) => s.zero !== 0)) fail("network/zero-point", where, "int16 with a zero point", "Supported: int16 with zero point 0.");
  const [lo, hi] = limits(y.dtype as IntDType);
  return { params: { ...shape, zero_a: sa.zero, zero_b: sb.zero, zero_y: sy.zero, lo, hi, ...multiplier(Math.fround(sa.scale * sb.scale) / sy.scale) }, outputs: [{ dtype: y.dtype }] };
}

/** One sum of products; int16 sums are exact in double precision. */
function sumOf(p: Values, a: TypedArray, b: TypedArray, i: number, k: number): number {
  let sum = 0;
  for (let d = 0; d < p.depth; d++) sum += ((a[i + d * p.a_step] as number) - p.zero_a) * ((b[k + d * p.b_step] as number) - p.zero_b);
  return sum;
}

function floatSum(p: Values, a: TypedArray, b: TypedArray, i: number, k: number): number {
  let sum = 0;
  for (let d = 0; d < p.depth; d++) sum = Math.fround(sum + Math.fround((a[i + d * p.a_step] as number) * (b[k + d * p.b_step] as number)));
  return sum;
}

function int(p: Values, [a, b]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!a || !b || !y) return;
  const real = a instanceof Float32Array;
  const scaled = a instanceof Int16Array ? requantWide : requant;
  cells(p, (i, k, at) => {
    if (real) { y[at] = floatSum(p, a, b, i, k); return; }
    const v = scaled(sumOf(p, a, b, i, k), p.mult, p.shift) + p.zero_y;
    y[at] = v < p.lo ? p.lo : v > p.hi ? p.hi : v;
  });
}

type Input = LayerCase<BatchMatmulAttrs>["inputs"][number];
const plain = { adjX: false, adjY: false } as const;
const i8 = (shape: Shape, zero: number): Input => ({ dtype: "i8", shape, quant: { scale: [0.05], zero: [zero] } });
const constant = (t: Input): Input => ({ ...t, data: Int8Array.from({ length: count(t.shape) }, (_, i) => ((i * 37 + 11) % 256) - 128) });
const i16 = (shape: Shape): Input => ({ dtype: "i16", shape, quant: { scale: [0.001], zero: [0] } });
const y8 = { dtype: "i8", quant: { scale: [0.3], zero: [-4] } } as const;

export default defineOp({
  name: "batch_matmul",
  family: "neural",
  doc: "y[..,i,j] = sum a[..,i,k] * b[..,k,j]",
  inputs: ["a", "b"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { macs: ({ adjX }, { inputs: [a], outputs: [y] }) => count(y?.shape ?? [0]) * matrix(a?.shape ?? [], adjX)[1], quantise: {} },
  from: {},
  net: { tflite: { BATCH_MATMUL: fromTflite } },
  write: { tflite: (a, w) => w.add("BATCH_MATMUL", ["BatchMatMulOptions", { adj_x: a.adjX, adj_y: a.adjY, asymmetric_quantize_inputs: false }], w.inputs, w.output) },
  cases: [],
  layerCases: [
    { title: "two matrices", attrs: plain, inputs: [i8([2, 3, 4], 7), i8([2, 4, 5], -128)], output: y8, tolerance: 1 },
    { title: "both transposed, second constant", attrs: { adjX: true, adjY: true }, inputs: [i8([1, 4, 3], 127), constant(i8([5, 4], 3))], output: y8, tolerance: 1 },
    { title: "first constant, broadcast", attrs: { adjX: false, adjY: true }, inputs: [constant(i8([2, 3], -9)), i8([3, 1, 2, 3], 0)], output: y8, tolerance: 1 },
    { title: "int16", attrs: plain, inputs: [i16([1, 2, 6]), i16([1, 6, 3])], output: { dtype: "i16", quant: { scale: [0.01], zero: [0] } }, tolerance: 1 },
    { title: "float32", attrs: { adjX: true, adjY: false }, inputs: [{ dtype: "f32", shape: [2, 3, 2] }, { dtype: "f32", shape: [1, 3, 4] }], output: { dtype: "f32" }, tolerance: 1e-4 },
  ],
});
