/** Logistic function or hyperbolic tangent. Integer semantics: TFLite Micro's Logistic and Tanh; int8 as a table of 256 answers. */
import { fail } from "../../../ir/diagnostics.js";
import { byteTable, oneType, quantisedValue, quantOf, unsupported } from "../../../ir/elementwise.js";
import { operand } from "../../../ir/foreign-node.js";
import { expOfNegative, halfReciprocal, reciprocal, shiftSaturated } from "../../../ir/gemmlowp.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { divideByPowerOfTwo, multiplier, requant } from "../../../ir/requantise.js";
import { sigmoid16, sigmoidTable, tanh16 } from "../../../ir/sigmoid.js";
import { count, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";

/** Hyperbolic tangent where `tanh`, else 1 / (1 + exp(-x)). */
export type SigmoidAttrs = { readonly tanh: boolean };

const params = { n: "len", tanh: "u8", mult: "i32", round: "i32", shift: "u8", table: "rom" } as const;
type Values = ParamValues<typeof params>;
type Scaled = ReturnType<typeof quantOf>;

const f32 = Math.fround;
const MAX = 2 ** 31 - 1;

const real = (tanh: boolean) => (tanh ? Math.tanh : (x: number): number => 1 / (1 + Math.exp(-x)));

/** Logistic in Q0.31 of a in Q4.27. */
const logisticOf = (a: number): number => (a === 0 ? 2 ** 30 : a > 0 ? reciprocal(expOfNegative(-a, 4)) : MAX - reciprocal(expOfNegative(a, 4)));

function tanhOf(a: number): number {
  const size = shiftSaturated(halfReciprocal(expOfNegative(-Math.abs(a), 5)) - 2 ** 29, 2);
  return a === 0 ? 0 : a < 0 ? -size : size;
}

/** gemmlowp's fixed point at one int8 value; beyond the radius the function is flat. */
function exactByte(tanh: boolean, from: Scaled): (q: number) => number {
  const { mult, shift } = multiplier(from.scale * 2 ** 27);
  const radius = Math.floor((15 * 2 ** 27) / 2 ** shift);
  return (q) => {
    const v = q - from.zero;
    if (v <= -radius) return -128;
    if (v >= radius) return 127;
    const a = requant(v, mult, shift);
    return tanh ? divideByPowerOfTwo(tanhOf(a), 24) : divideByPowerOfTwo(logisticOf(a), 23) - 128;
  };
}

/** TFLite fixes the scale of the output; under any other scale the table holds the rounded function. */
function table8(tanh: boolean, from: Scaled, to: Scaled): TypedArray {
  const own = tanh ? to.scale === 1 / 128 && to.zero === 0 : to.scale === 1 / 256 && to.zero === -128;
  return byteTable("i8", "i8", own ? exactByte(tanh, from) : (q) => quantisedValue(real(tanh), q, from, to));
}

/** How an int16 becomes an argument in units of 1 / (3 * 4096). */
function argument16(tanh: boolean, from: Scaled, to: Scaled) {
  if (to.scale !== 2 ** -15) fail("network/scale", "sigmoid", `a 16-bit output with the scale ${to.scale}`, "Supported: 1/32768, as TensorFlow's converter writes it.");
  const power = Math.round(Math.log2(from.scale));
  const left = 12 + power;
  if (Math.abs(Math.log2(from.scale) - power) < 1e-3 && (left === 0 || (tanh && left === 1))) return { mult: 3 * 2 ** left, shift: 0, round: 0 };
  let mult = from.scale * 4096 * 3;
  let shift = 0;
  for (; mult <= 32767 / 2 && shift <= 30; shift++) mult *= 2;
  if (mult > 32767) fail("network/scale", "sigmoid", `a 16-bit input with the scale ${from.scale}`, "Supported: scales up to 2.6.");
  return { mult: Math.trunc(mult), shift, round: shift > 0 ? 2 ** (shift - 1) : 0 };
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<SigmoidAttrs>) {
  const where = attrs.tanh ? "tanh" : "logistic";
  const [x, y] = [inputs[0], outputs[0]] as [Tensor, Tensor];
  oneType([x, y], where);
  const head = { n: count(x.shape), tanh: Number(attrs.tanh) };
  const none = { mult: 0, round: 0, shift: 0 };
  if (x.dtype === "f32") return { params: { ...head, ...none, table: Int8Array.of(0) }, outputs: [{ dtype: "f32" as const }] };
  if (x.dtype !== "i8" && x.dtype !== "i16") return unsupported(x, where, "int8, int16, float32");
  const [from, to] = [quantOf(x, where), quantOf(y, where)];
  if (x.dtype === "i8") return { params: { ...head, ...none, table: table8(attrs.tanh, from, to) }, outputs: [{ dtype: y.dtype }] };
  return { params: { ...head, ...argument16(attrs.tanh, from, to), table: sigmoidTable }, outputs: [{ dtype: y.dtype }] };
}

/** TFLite's float32 form of the logistic function: exact ends. */
const logisticFloat = (x: number): number => (x > 16.619047164916992 ? 1 : x < -9 ? Math.exp(x) : f32(1 / f32(1 + f32(Math.exp(-x)))));

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const wide = (q: number): number => { const t = Math.floor((q * p.mult + p.round) / 2 ** p.shift); return p.tanh ? tanh16(t) : sigmoid16(t); };
  const float32 = p.tanh ? Math.tanh : logisticFloat;
  for (let i = 0; i < p.n; i++) {
    const q = x[i] as number;
    y[i] = x instanceof Float32Array ? float32(q) : x instanceof Int16Array ? wide(q) : (p.table[q & 255] as number);
  }
}

const lower = (tanh: boolean) => (n: ForeignNode, b: NetBuilder): readonly Value[] => [b.add("sigmoid", { tanh }, [operand(n, 0)], n.outputs[0])];

type Input = LayerCase<SigmoidAttrs>["inputs"][number];
const x8 = (scale: number, zero: number): Input => ({ dtype: "i8", shape: [1, 3, 87], quant: { scale: [scale], zero: [zero] } });
const x16 = (scale: number): Input => ({ dtype: "i16", shape: [301], quant: { scale: [scale], zero: [0] } });
const y16 = { dtype: "i16", quant: { scale: [2 ** -15], zero: [0] } } as const;
const floats: Input = { dtype: "f32", shape: [9] };

export default defineOp({
  name: "sigmoid",
  family: "neural",
  doc: "y = 1 / (1 + exp(-x)), or tanh(x)",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a, [x = []]) => [x],
  float: (a, [x]) => [(x ?? new Float64Array(0)).map(real(a.tanh))],
  params,
  levels: 1,
  prepare,
  int,
  traits: {
    elementwise: true,
    inPlace: true,
    quantise: { output: (a) => ({ i8: a.tanh ? { scale: 1 / 128, zero: 0 } : { scale: 1 / 256, zero: -128 }, i16: { scale: 1 / 32768, zero: 0 } }) },
  },
  from: {},
  net: { tflite: { LOGISTIC: lower(false), TANH: lower(true) }, onnx: fromOnnx },
  write: { tflite: (a, w) => w.add(a.tanh ? "TANH" : "LOGISTIC", null, w.inputs, w.output) },
  cases: [],
  layerCases: [
    { title: "logistic", attrs: { tanh: false }, inputs: [x8(0.05, 3)], output: { dtype: "i8", quant: { scale: [1 / 256], zero: [-128] } }, tolerance: 1 },
    { title: "logistic of a wide range", attrs: { tanh: false }, inputs: [x8(0.5, -128)], output: { dtype: "i8", quant: { scale: [1 / 256], zero: [-128] } }, tolerance: 1 },
    { title: "logistic in another scale", attrs: { tanh: false }, inputs: [x8(0.05, 127)], output: { dtype: "i8", quant: { scale: [0.006], zero: [-100] } }, tolerance: 0.51 },
    { title: "tanh", attrs: { tanh: true }, inputs: [x8(0.02, 127)], output: { dtype: "i8", quant: { scale: [1 / 128], zero: [0] } }, tolerance: 1 },
    { title: "logistic, int16", attrs: { tanh: false }, inputs: [x16(0.0003)], output: y16, tolerance: 16 },
    { title: "logistic, int16, scale a power of two", attrs: { tanh: false }, inputs: [x16(2 ** -12)], output: y16, tolerance: 16 },
    { title: "tanh, int16", attrs: { tanh: true }, inputs: [x16(0.0001)], output: y16, tolerance: 24 },
    { title: "tanh, int16, scale a power of two", attrs: { tanh: true }, inputs: [x16(2 ** -11)], output: y16, tolerance: 24 },
    { title: "logistic, float32", attrs: { tanh: false }, inputs: [floats], output: { dtype: "f32" }, tolerance: 0.00001 },
    { title: "tanh, float32", attrs: { tanh: true }, inputs: [floats], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
