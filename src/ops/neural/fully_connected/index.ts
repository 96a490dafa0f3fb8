/**
 * y = W x + b for each row of the input; weights are (out, in). Rows are all leading elements together.
 * Integer semantics: TFLite Micro's reference FullyConnected (one weight scale) and FullyConnectedPerChannel, int8 and int16x8.
 */
import { fail } from "../../../ir/diagnostics.js";
import { dotOf, layerParams, layerValues, stageOf } from "../../../ir/layer.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx, type Taps } from "../../../ir/op.js";
import { trailing } from "../../../ir/overlap.js";
import type { ParamValues } from "../../../ir/params.js";
import { isRectifier, multiplier, realRange, scaleOf } from "../../../ir/requantise.js";
import { count, scaleAt, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromTflite } from "./from-tflite.js";
import { fromOnnx } from "./from-onnx.js";
import { bits } from "./pack-bits.js";
import { dsp } from "./pack-dsp.js";
import { mve } from "./pack-mve.js";
import { pack } from "./pack-pack.js";
import { tile } from "./pack-tile.js";
import { toTflite } from "./to-tflite.js";
import { fromKeras } from "./from-keras.js";

export type FullyConnectedAttrs = { readonly keepDims: boolean; readonly activation: string };

/** `per_channel` is 1 where every output has its own multiplier. */
const params = { rows: "len", depth: "len", out: "len", per_channel: "u8", ...layerParams } as const;
type Values = ParamValues<typeof params>;

function infer({ keepDims }: FullyConnectedAttrs, [x = [], w = [], b]: readonly Shape[]): readonly Shape[] {
  const [out = 0, depth = 0] = w;
  const rows = count(x) / depth;
  if (w.length !== 2 || !Number.isInteger(rows) || rows < 1) fail("ir/bad-shape", "fully_connected", `input (${x.join(", ")}), weights (${w.join(", ")})`, "The weights are (out, in), and the input holds whole rows of `in` elements.");
  if (keepDims && x.at(-1) !== depth) fail("ir/bad-shape", "fully_connected", `rows of ${x.at(-1) ?? 0} elements, weights for ${depth}`, "With keep_num_dims the last dimension of the input must be that of the weights.");
  if (b && count(b) !== out) fail("ir/bad-shape", "fully_connected", `a bias of ${b.join(" x ")} for ${out} outputs`, "Give one bias for each output.");
  return [keepDims ? [...x.slice(0, -1), out] : [rows, out]];
}

function float(a: FullyConnectedAttrs, [x, w, b]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const [out = 1, depth = 1] = io?.inputs[1]?.shape ?? [];
  const [lo, hi] = realRange(a.activation);
  if (!x || !w) return [new Float64Array(0)];
  return [Float64Array.from({ length: (x.length / depth) * out }, (_, at) => {
    const [row, o] = [Math.floor(at / out) * depth, at % out];
    let sum = b?.[o] ?? 0;
    for (let c = 0; c < depth; c++) sum += (x[row + c] as number) * (w[o * depth + c] as number);
    return Math.min(hi, Math.max(lo, sum));
  })];
}

/** One weight scale: the product of the scales is rounded to float32, other than with one scale for each channel. */
function oneMultiplier(x: Tensor, w: Tensor, b: Tensor | undefined, y: Tensor): { readonly mult: Int32Array; readonly shift: Int8Array } {
  const [si, sw, so] = [x, w, y].map((t) => scaleOf(t, "fully_connected").scale) as [number, number, number];
  const product = Math.fround(si * sw);
  const off = b?.quant ? Math.abs(product - Math.fround(scaleAt(b.quant, 0))) / so : 0;
  if (off > 0.02) fail("network/bias-scale", "fully_connected", `the bias has the scale ${scaleAt(b?.quant ?? { scale: [0], zero: [0] }, 0)}, input and weights give ${product}`, "TFLite Micro refuses this model too: the bias must have the scale input * weights. Convert it again.");
  const m = multiplier(product / so);
  return { mult: Int32Array.of(m.mult), shift: Int8Array.of(m.shift) };
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<FullyConnectedAttrs>) {
  const [x, w, b] = inputs as [Tensor, Tensor, Tensor | undefined];
  const y = outputs[0] as Tensor;
  const [out = 1, depth = 1] = w.shape;
  const perChannel = (w.quant?.scale.length ?? 1) > 1;
  const made = layerValues({ channelAxis: 0, where: "fully_connected", activation: attrs.activation, channels: out, x, w, b, y, ...(perChannel ? {} : { multipliers: () => oneMultiplier(x, w, b, y) }) });
  return { params: { rows: count(x.shape) / depth, depth, out, per_channel: perChannel ? 1 : 0, ...made.params }, outputs: made.outputs };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const [dot, stage] = [dotOf(x), stageOf(x)];
  const { depth, out, w, b, zero_x: zero, per_channel: perChannel } = p;
  for (let r = 0, at = 0; r < p.rows; r++) for (let o = 0; o < out; o++, at++) {
    y[at] = stage(p, dot(x, r * depth, w, o * depth, depth, zero, b[o] as number), perChannel * o);
  }
}

function taps({ inputs: [x, w] }: NodeIo): Taps {
  const depth = w?.shape[1] ?? 1;
  return { groups: 1, depth, positions: count(x?.shape ?? []) / depth, weight: (o, k) => o * depth + k, at: (position, _group, into) => { for (let k = 0; k < depth; k++) into[k] = position * depth + k; } };
}

type Input = LayerCase<FullyConnectedAttrs>["inputs"][number];
const plain = { keepDims: false, activation: "none" } as const;
const x8 = (shape: Shape, zero = -3): Input => ({ dtype: "i8", shape, quant: { scale: [0.05], zero: [zero] } });
const weights = (out: number, depth: number, scale: readonly number[] = [0.02]): Input => ({
  dtype: "i8", shape: [out, depth], data: Int8Array.from({ length: out * depth }, (_, i) => ((i * 37 + 11) % 255) - 127), quant: { scale, zero: [0], axis: 0 },
});
/** Weights so small that the sum of eight is below 256, but for some in a row. */
const small = (out: number, depth: number, scale?: readonly number[]): Input => ({ ...weights(out, depth, scale), data: Int8Array.from({ length: out * depth }, (_, i) => (i % 97 < 11 ? 36 + (i % 5) : ((i * 29 + 5) % 61) - 30)) });
/** Weights of `n` values, from `least` on. */
const few = (out: number, depth: number, n: number, least: number): Input => { const t = weights(out, depth); return { ...t, data: Int8Array.from(t.data ?? [], (v) => least + ((v + 127) % n)) }; };
const bias = (n: number, scale: number): Input => ({ dtype: "i32", shape: [n], data: Int32Array.from({ length: n }, (_, i) => i * 321 - 400), quant: { scale: [Math.fround(scale)], zero: [0] } });
const y8 = { dtype: "i8", quant: { scale: [0.21], zero: [5] } } as const;
const reals = (shape: Shape, step: number): Input => ({ dtype: "f32", shape, data: Float32Array.from({ length: count(shape) }, (_, i) => ((i * 37) % 19) * step - 9 * step) });

export default defineOp({
  name: "fully_connected",
  family: "neural",
  doc: "y[r,o] = act(b[o] + sum x[r,i] * w[o,i])",
  inputs: ["x"],
  constants: ["w", "b"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: {
    readsRows: true,
    mixesChannels: true,
    overlap: (p, size) => { const { rows, out, depth } = p as unknown as Values; return trailing(rows * out, (j) => Math.floor(j / out) * depth, size); },
    fusesActivation: true,
    macs: (_a, { inputs: [x, w] }) => count(x?.shape ?? [0]) * (w?.shape[0] ?? 0),
    quantise: { weights: { outputs: 0, inputs: 1 }, taps: (_a, io) => taps(io), homogeneous: isRectifier },
  },
  from: {},
  variants: [mve, dsp, pack, tile, bits],
  net: { keras: fromKeras, tflite: { FULLY_CONNECTED: fromTflite }, onnx: fromOnnx },
  write: { tflite: toTflite },
  cases: [],
  layerCases: [
    { title: "37 inputs, 9 outputs, relu at the lowest value", attrs: { keepDims: false, activation: "relu" }, inputs: [x8([1, 37], 11), weights(9, 37), bias(9, 0.001)], output: { dtype: "i8", quant: { scale: [0.4], zero: [-128] } }, tolerance: 1 },
    { title: "sums beyond 2^23", attrs: plain, inputs: [x8([1, 600]), weights(3, 600), bias(3, 0.001)], output: { dtype: "i8", quant: { scale: [30], zero: [0] } }, tolerance: 1 },
    { title: "six rows", attrs: plain, inputs: [x8([6, 18]), weights(4, 18), bias(4, 0.001)], output: y8, tolerance: 1 },
    { title: "one weight scale", attrs: plain, inputs: [x8([1, 13]), weights(5, 13), bias(5, 0.001)], output: y8, tolerance: 1 },
    { title: "a scale for each channel, no bias, relu", attrs: { ...plain, activation: "relu" }, inputs: [x8([1, 2, 3], 127), weights(4, 6, [0.01, 0.02, 0.03, 0.015])], output: { dtype: "i8", quant: { scale: [0.1], zero: [-128] } }, tolerance: 1 },
    { title: "rows, dimensions kept", attrs: { ...plain, keepDims: true }, inputs: [x8([1, 3, 7], -128), weights(2, 7), bias(2, 0.001)], output: y8, tolerance: 1 },
    { title: "4 bits, one weight scale, six rows", attrs: plain, inputs: [x8([6, 18]), few(4, 18, 16, -8), bias(4, 0.001)], output: y8, tolerance: 1 },
    { title: "3 bits", attrs: plain, inputs: [x8([1, 100]), few(9, 100, 8, -4), bias(9, 0.001)], output: y8, tolerance: 1 },
    { title: "2 bits", attrs: plain, inputs: [x8([1, 33]), few(12, 33, 4, -2), bias(12, 0.001)], output: y8, tolerance: 1 },
    { title: "1 bit {0, 1}", attrs: plain, inputs: [x8([2, 65], 11), few(7, 65, 2, 0), bias(7, 0.001)], output: y8, tolerance: 1 },
    { title: "int16 activations", attrs: plain, inputs: [{ dtype: "i16", shape: [1, 9], quant: { scale: [0.001], zero: [0] } }, weights(3, 9), bias(3, 0.00002)], output: { dtype: "i16", quant: { scale: [0.003], zero: [0] } }, tolerance: 1 },
    { title: "longer than 255", attrs: plain, inputs: [x8([1, 300]), weights(2, 300), bias(2, 0.001)], output: { dtype: "i8", quant: { scale: [0.9], zero: [0] } }, tolerance: 1 },
    { title: "three rows, small weights", attrs: plain, inputs: [x8([3, 37]), small(9, 37), bias(9, 0.001)], output: y8, tolerance: 1 },
    { title: "small weights, relu at the lowest value", attrs: { ...plain, activation: "relu" }, inputs: [x8([1, 64], 127), small(16, 64, Array.from({ length: 16 }, (_, o) => 0.02 + o * 0.003))], output: { dtype: "i8", quant: { scale: [0.2], zero: [-128] } }, tolerance: 1 },
    { title: "a long row of small weights, relu6", attrs: { ...plain, activation: "relu6" }, inputs: [x8([1, 500], -128), small(11, 500), bias(11, 0.001)], output: { dtype: "i8", quant: { scale: [0.03], zero: [-100] } }, tolerance: 1 },
    { title: "float32", attrs: { ...plain, activation: "relu_n1_to_1" }, inputs: [{ dtype: "f32", shape: [1, 6] }, reals([4, 6], 0.03), reals([4], 0.1)], output: { dtype: "f32" }, tolerance: 1e-5 },
  ],
});
