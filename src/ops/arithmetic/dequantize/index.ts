/** Integers to float32: `(x - zero) * scale`. A constant (weights stored in fewer bits) becomes a constant. */
import { unsupported } from "../../../ir/elementwise.js";
import { operand } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { scaleOf } from "../../../ir/requantise.js";
import { count, isInt, scaleAt, zeroAt, type Quant, type Tensor, type TypedArray } from "../../../ir/types.js";
import { plainNode } from "../../../ir/write-node.js";

export type DequantizeAttrs = Readonly<Record<string, never>>;

const params = { n: "len", zero: "i32", scale: "f32" } as const;
type Values = ParamValues<typeof params>;

const f32 = Math.fround;

function prepare({ inputs }: PrepareCtx<DequantizeAttrs>) {
  const x = inputs[0] as Tensor;
  if (!isInt(x.dtype) || x.dtype === "u32") return unsupported(x, "dequantize", "int8, uint8, int16, int32");
  return { params: { n: count(x.shape), ...scaleOf(x, "dequantize") }, outputs: [{ dtype: "f32" as const }] };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  for (let i = 0; i < p.n; i++) y[i] = f32(f32((x[i] as number) - p.zero) * p.scale);
}

/** Values of a constant; its scale may run along an axis. */
function reals(t: Tensor, q: Quant): Float32Array {
  const axis = q.axis ?? t.shape.length - 1;
  const inner = count(t.shape.slice(axis + 1));
  return Float32Array.from(t.data ?? [], (v, i) => { const c = Math.floor(i / inner) % (t.shape[axis] ?? 1); return f32(scaleAt(q, c)) * (v - zeroAt(q, c)); });
}

function lower(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const t = b.tensor(x);
  // Weights of 16-bit floats are float32 since they were read.
  if (t.dtype === "f32") return [x];
  if (t.data && t.quant) return [b.constant({ name: n.name, dtype: "f32", shape: t.shape, data: reals(t, t.quant) })];
  return [b.add("dequantize", {}, [x], n.outputs[0])];
}

export default defineOp({
  name: "dequantize",
  family: "arithmetic",
  doc: "y = (x - zero) * scale",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a, [x = []]) => [x],
  float: (_a, [x]) => [x ?? new Float64Array(0)],
  params,
  levels: 1,
  prepare,
  int,
  traits: { elementwise: true },
  from: {},
  net: { tflite: { DEQUANTIZE: lower } },
  write: { tflite: (_a, w) => plainNode("DEQUANTIZE", "DequantizeOptions")(w) },
  cases: [],
  layerCases: [
    { title: "int8", attrs: {}, inputs: [{ dtype: "i8", shape: [3, 7], quant: { scale: [0.02], zero: [-128] } }], output: { dtype: "f32" }, tolerance: 0.00001 },
    { title: "int16", attrs: {}, inputs: [{ dtype: "i16", shape: [31], quant: { scale: [0.0001], zero: [0] } }], output: { dtype: "f32" }, tolerance: 0.00001 },
    { title: "uint8", attrs: {}, inputs: [{ dtype: "u8", shape: [300], quant: { scale: [0.03], zero: [7] } }], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
