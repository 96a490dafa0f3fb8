/** Float32 to integers: `round(x / scale) + zero`, half away from zero, as TFLite's Quantize. */
import { roundHalfAway, scaleOf } from "../../../ir/requantise.js";
import { unsupported } from "../../../ir/elementwise.js";
import { operand } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { count, limits, type Tensor, type TypedArray } from "../../../ir/types.js";
import { plainNode } from "../../../ir/write-node.js";

export type QuantizeAttrs = Readonly<Record<string, never>>;

const params = { n: "len", scale: "f32", zero: "i16", lo: "i32", hi: "i32" } as const;
type Values = ParamValues<typeof params>;

/** Past this a value lies outside every range, so that its integer need not be known. */
const FAR = 200000;

function prepare({ inputs, outputs }: PrepareCtx<QuantizeAttrs>) {
  const [x, y] = [inputs[0], outputs[0]] as [Tensor, Tensor];
  if (x.dtype !== "f32") return unsupported(x, "quantize", "float32");
  if (y.dtype !== "i8" && y.dtype !== "i16" && y.dtype !== "u8") return unsupported(y, "quantize", "int8, int16 and uint8 results");
  const [lo, hi] = limits(y.dtype);
  return { params: { n: count(x.shape), ...scaleOf(y, "quantize"), lo, hi }, outputs: [{ dtype: y.dtype }] };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  for (let i = 0; i < p.n; i++) {
    const v = Math.fround((x[i] as number) / p.scale);
    const q = roundHalfAway(v > -FAR ? Math.min(FAR, v) : -FAR) + p.zero;
    y[i] = Math.min(p.hi, Math.max(p.lo, q));
  }
}

/** QUANTIZE of integers is another operator: it never leaves them. */
function lower(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  return [b.add(b.tensor(x).dtype === "f32" ? "quantize" : "requantize", {}, [x], n.outputs[0])];
}

export default defineOp({
  name: "quantize",
  family: "arithmetic",
  doc: "y = round(x / scale) + zero",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a, [x = []]) => [x],
  float: (_a, [x]) => [x ?? new Float64Array(0)],
  params,
  levels: 1,
  prepare,
  int,
  traits: { elementwise: true, inPlace: true },
  from: {},
  net: { tflite: { QUANTIZE: lower } },
  write: { tflite: (_a, w) => plainNode("QUANTIZE", "QuantizeOptions")(w) },
  cases: [],
  layerCases: [
    { title: "to int8", attrs: {}, inputs: [{ dtype: "f32", shape: [3, 7] }], output: { dtype: "i8", quant: { scale: [0.02], zero: [-128] } }, tolerance: 0.51 },
    { title: "to int16", attrs: {}, inputs: [{ dtype: "f32", shape: [31] }], output: { dtype: "i16", quant: { scale: [0.0001], zero: [0] } }, tolerance: 0.51 },
    { title: "to uint8", attrs: {}, inputs: [{ dtype: "f32", shape: [300] }], output: { dtype: "u8", quant: { scale: [0.03], zero: [128] } }, tolerance: 0.51 },
  ],
});
