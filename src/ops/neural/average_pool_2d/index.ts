/**
 * Average over windows of an image (1, height, width, channels); only cells inside the image count.
 * Integer semantics: TFLite Micro's reference AveragePool, int8 and int16: rounded on the raw integers, half away from zero.
 */
import { fail } from "../../../ir/diagnostics.js";
import { floatRange } from "../../../ir/layer.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import { eachWindow, poolFromTflite, poolGeometry, poolParams, poolShape, type PoolAttrs, type PoolValues, trailingPool } from "../../../ir/pooling.js";
import { activationRange, isRectifier, layerKind, realRange, scaleOf } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { innerRows, type RowRule } from "../../../ir/rows.js";
import { mve } from "./pack-mve.js";
import { poolWriter } from "../../../ir/write-node.js";
import { fromKeras } from "./from-keras.js";

const infer = (a: PoolAttrs, shapes: readonly Shape[]): readonly Shape[] => poolShape(a, shapes, "average_pool_2d");

function float(a: PoolAttrs, [x]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shape = io?.inputs[0]?.shape ?? [];
  const [y = []] = infer(a, [shape]);
  const p = poolGeometry(a, shape, y);
  const [lo, hi] = realRange(a.activation);
  const out = new Float64Array(count(y));
  if (x) eachWindow(p, (first, rows, columns, at) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) for (let k = 0; k < columns; k++) sum += x[first + (r * p.in_w + k) * p.channels] as number;
    out[at] = Math.min(hi, Math.max(lo, sum / (rows * columns)));
  });
  return [out];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<PoolAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  const shape = poolGeometry(attrs, x.shape, y.shape);
  if (layerKind(x.dtype, "average_pool_2d") === "float") return { params: { ...shape, lo: 0, hi: 0, ...floatRange(attrs.activation) }, outputs: [{ dtype: "f32" as const }] };
  const [a, b] = [scaleOf(x, "average_pool_2d"), scaleOf(y, "average_pool_2d")];
  if (y.dtype !== x.dtype || Math.abs(a.scale - b.scale) > 1e-6 || a.zero !== b.zero) fail("network/scales-differ", "average_pool_2d", `input ${x.dtype} scale ${a.scale} zero ${a.zero}, output ${y.dtype} scale ${b.scale} zero ${b.zero}`, "Supported: the same type and scale on both sides, as converters write them.");
  const [lo, hi] = activationRange(attrs.activation, y, "average_pool_2d");
  return { params: { ...shape, lo, hi, f_lo: 0, f_hi: 0 }, outputs: [{ dtype: y.dtype }] };
}

function int(p: PoolValues, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const real = x instanceof Float32Array;
  const f32 = Math.fround;
  eachWindow(p, (first, rows, columns, at) => {
    const n = rows * columns;
    let sum = 0;
    for (let r = 0; r < rows; r++) for (let k = 0; k < columns; k++) {
      const v = x[first + (r * p.in_w + k) * p.channels] as number;
      sum = real ? f32(sum + v) : sum + v;
    }
    const half = n >> 1;
    const v = real ? f32(sum / n) : Math.trunc((sum > 0 ? sum + half : sum - half) / n);
    const [lo, hi] = real ? [p.f_lo, p.f_hi] : [p.lo, p.hi];
    y[at] = v < lo ? lo : v > hi ? hi : v;
  });
}

/** The whole image is added up in as many sums as there are channels, and a count of rows, instead of waiting for its last row. */
const rows: RowRule = (any, io, each) => {
  const p = any as unknown as PoolValues;
  const whole = p.k_h === p.in_h && p.k_w === p.in_w && p.out_h === 1 && p.out_w === 1 && p.top === 0 && p.left === 0;
  if (!whole || io.inputs[0]?.dtype === "f32") return innerRows(any, io, each);
  return { params: { ...any, in_h: each }, height: p.in_h, rows: 1, window: each, stride: each, top: 0, fill: null, gathers: { variant: "rows", scratch: 4 * (p.channels + 1) } };
};

const plain = { kernelY: 2, kernelX: 2, strideY: 2, strideX: 2, dilationY: 1, dilationX: 1, top: 0, left: 0, bottom: 0, right: 0, activation: "none" } as const;
const quant = { scale: [0.05], zero: [-3] } as const;
const x8 = (shape: Shape): LayerCase<PoolAttrs>["inputs"][number] => ({ dtype: "i8", shape, quant });

export default defineOp({
  name: "average_pool_2d",
  family: "neural",
  doc: "y[h,w,c] = act(mean of x[i,j,c] over the window)",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float,
  params: poolParams,
  levels: 1,
  prepare,
  int,
  traits: { channelwise: true, overlap: trailingPool, rows, fusesActivation: true, quantise: { sameScale: true, homogeneous: isRectifier } },
  from: {},
  variants: [mve],
  net: { keras: fromKeras, tflite: { AVERAGE_POOL_2D: poolFromTflite("average_pool_2d") }, onnx: fromOnnx },
  write: { tflite: poolWriter("AVERAGE_POOL_2D") },
  cases: [],
  layerCases: [
    { title: "2x2", attrs: plain, inputs: [x8([1, 4, 6, 3])], output: { dtype: "i8", quant }, tolerance: 1 },
    { title: "2x3, 7 channels", attrs: { ...plain, kernelX: 3, strideX: 1 }, inputs: [x8([1, 4, 6, 7])], output: { dtype: "i8", quant }, tolerance: 1 },
    { title: "3x2 with borders, relu", attrs: { ...plain, kernelY: 3, strideX: 1, top: 1, bottom: 1, right: 1, activation: "relu" }, inputs: [x8([1, 5, 4, 2])], output: { dtype: "i8", quant }, tolerance: 1 },
    { title: "the whole image", attrs: { ...plain, kernelY: 7, kernelX: 5 }, inputs: [{ dtype: "i8", shape: [1, 7, 5, 4], quant: { scale: [0.02], zero: [-128] } }], output: { dtype: "i8", quant: { scale: [0.02], zero: [-128] } }, tolerance: 1 },
    { title: "int16", attrs: { ...plain, kernelX: 3, left: 1, right: 1 }, inputs: [{ dtype: "i16", shape: [1, 4, 5, 2], quant: { scale: [0.001], zero: [0] } }], output: { dtype: "i16", quant: { scale: [0.001], zero: [0] } }, tolerance: 1 },
    { title: "float32", attrs: { ...plain, activation: "relu6" }, inputs: [{ dtype: "f32", shape: [1, 4, 4, 2] }], output: { dtype: "f32" }, tolerance: 1e-5 },
  ],
});
