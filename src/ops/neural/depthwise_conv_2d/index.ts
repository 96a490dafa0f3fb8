/**
 * 2-D convolution of each channel by itself. Activations are (1, height, width, channels), weights
 * (1, kh, kw, channels * multiplier): output channel c * multiplier + j reads input channel c.
 * Integer semantics: TFLite Micro's reference DepthwiseConvPerChannel, int8 and int16x8.
 */
import { fail } from "../../../ir/diagnostics.js";
import { layerParams, layerValues, spreadOf, stageOf, sumsFor } from "../../../ir/layer.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx, type Taps } from "../../../ir/op.js";
import { trailingWindow } from "../../../ir/overlap.js";
import type { ParamValues } from "../../../ir/params.js";
import { isRectifier, realRange } from "../../../ir/requantise.js";
import { zeroRows } from "../../../ir/rows.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { endInside, firstInside, windowShape, type WindowAttrs } from "../../../ir/window.js";
import { fromTflite } from "./from-tflite.js";
import { bits } from "./pack-bits.js";
import { mve } from "./pack-mve.js";
import { dsp, dspBands } from "./pack-dsp.js";
import { dspDirect } from "./pack-dsp-direct.js";
import { inPlace } from "./pack-in-place.js";
import { pack } from "./pack-pack.js";
import { tile } from "./pack-tile.js";
import { toTflite } from "./to-tflite.js";
import { fromKeras } from "./from-keras.js";

export type DepthwiseAttrs = WindowAttrs & { readonly activation: string };

/** `each`: outputs of one input channel. */
const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", out_c: "len", each: "len", k_h: "len", k_w: "len",
  stride_y: "len", stride_x: "len", dilation_y: "len", dilation_x: "len", top: "i16", left: "i16", ...layerParams,
} as const;
type Values = ParamValues<typeof params>;

function infer(a: DepthwiseAttrs, [x = [], w = [], b]: readonly Shape[]): readonly Shape[] {
  const [batch = 0, h = 0, wide = 0, channels = 0] = x;
  const [one = 0, kh = 0, kw = 0, out = 0] = w;
  if (x.length !== 4 || w.length !== 4 || batch !== 1 || one !== 1) fail("ir/bad-shape", "depthwise_conv_2d", `input (${x.join(", ")}), weights (${w.join(", ")})`, "Supported: input (1, height, width, channels), weights (1, kh, kw, channels * multiplier).");
  if (out % channels !== 0) fail("ir/bad-shape", "depthwise_conv_2d", `${channels} channels, weights for ${out}`, "The outputs must be a multiple of the input channels.");
  if (b && count(b) !== out) fail("ir/bad-shape", "depthwise_conv_2d", `a bias of ${b.join(" x ")} for ${out} channels`, "Give one bias for each output channel.");
  return [[1, ...windowShape(a, [h, wide], [kh, kw], "depthwise_conv_2d"), out]];
}

function geometry(a: DepthwiseAttrs, x: Shape, w: Shape, y: Shape) {
  const [, inH = 1, inW = 1, inC = 1] = x;
  const [, kH = 1, kW = 1, out = 1] = w;
  return {
    in_h: inH, in_w: inW, in_c: inC, out_h: y[1] ?? 1, out_w: y[2] ?? 1, out_c: out, each: out / inC, k_h: kH, k_w: kW,
    stride_y: a.strideY, stride_x: a.strideX, dilation_y: a.dilationY, dilation_x: a.dilationX, top: a.top, left: a.left,
  };
}

function float(a: DepthwiseAttrs, [x, w, b]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shapes = io?.inputs.map((t) => t.shape) ?? [];
  const [y = []] = infer(a, shapes);
  const p = geometry(a, shapes[0] ?? [], shapes[1] ?? [], y);
  const [lo, hi] = realRange(a.activation);
  const out = new Float64Array(count(y));
  if (!x || !w) return [out];
  for (let oy = 0, at = 0; oy < p.out_h; oy++) for (let ox = 0; ox < p.out_w; ox++) for (let o = 0; o < p.out_c; o++, at++) {
    let sum = b?.[o] ?? 0;
    for (let ky = 0; ky < p.k_h; ky++) for (let kx = 0; kx < p.k_w; kx++) {
      const [iy, ix] = [oy * p.stride_y - p.top + ky * p.dilation_y, ox * p.stride_x - p.left + kx * p.dilation_x];
      if (iy < 0 || iy >= p.in_h || ix < 0 || ix >= p.in_w) continue;
      sum += (x[(iy * p.in_w + ix) * p.in_c + Math.floor(o / p.each)] as number) * (w[(ky * p.k_w + kx) * p.out_c + o] as number);
    }
    out[at] = Math.min(hi, Math.max(lo, sum));
  }
  return [out];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<DepthwiseAttrs>) {
  const [x, w, b] = inputs as [Tensor, Tensor, Tensor | undefined];
  const y = outputs[0] as Tensor;
  const shape = geometry(attrs, x.shape, w.shape, y.shape);
  const made = layerValues({ channelAxis: 3, where: "depthwise_conv_2d", activation: attrs.activation, channels: shape.out_c, x, w, b, y });
  return { params: { ...shape, ...made.params }, outputs: made.outputs };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const [spread, stage, sums] = [spreadOf(x), stageOf(x), sumsFor(x, p.out_c)];
  const { in_h: inH, in_w: inW, in_c: inC, out_w: outW, out_c: outC, k_h: kH, k_w: kW, w, dilation_x: stepX } = p;
  for (let oy = 0, at = 0; oy < p.out_h; oy++) {
    const y0 = oy * p.stride_y - p.top;
    const [firstY, endY] = [firstInside(y0, p.dilation_y), endInside(y0, p.dilation_y, kH, inH)];
    for (let ox = 0; ox < outW; ox++) {
      const x0 = ox * p.stride_x - p.left;
      const [firstX, endX] = [firstInside(x0, stepX), endInside(x0, stepX, kW, inW)];
      sums.set(p.b);
      for (let ky = firstY; ky < endY; ky++) for (let kx = firstX; kx < endX; kx++) {
        spread(sums, x, ((y0 + ky * p.dilation_y) * inW + x0 + kx * stepX) * inC, w, (ky * kW + kx) * outC, inC, p.each, p.zero_x);
      }
      for (let o = 0; o < outC; o++, at++) y[at] = stage(p, sums[o] as number, o);
    }
  }
}

function taps(a: DepthwiseAttrs, { inputs: [x, w], outputs: [y] }: NodeIo): Taps {
  const p = geometry(a, x?.shape ?? [], w?.shape ?? [], y?.shape ?? []);
  const depth = p.k_h * p.k_w;
  return {
    groups: p.in_c, depth, positions: p.out_h * p.out_w, weight: (o, k) => k * p.out_c + o,
    at: (position, group, into) => {
      const [oy, ox] = [Math.floor(position / p.out_w), position % p.out_w];
      for (let k = 0; k < depth; k++) {
        const [iy, ix] = [oy * p.stride_y - p.top + Math.floor(k / p.k_w) * p.dilation_y, ox * p.stride_x - p.left + (k % p.k_w) * p.dilation_x];
        into[k] = iy < 0 || iy >= p.in_h || ix < 0 || ix >= p.in_w ? -1 : (iy * p.in_w + ix) * p.in_c + group;
      }
    },
  };
}

const plain = { strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 0, left: 0, bottom: 0, right: 0, activation: "none" } as const;
const same = { ...plain, top: 1, left: 1, bottom: 1, right: 1 } as const;
type Input = LayerCase<DepthwiseAttrs>["inputs"][number];
const x8 = (shape: Shape, zero = -3): Input => ({ dtype: "i8", shape, quant: { scale: [0.05], zero: [zero] } });
const scales = (n: number): number[] => Array.from({ length: n }, (_, i) => 0.01 + i * 0.003);
const weights = (shape: Shape): Input => ({
  dtype: "i8", shape, data: Int8Array.from({ length: count(shape) }, (_, i) => ((i * 37 + 11) % 255) - 127), quant: { scale: scales(shape[3] ?? 1), zero: [0], axis: 3 },
});
const bias = (n: number, scale = 0.05): Input => ({ dtype: "i32", shape: [n], data: Int32Array.from({ length: n }, (_, i) => i * 321 - 400), quant: { scale: scales(n).map((s) => s * scale), zero: [0] } });
/** Weights of `n` values, from `least` on. */
const few = (shape: Shape, n: number, least: number): Input => { const t = weights(shape); return { ...t, data: Int8Array.from(t.data ?? [], (v) => least + ((v + 127) % n)) }; };
const y8 = { dtype: "i8", quant: { scale: [0.11], zero: [5] } } as const;
const reals = (shape: Shape, step: number): Input => ({ dtype: "f32", shape, data: Float32Array.from({ length: count(shape) }, (_, i) => ((i * 37) % 19) * step - 9 * step) });

export default defineOp({
  name: "depthwise_conv_2d",
  family: "neural",
  doc: "y[h,w,c*m+j] = act(b[c*m+j] + sum x[h*s+i-top, w*s+k-left, c] * w[i,k,c*m+j])",
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
    channelwise: true,
    overlap: (p, size) => { const v = p as unknown as Values; return trailingWindow(v, (o) => Math.floor(o / v.each), size); },
    rows: zeroRows,
    fusesActivation: true,
    macs: (_a, { inputs: [, w], outputs: [y] }) => (y?.shape[1] ?? 0) * (y?.shape[2] ?? 0) * count(w?.shape ?? [0]),
    quantise: { weights: { outputs: 3, inputs: 3 }, taps, homogeneous: isRectifier },
  },
  from: {},
  variants: [mve, dspDirect, dspBands, dsp, pack, tile, inPlace, bits],
  net: { keras: fromKeras, tflite: { DEPTHWISE_CONV_2D: fromTflite } },
  write: { tflite: toTflite },
  cases: [],
  layerCases: [
    { title: "9 channels, relu at the lowest value", attrs: { ...same, activation: "relu" }, inputs: [x8([1, 7, 5, 9], 11), weights([1, 3, 3, 9]), bias(9)], output: { dtype: "i8", quant: { scale: [0.3], zero: [-128] } }, tolerance: 1 },
    { title: "4 channels, stride 2, border below and right", attrs: { ...plain, strideY: 2, strideX: 2, bottom: 1, right: 1 }, inputs: [x8([1, 8, 6, 4], -128), weights([1, 3, 3, 4]), bias(4)], output: y8, tolerance: 1 },
    { title: "stride 2, borders all around, bounds that show", attrs: { ...same, strideY: 2, strideX: 2, activation: "relu6" }, inputs: [x8([1, 5, 7, 5]), weights([1, 3, 3, 5])], output: y8, tolerance: 1 },
    { title: "19 channels", attrs: { ...same, activation: "relu6" }, inputs: [x8([1, 5, 7, 19]), weights([1, 3, 3, 19]), bias(19)], output: y8, tolerance: 1 },
    { title: "18 channels, stride 2, relu at the lowest value", attrs: { ...same, strideY: 2, strideX: 2, activation: "relu" }, inputs: [x8([1, 5, 6, 18], 7), weights([1, 3, 3, 18]), bias(18)], output: { dtype: "i8", quant: { scale: [0.3], zero: [-128] } }, tolerance: 1 },
    { title: "no borders, one row", attrs: plain, inputs: [x8([1, 3, 8, 4], 127), weights([1, 3, 3, 4]), bias(4)], output: y8, tolerance: 1 },
    { title: "several bands", attrs: same, inputs: [x8([1, 20, 20, 4]), weights([1, 3, 3, 4]), bias(4)], output: y8, tolerance: 1 },
    { title: "several bands, stride 2", attrs: { ...plain, strideY: 2, strideX: 2, bottom: 1, right: 1 }, inputs: [x8([1, 24, 24, 4]), weights([1, 3, 3, 4]), bias(4)], output: y8, tolerance: 1 },
    { title: "3x3 with borders", attrs: same, inputs: [x8([1, 5, 4, 3]), weights([1, 3, 3, 3]), bias(3)], output: y8, tolerance: 1 },
    { title: "two outputs for each channel, stride 2, relu", attrs: { ...plain, strideY: 2, strideX: 2, bottom: 1, right: 1, activation: "relu" }, inputs: [x8([1, 6, 7, 3], 127), weights([1, 3, 2, 6]), bias(6)], output: { dtype: "i8", quant: { scale: [0.08], zero: [-128] } }, tolerance: 1 },
    { title: "dilated, no bias", attrs: { ...plain, dilationY: 2, dilationX: 3, left: 2, right: 1 }, inputs: [x8([1, 5, 6, 2], -128), weights([1, 2, 2, 2])], output: y8, tolerance: 1 },
    { title: "4 bits", attrs: same, inputs: [x8([1, 5, 4, 7]), few([1, 3, 3, 7], 16, -8), bias(7)], output: y8, tolerance: 1 },
    { title: "3 bits, two outputs for each channel, stride 2, dilated", attrs: { ...plain, strideY: 2, strideX: 2, dilationY: 2, dilationX: 3, top: 3, left: 4, right: 2 }, inputs: [x8([1, 7, 8, 3], 9), few([1, 3, 3, 6], 8, -4), bias(6)], output: y8, tolerance: 1 },
    { title: "2 bits, relu", attrs: { ...same, activation: "relu" }, inputs: [x8([1, 4, 4, 10], -128), few([1, 3, 3, 10], 4, -2), bias(10)], output: { dtype: "i8", quant: { scale: [0.05], zero: [-128] } }, tolerance: 1 },
    { title: "1 bit {0, 1}", attrs: plain, inputs: [x8([1, 6, 3, 5]), few([1, 3, 2, 5], 2, 0), bias(5)], output: y8, tolerance: 1 },
    { title: "int16 activations", attrs: same, inputs: [{ dtype: "i16", shape: [1, 4, 3, 2], quant: { scale: [0.001], zero: [0] } }, weights([1, 3, 3, 4]), bias(4, 0.001)], output: { dtype: "i16", quant: { scale: [0.002], zero: [0] } }, tolerance: 1 },
    { title: "float32", attrs: { ...same, activation: "relu6" }, inputs: [{ dtype: "f32", shape: [1, 4, 3, 2] }, reals([1, 3, 3, 4], 0.07), reals([4], 0.2)], output: { dtype: "f32" }, tolerance: 1e-5 },
  ],
});
