/**
 * 3-D convolution. Activations are (1, depth, height, width, channels), weights (kd, kh, kw, in, out). Float32 only, as in TFLite.
 */
import { fail } from "../../../ir/diagnostics.js";
import { floatRange } from "../../../ir/layer.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { realRange } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { outputs as positions } from "../../../ir/window.js";
import { fromTflite } from "./from-tflite.js";

/** Each along depth, height, width. */
export type Conv3dAttrs = { readonly stride: TypedArray; readonly dilation: TypedArray; readonly before: TypedArray; readonly after: TypedArray; readonly activation: string };

/** The kernel's weights are (out, kd, kh, kw, in), so that they are read in order. */
const params = {
  in_d: "len", in_h: "len", in_w: "len", in_c: "len", out_d: "len", out_h: "len", out_w: "len", out_c: "len", k_d: "len", k_h: "len", k_w: "len",
  stride_d: "len", stride_h: "len", stride_w: "len", dilation_d: "len", dilation_h: "len", dilation_w: "len",
  before_d: "i16", before_h: "i16", before_w: "i16", f_lo: "f32", f_hi: "f32", w: "rom", b: "rom",
} as const;
type Values = ParamValues<typeof params>;
type Geometry = Omit<Values, "f_lo" | "f_hi" | "w" | "b">;

const where = "conv_3d";
const three = (a: ArrayLike<number>): readonly [number, number, number] => [a[0] ?? 1, a[1] ?? 1, a[2] ?? 1];

function infer(a: Conv3dAttrs, [x = [], w = [], b]: readonly Shape[]): readonly Shape[] {
  const [out = 0, channels = 0] = [w[4], w[3]];
  if (x.length !== 5 || w.length !== 5 || x[0] !== 1 || x[4] !== channels) fail("ir/bad-shape", where, `input (${x.join(", ")}), weights (${w.join(", ")})`, "Supported: input (1, depth, height, width, channels), weights (kd, kh, kw, channels, out).");
  if (b && count(b) !== out) fail("ir/bad-shape", where, `a bias of ${b.join(" x ")} for ${out} channels`, "Give one bias for each output channel.");
  return [[1, ...[0, 1, 2].map((i) => positions(x[i + 1] ?? 0, w[i] ?? 0, a.stride[i] ?? 0, a.dilation[i] ?? 0, a.before[i] ?? 0, a.after[i] ?? 0, where)), out]];
}

function geometry(a: Conv3dAttrs, x: Shape, w: Shape, y: Shape): Geometry {
  const [, inD = 1, inH = 1, inW = 1, inC = 1] = x;
  const [, outD = 1, outH = 1, outW = 1, outC = 1] = y;
  const [kD, kH, kW] = three(w);
  const [[strideD, strideH, strideW], [dilationD, dilationH, dilationW], [beforeD, beforeH, beforeW]] = [three(a.stride), three(a.dilation), three(a.before)];
  return {
    in_d: inD, in_h: inH, in_w: inW, in_c: inC, out_d: outD, out_h: outH, out_w: outW, out_c: outC, k_d: kD, k_h: kH, k_w: kW,
    stride_d: strideD, stride_h: strideH, stride_w: strideW, dilation_d: dilationD, dilation_h: dilationH, dilation_w: dilationW,
    before_d: beforeD, before_h: beforeH, before_w: beforeW,
  };
}

/** (kd, kh, kw, in, out) to (out, kd, kh, kw, in). */
function outputsFirst<A extends Float64Array | Float32Array>(w: A, out: number): A {
  const size = w.length / out;
  const turned = w.slice() as A;
  for (let o = 0; o < out; o++) for (let k = 0; k < size; k++) turned[o * size + k] = w[k * out + o] as number;
  return turned;
}

/** Calls `cell` for every cell of the window at (od, oh, ow) inside the volume: offsets of its first channel in x, and in the weights of one output. */
function cells(p: Geometry, od: number, oh: number, ow: number, cell: (x: number, w: number) => void): void {
  for (let kd = 0; kd < p.k_d; kd++) {
    const id = od * p.stride_d - p.before_d + kd * p.dilation_d;
    if (id < 0 || id >= p.in_d) continue;
    for (let kh = 0; kh < p.k_h; kh++) {
      const ih = oh * p.stride_h - p.before_h + kh * p.dilation_h;
      if (ih < 0 || ih >= p.in_h) continue;
      for (let kw = 0; kw < p.k_w; kw++) {
        const iw = ow * p.stride_w - p.before_w + kw * p.dilation_w;
        if (iw >= 0 && iw < p.in_w) cell(((id * p.in_h + ih) * p.in_w + iw) * p.in_c, ((kd * p.k_h + kh) * p.k_w + kw) * p.in_c);
      }
    }
  }
}

/** Calls `one` for every element of the output. */
function eachOutput(p: Geometry, one: (od: number, oh: number, ow: number, o: number, at: number) => void): void {
  let at = 0;
  for (let od = 0; od < p.out_d; od++) for (let oh = 0; oh < p.out_h; oh++) for (let ow = 0; ow < p.out_w; ow++) for (let o = 0; o < p.out_c; o++) one(od, oh, ow, o, at++);
}

function float(a: Conv3dAttrs, [x, given, b]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shapes = io?.inputs.map((t) => t.shape) ?? [];
  const [y = []] = infer(a, shapes);
  const p = geometry(a, shapes[0] ?? [], shapes[1] ?? [], y);
  const [lo, hi] = realRange(a.activation);
  const out = new Float64Array(count(y));
  if (!x || !given) return [out];
  const w = outputsFirst(given, p.out_c);
  eachOutput(p, (od, oh, ow, o, at) => {
    let sum = b?.[o] ?? 0;
    cells(p, od, oh, ow, (i, k) => { for (let c = 0; c < p.in_c; c++) sum += (x[i + c] as number) * (w[o * (w.length / p.out_c) + k + c] as number); });
    out[at] = Math.min(hi, Math.max(lo, sum));
  });
  return [out];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<Conv3dAttrs>) {
  const [x, w, b] = inputs as [Tensor, Tensor, Tensor | undefined];
  if (x.dtype !== "f32") fail("network/unsupported-type", where, `input of type ${x.dtype}`, "Supported: float32; TensorFlow Lite has no integer form of CONV_3D.");
  const p = geometry(attrs, x.shape, w.shape, (outputs[0] as Tensor).shape);
  return { params: { ...p, ...floatRange(attrs.activation), w: outputsFirst(Float32Array.from(w.data ?? []), p.out_c), b: Float32Array.from(b?.data ?? new Float32Array(p.out_c)) }, outputs: [{ dtype: "f32" as const }] };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const f32 = Math.fround;
  const size = p.w.length / p.out_c;
  eachOutput(p, (od, oh, ow, o, at) => {
    let sum = p.b[o] as number;
    cells(p, od, oh, ow, (i, k) => { for (let c = 0; c < p.in_c; c++) sum = f32(sum + f32((x[i + c] as number) * (p.w[o * size + k + c] as number))); });
    y[at] = sum < p.f_lo ? p.f_lo : sum > p.f_hi ? p.f_hi : sum;
  });
}

const [one, none] = [Int32Array.of(1, 1, 1), Int32Array.of(0, 0, 0)];
const plain = { stride: one, dilation: one, before: none, after: none, activation: "none" } as const;
const reals = (shape: Shape, step: number): LayerCase<Conv3dAttrs>["inputs"][number] => ({ dtype: "f32", shape, data: Float32Array.from({ length: count(shape) }, (_, i) => ((i * 37) % 19) * step - 9 * step) });
const x32 = (shape: Shape): LayerCase<Conv3dAttrs>["inputs"][number] => ({ dtype: "f32", shape });

export default defineOp({
  name: "conv_3d",
  family: "neural",
  doc: "y[d,h,w,o] = act(b[o] + sum x[d*s+k-front, h*s+i-top, w*s+j-left, c] * w[k,i,j,c,o])",
  inputs: ["x"],
  constants: ["w", "b"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { macs: (_a, { inputs: [, w], outputs: [y] }) => (count(y?.shape ?? [0]) / (y?.shape[4] ?? 1)) * count(w?.shape ?? [0]) },
  from: {},
  net: { tflite: { CONV_3D: fromTflite } },
  cases: [],
  layerCases: [
    { title: "with borders", attrs: { ...plain, before: one, after: one, activation: "relu6" }, inputs: [x32([1, 3, 4, 2, 2]), reals([3, 3, 3, 2, 3], 0.04), reals([3], 0.2)], output: { dtype: "f32" }, tolerance: 1e-4 },
    { title: "strides, no bias", attrs: { ...plain, stride: Int32Array.of(1, 2, 3) }, inputs: [x32([1, 3, 5, 7, 1]), reals([2, 1, 2, 1, 2], 0.1)], output: { dtype: "f32" }, tolerance: 1e-4 },
    { title: "dilated", attrs: { ...plain, dilation: Int32Array.of(2, 1, 2) }, inputs: [x32([1, 4, 3, 5, 2]), reals([2, 2, 2, 2, 1], 0.1), reals([1], 0.2)], output: { dtype: "f32" }, tolerance: 1e-4 },
  ],
});
