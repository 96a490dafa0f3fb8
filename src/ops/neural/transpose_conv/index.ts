/**
 * Transposed 2-D convolution: cell (h, w) of the image adds to the window of the output that starts at (h * stride - top,
 * w * stride - left). Each output gathers its sum, so that nothing but the output is held.
 * Integer semantics: TFLite Micro's reference TransposeConv, int8 and int16x8.
 */
import { fail } from "../../../ir/diagnostics.js";
import { dotOf, layerParams, layerValues, stageOf } from "../../../ir/layer.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { isRectifier, realRange } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromTflite } from "./from-tflite.js";
import { fromOnnx } from "./from-onnx.js";
import { toTflite } from "./to-tflite.js";
import { fromKeras } from "./from-keras.js";
import type { TransposeConvAttrs } from "./attrs.js";

export type { TransposeConvAttrs } from "./attrs.js";

const params = {
  in_h: "len", in_w: "len", depth: "len", out_h: "len", out_w: "len", out_c: "len", k_h: "len", k_w: "len",
  stride_y: "len", stride_x: "len", top: "i16", left: "i16", ...layerParams,
} as const;
type Values = ParamValues<typeof params>;
type Geometry = Pick<Values, "in_h" | "in_w" | "depth" | "out_h" | "out_w" | "out_c" | "k_h" | "k_w" | "stride_y" | "stride_x" | "top" | "left">;

const where = "transpose_conv";

function infer(a: TransposeConvAttrs, [x = [], w = [], b]: readonly Shape[]): readonly Shape[] {
  const [out = 0, , , depth = 0] = w;
  if (x.length !== 4 || w.length !== 4 || x[0] !== 1 || x[3] !== depth) fail("ir/bad-shape", where, `input (${x.join(", ")}), weights (${w.join(", ")})`, "Supported: input (1, height, width, channels), weights (out, kh, kw, channels).");
  if ([a.strideY, a.strideX, a.outH, a.outW].some((v) => v < 1) || a.top < 0 || a.left < 0) fail("ir/bad-window", where, `stride ${a.strideY} x ${a.strideX}, output ${a.outH} x ${a.outW}`, "The model is damaged.");
  if (b && count(b) !== out) fail("ir/bad-shape", where, `a bias of ${b.join(" x ")} for ${out} channels`, "Give one bias for each output channel.");
  return [[1, a.outH, a.outW, out]];
}

function geometry(a: TransposeConvAttrs, x: Shape, w: Shape): Geometry {
  const [, inH = 1, inW = 1, depth = 1] = x;
  const [out = 1, kH = 1, kW = 1] = w;
  return { in_h: inH, in_w: inW, depth, out_h: a.outH, out_w: a.outW, out_c: out, k_h: kH, k_w: kW, stride_y: a.strideY, stride_x: a.strideX, top: a.top, left: a.left };
}

/** Calls `cell` for every cell of the image that reaches output (oy, ox) of channel o: offsets of its first channel in x and w. */
function cells(p: Geometry, oy: number, ox: number, o: number, cell: (x: number, w: number) => void): void {
  for (let ky = (oy + p.top) % p.stride_y; ky < p.k_h; ky += p.stride_y) {
    const iy = (oy + p.top - ky) / p.stride_y;
    if (iy < 0 || iy >= p.in_h) continue;
    for (let kx = (ox + p.left) % p.stride_x; kx < p.k_w; kx += p.stride_x) {
      const ix = (ox + p.left - kx) / p.stride_x;
      if (ix >= 0 && ix < p.in_w) cell((iy * p.in_w + ix) * p.depth, ((o * p.k_h + ky) * p.k_w + kx) * p.depth);
    }
  }
}

function float(a: TransposeConvAttrs, [x, w, b]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shapes = io?.inputs.map((t) => t.shape) ?? [];
  const p = geometry(a, shapes[0] ?? [], shapes[1] ?? []);
  const [lo, hi] = realRange(a.activation);
  const out = new Float64Array(p.out_h * p.out_w * p.out_c);
  if (!x || !w) return [out];
  for (let oy = 0, at = 0; oy < p.out_h; oy++) for (let ox = 0; ox < p.out_w; ox++) for (let o = 0; o < p.out_c; o++, at++) {
    let sum = b?.[o] ?? 0;
    cells(p, oy, ox, o, (i, k) => { for (let c = 0; c < p.depth; c++) sum += (x[i + c] as number) * (w[k + c] as number); });
    out[at] = Math.min(hi, Math.max(lo, sum));
  }
  return [out];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<TransposeConvAttrs>) {
  const [x, w, b] = inputs as [Tensor, Tensor, Tensor | undefined];
  const shape = geometry(attrs, x.shape, w.shape);
  const made = layerValues({ channelAxis: 0, where, activation: attrs.activation, channels: shape.out_c, x, w, b, y: outputs[0] as Tensor });
  return { params: { ...shape, ...made.params }, outputs: made.outputs };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const [dot, stage] = [dotOf(x), stageOf(x)];
  for (let oy = 0, at = 0; oy < p.out_h; oy++) for (let ox = 0; ox < p.out_w; ox++) for (let o = 0; o < p.out_c; o++, at++) {
    let sum = p.b[o] as number;
    cells(p, oy, ox, o, (i, k) => { sum = dot(x, i, p.w, k, p.depth, p.zero_x, sum); });
    y[at] = stage(p, sum, o);
  }
}

type Input = LayerCase<TransposeConvAttrs>["inputs"][number];
const plain = { strideY: 2, strideX: 2, top: 0, left: 0, activation: "none" } as const;
const x8 = (shape: Shape, zero = -3): Input => ({ dtype: "i8", shape, quant: { scale: [0.05], zero: [zero] } });
const scales = (n: number): number[] => Array.from({ length: n }, (_, i) => 0.01 + i * 0.003);
const weights = (shape: Shape): Input => ({
  dtype: "i8", shape, data: Int8Array.from({ length: count(shape) }, (_, i) => ((i * 37 + 11) % 255) - 127), quant: { scale: scales(shape[0] ?? 1), zero: [0], axis: 0 },
});
const bias = (n: number, scale = 0.05): Input => ({ dtype: "i32", shape: [n], data: Int32Array.from({ length: n }, (_, i) => i * 321 - 400), quant: { scale: scales(n).map((s) => s * scale), zero: [0] } });
const reals = (shape: Shape, step: number): Input => ({ dtype: "f32", shape, data: Float32Array.from({ length: count(shape) }, (_, i) => ((i * 37) % 19) * step - 9 * step) });
const y8 = { dtype: "i8", quant: { scale: [0.11], zero: [5] } } as const;

export default defineOp({
  name: "transpose_conv",
  family: "neural",
  doc: "y[h*s+i-top, w*s+j-left, o] += x[h,w,c] * w[o,i,j,c]; y = act(b[o] + y)",
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
    fusesActivation: true,
    macs: (_a, { inputs: [x, w] }) => (x?.shape[1] ?? 0) * (x?.shape[2] ?? 0) * count(w?.shape ?? [0]),
    quantise: { weights: { outputs: 0, inputs: 3 }, homogeneous: isRectifier },
  },
  from: {},
  net: { keras: fromKeras, tflite: { TRANSPOSE_CONV: fromTflite }, onnx: fromOnnx },
  write: { tflite: toTflite },
  cases: [],
  layerCases: [
    { title: "3x3, stride 2, output cut on both sides", attrs: { ...plain, top: 1, left: 0, outH: 8, outW: 8 }, inputs: [x8([1, 4, 4, 3]), weights([2, 3, 3, 3]), bias(2)], output: y8, tolerance: 1 },
    { title: "stride wider than the kernel, no bias", attrs: { ...plain, strideX: 3, outH: 5, outW: 8 }, inputs: [x8([1, 2, 3, 2], 127), weights([3, 2, 2, 2])], output: y8, tolerance: 1 },
    { title: "stride 1, relu6", attrs: { ...plain, strideY: 1, strideX: 1, top: 1, left: 1, outH: 3, outW: 4, activation: "relu6" }, inputs: [x8([1, 3, 4, 2], -128), weights([2, 3, 3, 2]), bias(2)], output: { dtype: "i8", quant: { scale: [0.04], zero: [-128] } }, tolerance: 1 },
    { title: "int16 activations", attrs: { ...plain, outH: 6, outW: 5 }, inputs: [{ dtype: "i16", shape: [1, 3, 2, 2], quant: { scale: [0.001], zero: [0] } }, weights([2, 2, 3, 2]), bias(2, 0.001)], output: { dtype: "i16", quant: { scale: [0.002], zero: [0] } }, tolerance: 1 },
    { title: "float32", attrs: { ...plain, top: 1, outH: 5, outW: 5, activation: "relu" }, inputs: [{ dtype: "f32", shape: [1, 3, 2, 2] }, reals([2, 3, 3, 2], 0.1), reals([2], 0.1)], output: { dtype: "f32" }, tolerance: 1e-5 },
  ],
});
