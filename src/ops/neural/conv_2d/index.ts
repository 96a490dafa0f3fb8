/**
 * 2-D convolution, grouped and dilated. Activations are (1, height, width, channels), weights (out, kh, kw, in / groups).
 * Integer semantics: TFLite Micro's reference ConvPerChannel, int8 and int16x8.
 */
import { fail } from "../../../ir/diagnostics.js";
import { dotOf, layerParams, layerValues, stageOf } from "../../../ir/layer.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx, type Taps } from "../../../ir/op.js";
import { endOfWindow, leading, trailingWindow } from "../../../ir/overlap.js";
import type { ParamValues } from "../../../ir/params.js";
import { isRectifier, realRange } from "../../../ir/requantise.js";
import { zeroRows } from "../../../ir/rows.js";
import type { Shape, Tensor, TypedArray } from "../../../ir/types.js";
import { endInside, firstInside, windowShape, type WindowAttrs } from "../../../ir/window.js";
import { fromTflite } from "./from-tflite.js";
import { fromOnnx } from "./from-onnx.js";
import { bits } from "./pack-bits.js";
import { dsp } from "./pack-dsp.js";
import { mve } from "./pack-mve.js";
import { pack } from "./pack-pack.js";
import { tile } from "./pack-tile.js";
import { winograd, winogradBytes } from "./pack-winograd.js";
import { toTflite } from "./to-tflite.js";
import { fromKeras } from "./from-keras.js";

export type ConvAttrs = WindowAttrs & { readonly groups: number; readonly activation: string };

const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", out_c: "len", k_h: "len", k_w: "len", depth: "len", group: "len",
  stride_y: "len", stride_x: "len", dilation_y: "len", dilation_x: "len", top: "i16", left: "i16", ...layerParams,
} as const;
type Values = ParamValues<typeof params>;

function infer(a: ConvAttrs, [x = [], w = [], b]: readonly Shape[]): readonly Shape[] {
  const [batch = 0, h = 0, wide = 0, channels = 0] = x;
  const [out = 0, kh = 0, kw = 0, depth = 0] = w;
  if (x.length !== 4 || w.length !== 4 || batch !== 1) fail("ir/bad-shape", "conv_2d", `input (${x.join(", ")}), weights (${w.join(", ")})`, "Supported: input (1, height, width, channels), weights (out, kh, kw, in).");
  if (a.groups < 1 || depth * a.groups !== channels || out % a.groups !== 0) fail("ir/bad-shape", "conv_2d", `${channels} channels in ${a.groups} groups, weights of depth ${depth}`, "Channels must be depth times groups.");
  if (b && b.reduce((p, q) => p * q, 1) !== out) fail("ir/bad-shape", "conv_2d", `a bias of ${b.join(" x ")} for ${out} channels`, "Give one bias for each output channel.");
  return [[1, ...windowShape(a, [h, wide], [kh, kw], "conv_2d"), out]];
}

/** Shapes and borders as the kernel needs them. */
function geometry(a: ConvAttrs, x: Shape, w: Shape, y: Shape) {
  const [, inH = 1, inW = 1, inC = 1] = x;
  const [out = 1, kH = 1, kW = 1, depth = 1] = w;
  return {
    in_h: inH, in_w: inW, in_c: inC, out_h: y[1] ?? 1, out_w: y[2] ?? 1, out_c: out, k_h: kH, k_w: kW, depth, group: out / a.groups,
    stride_y: a.strideY, stride_x: a.strideX, dilation_y: a.dilationY, dilation_x: a.dilationX, top: a.top, left: a.left,
  };
}

/** Calls `cell` for every kernel cell that lies inside the image: offsets of the first channel in x and w. */
function cells(p: Values, oy: number, ox: number, first: number, o: number, cell: (x: number, w: number) => void): void {
  for (let ky = 0; ky < p.k_h; ky++) {
    const iy = oy * p.stride_y - p.top + ky * p.dilation_y;
    if (iy < 0 || iy >= p.in_h) continue;
    for (let kx = 0; kx < p.k_w; kx++) {
      const ix = ox * p.stride_x - p.left + kx * p.dilation_x;
      if (ix >= 0 && ix < p.in_w) cell((iy * p.in_w + ix) * p.in_c + first, ((o * p.k_h + ky) * p.k_w + kx) * p.depth);
    }
  }
}

function float(a: ConvAttrs, [x, w, b]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shapes = io?.inputs.map((t) => t.shape) ?? [];
  const [y = []] = infer(a, shapes);
  const p = { ...geometry(a, shapes[0] ?? [], shapes[1] ?? [], y) } as Values;
  const [lo, hi] = realRange(a.activation);
  const out = new Float64Array(y.reduce((m, n) => m * n, 1));
  if (!x || !w) return [out];
  for (let oy = 0, at = 0; oy < p.out_h; oy++) for (let ox = 0; ox < p.out_w; ox++) for (let o = 0; o < p.out_c; o++, at++) {
    let sum = b?.[o] ?? 0;
    cells(p, oy, ox, Math.floor(o / p.group) * p.depth, o, (i, k) => { for (let c = 0; c < p.depth; c++) sum += (x[i + c] as number) * (w[k + c] as number); });
    out[at] = Math.min(hi, Math.max(lo, sum));
  }
  return [out];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<ConvAttrs>) {
  const [x, w, b] = inputs as [Tensor, Tensor, Tensor | undefined];
  const y = outputs[0] as Tensor;
  const shape = geometry(attrs, x.shape, w.shape, y.shape);
  const made = layerValues({ channelAxis: 0, where: "conv_2d", activation: attrs.activation, channels: shape.out_c, x, w, b, y });
  return { params: { ...shape, ...made.params }, outputs: made.outputs };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const [dot, stage] = [dotOf(x), stageOf(x)];
  const { in_h: inH, in_w: inW, in_c: inC, out_w: outW, out_c: outC, k_h: kH, k_w: kW, depth, group, w, b, zero_x: zero, dilation_x: stepX } = p;
  // Cells of one row of the kernel that lie side by side in the image are one run.
  const joined = stepX === 1 && depth === inC;
  for (let oy = 0, at = 0; oy < p.out_h; oy++) {
    const y0 = oy * p.stride_y - p.top;
    const [firstY, endY] = [firstInside(y0, p.dilation_y), endInside(y0, p.dilation_y, kH, inH)];
    for (let ox = 0; ox < outW; ox++) {
      const x0 = ox * p.stride_x - p.left;
      const firstX = firstInside(x0, stepX);
      const endX = endInside(x0, stepX, kW, inW);
      for (let o = 0; o < outC; o++, at++) {
        const channel = joined ? 0 : Math.floor(o / group) * depth;
        let sum = b[o] as number;
        for (let ky = firstY; ky < endY; ky++) {
          const row = (y0 + ky * p.dilation_y) * inW + x0;
          const cell = (o * kH + ky) * kW;
          if (joined) sum = dot(x, (row + firstX) * inC, w, (cell + firstX) * depth, (endX - firstX) * depth, zero, sum);
          else for (let kx = firstX; kx < endX; kx++) sum = dot(x, (row + kx * stepX) * inC + channel, w, (cell + kx) * depth, depth, zero, sum);
        }
        y[at] = stage(p, sum, o);
      }
    }
  }
}

function taps(a: ConvAttrs, { inputs: [x, w], outputs: [y] }: NodeIo): Taps | null {
  if (!x || !w || !y || a.groups > 1) return null;
  const p = geometry(a, x.shape, w.shape, y.shape) as Values;
  const depth = p.k_h * p.k_w * p.depth;
  return {
    groups: 1, depth, positions: p.out_h * p.out_w, weight: (o, k) => o * depth + k,
    at: (position, _group, into) => {
      into.fill(-1);
      cells(p, Math.floor(position / p.out_w), position % p.out_w, 0, 0, (i, k) => { for (let c = 0; c < p.depth; c++) into[k + c] = i + c; });
    },
  };
}

const plain = { strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 0, left: 0, bottom: 0, right: 0, groups: 1, activation: "none" } as const;
const around = { top: 1, left: 1, bottom: 1, right: 1 } as const;
const x8 = (shape: Shape): LayerCase<ConvAttrs>["inputs"][number] => ({ dtype: "i8", shape, quant: { scale: [0.05], zero: [-3] } });
const values = (n: number, m: number): Int8Array => Int8Array.from({ length: n }, (_, i) => ((i * 37 + 11) % (2 * m + 1)) - m);
const w8 = (shape: readonly [number, number, number, number]): LayerCase<ConvAttrs>["inputs"][number] => ({
  dtype: "i8", shape, data: values(shape.reduce((a, b) => a * b, 1), 127), quant: { scale: Array.from({ length: shape[0] }, (_, i) => 0.01 + i * 0.003), zero: [0], axis: 0 },
});
/** Every second channel has weights of a twentieth: their sums are smaller by as much. */
const uneven = (t: LayerCase<ConvAttrs>["inputs"][number]): LayerCase<ConvAttrs>["inputs"][number] => ({ ...t, data: Int8Array.from(t.data ?? [], (v, i) => (Math.floor(i / ((t.data?.length ?? 1) / (t.shape[0] ?? 1))) % 2 === 0 ? 60 + Math.trunc(v / 2) : Math.trunc(v / 20))) });
/** Weights that are a few values only. */
const few = (shape: readonly [number, number, number, number], among: readonly number[]): LayerCase<ConvAttrs>["inputs"][number] => { const t = w8(shape); return { ...t, data: Int8Array.from(t.data ?? [], (v) => among[(v + 127) % among.length] ?? 0) }; };
const upTo = (lo: number, hi: number): readonly number[] => Array.from({ length: hi - lo + 1 }, (_, i) => lo + i);
const at8 = (scale: number, zero: number): LayerCase<ConvAttrs>["output"] => ({ dtype: "i8", quant: { scale: [scale], zero: [zero] } });
const bias = (n: number): LayerCase<ConvAttrs>["inputs"][number] => ({ dtype: "i32", shape: [n], data: Int32Array.from({ length: n }, (_, i) => i * 321 - 400), quant: { scale: Array.from({ length: n }, (_, i) => 0.05 * (0.01 + i * 0.003)), zero: [0] } });
const y8 = { dtype: "i8", quant: { scale: [0.11], zero: [5] } } as const;

export default defineOp({
  name: "conv_2d",
  family: "neural",
  doc: "y[h,w,o] = act(b[o] + sum x[h*s+i-top, w*s+j-left, c] * w[o,i,j,c])",
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
    mixesChannels: (a) => a.groups === 1,
    overlap: (p, size) => { const v = p as unknown as Values; return trailingWindow(v, (o) => Math.floor(o / v.group) * v.depth, size); },
    overlapBehind: (p, size) => { const v = p as unknown as Values; return leading(v.out_h * v.out_w, v.out_c === 1 ? 1 : 0, v.out_c, endOfWindow(v), size); },
    rows: zeroRows,
    fusesActivation: true,
    macs: (_a, { inputs: [, w], outputs: [y] }) => (y?.shape[1] ?? 0) * (y?.shape[2] ?? 0) * (w?.shape.reduce((p, q) => p * q, 1) ?? 0),
    quantise: { weights: { outputs: 0, inputs: 3 }, taps, homogeneous: isRectifier },
  },
  from: {},
  variants: [mve, winograd, winogradBytes, dsp, pack, tile, bits],
  net: { keras: fromKeras, tflite: { CONV_2D: fromTflite }, onnx: fromOnnx },
  write: { tflite: toTflite },
  cases: [],
  layerCases: [
    { title: "3x3 with borders", attrs: { ...plain, top: 1, left: 1, bottom: 1, right: 1 }, inputs: [x8([1, 5, 4, 3]), w8([4, 3, 3, 3]), bias(4)], output: y8, tolerance: 1 },
    { title: "stride 2, relu6, no bias", attrs: { ...plain, strideY: 2, strideX: 2, bottom: 1, right: 1, activation: "relu6" }, inputs: [x8([1, 6, 6, 2]), w8([3, 3, 3, 2])], output: y8, tolerance: 1 },
    { title: "two groups, dilated", attrs: { ...plain, groups: 2, dilationY: 2 }, inputs: [x8([1, 7, 3, 4]), w8([4, 2, 2, 2]), bias(4)], output: y8, tolerance: 1 },
    { title: "one pixel", attrs: plain, inputs: [x8([1, 1, 1, 5]), w8([1, 1, 1, 5]), bias(1)], output: y8, tolerance: 1 },
    { title: "three channels, stride 2, relu at the lowest value", attrs: { ...plain, strideY: 2, strideX: 2, bottom: 1, right: 1, activation: "relu" }, inputs: [x8([1, 8, 6, 3]), w8([8, 3, 3, 3]), bias(8)], output: at8(0.5, -128), tolerance: 1 },
    { title: "10x4 on one channel", attrs: { ...plain, strideY: 2, strideX: 2, top: 4, left: 1, bottom: 5, right: 1, activation: "relu" }, inputs: [x8([1, 13, 10, 1]), w8([6, 10, 4, 1]), bias(6)], output: at8(1.5, -128), tolerance: 1 },
    { title: "4 channels, borders, dilated down, bounds that show", attrs: { ...plain, dilationY: 2, top: 2, left: 1, bottom: 2, right: 1, activation: "relu6" }, inputs: [x8([1, 7, 5, 4]), w8([5, 3, 3, 4]), bias(5)], output: at8(0.15, -20), tolerance: 1 },
    { title: "each pixel by itself, odd channels", attrs: plain, inputs: [x8([1, 3, 5, 13]), w8([7, 1, 1, 13]), bias(7)], output: at8(0.4, 5), tolerance: 1 },
    { title: "each second pixel", attrs: { ...plain, strideY: 2, strideX: 2 }, inputs: [x8([1, 9, 4, 8]), w8([6, 1, 1, 8]), bias(6)], output: at8(0.3, -128), tolerance: 1 },
    { title: "16 channels with borders", attrs: { ...plain, top: 1, left: 1, bottom: 1, right: 1, activation: "relu" }, inputs: [x8([1, 3, 4, 16]), w8([3, 3, 3, 16]), bias(3)], output: at8(2, -128), tolerance: 1 },
    { title: "sums beyond 2^23", attrs: plain, inputs: [x8([1, 1, 5, 600]), uneven(w8([4, 1, 1, 600])), bias(4)], output: at8(20, 3), tolerance: 1 },
    { title: "multipliers of one and more", attrs: plain, inputs: [x8([1, 2, 3, 2]), w8([3, 1, 1, 2]), bias(3)], output: at8(0.0006, 0), tolerance: 1 },
    { title: "multipliers next to nothing", attrs: plain, inputs: [x8([1, 2, 3, 2]), w8([3, 1, 1, 2]), bias(3)], output: at8(3000, 7), tolerance: 1 },
    { title: "3x3 for tiles, relu", attrs: { ...plain, ...around, activation: "relu" }, inputs: [x8([1, 8, 12, 8]), w8([9, 3, 3, 8]), bias(9)], output: at8(0.9, -128), tolerance: 1 },
    { title: "3x3 for tiles, odd width and height, 13 channels", attrs: { ...plain, ...around }, inputs: [x8([1, 7, 11, 13]), w8([11, 3, 3, 13])], output: at8(1.5, 9), tolerance: 1 },
    { title: "3x3 for tiles, no borders, bounds that show", attrs: { ...plain, activation: "relu6" }, inputs: [x8([1, 8, 10, 16]), w8([5, 3, 3, 16]), bias(5)], output: at8(0.15, -20), tolerance: 1 },
    { title: "3x3 for tiles, two columns of border, one row more below", attrs: { ...plain, top: 0, bottom: 1, left: 2, right: 2 }, inputs: [x8([1, 5, 4, 32]), w8([4, 3, 3, 32]), bias(4)], output: at8(2, -1), tolerance: 1 },
    { title: "4 bits, borders, groups of four pixels and three left", attrs: { ...plain, top: 1, left: 1, bottom: 1, right: 1 }, inputs: [x8([1, 5, 3, 3]), few([4, 3, 3, 3], upTo(-8, 7)), bias(4)], output: at8(0.08, 5), tolerance: 1 },
    { title: "3 bits, each pixel by itself, biases of 32 bits", attrs: plain, inputs: [x8([1, 3, 5, 37]), few([5, 1, 1, 37], upTo(-4, 3)), { ...bias(5), data: Int32Array.of(-70000, 4, 500, 40000, -3) }], output: at8(0.4, 5), tolerance: 1 },
    { title: "2 bits {-3, -1, 1, 3}, many multipliers, stride 2", attrs: { ...plain, strideY: 2, strideX: 2, right: 1 }, inputs: [x8([1, 7, 6, 5]), few([11, 3, 2, 5], [-3, -1, 1, 3]), bias(11)], output: at8(0.2, -128), tolerance: 1 },
    { title: "2 bits {-1, 0, 1}, dilated down, relu6", attrs: { ...plain, dilationY: 2, top: 2, activation: "relu6" }, inputs: [x8([1, 6, 4, 4]), few([3, 2, 3, 4], [-1, 0, 1]), bias(3)], output: at8(0.05, -20), tolerance: 1 },
    { title: "1 bit {-1, 1}", attrs: plain, inputs: [x8([1, 2, 6, 48]), few([6, 1, 1, 48], [-1, 1]), bias(6)], output: at8(0.05, 0), tolerance: 1 },
    { title: "1 bit {0, 127}, 7 and 5 bits' span", attrs: plain, inputs: [x8([1, 2, 2, 40]), few([3, 1, 1, 40], [0, 127]), bias(3)], output: at8(1.1, 0), tolerance: 1 },
    { title: "2 bits, multipliers from a quarter to 32", attrs: plain, inputs: [x8([1, 3, 3, 9]), { ...few([9, 1, 1, 9], [-2, -1, 0, 1]), quant: { scale: Array.from({ length: 9 }, (_, i) => 0.01 * 2 ** (i * 0.9)), zero: [0], axis: 0 } }], output: at8(0.002, 3), tolerance: 1 },
    { title: "6 bits, weights above zero", attrs: plain, inputs: [x8([1, 3, 3, 70]), few([4, 1, 1, 70], upTo(3, 50)), bias(4)], output: at8(1.3, 9), tolerance: 1 },
    { title: "int16 activations", attrs: { ...plain, top: 1, left: 1, bottom: 1, right: 1 }, inputs: [{ dtype: "i16", shape: [1, 4, 4, 2], quant: { scale: [0.001], zero: [0] } }, w8([3, 3, 3, 2])], output: { dtype: "i16", quant: { scale: [0.002], zero: [0] } }, tolerance: 1 },
  ],
});
