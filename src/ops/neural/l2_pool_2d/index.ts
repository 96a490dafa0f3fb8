/** Root of the mean square over windows of an image (1, height, width, channels); only cells inside the image count. Float32 only, as in TFLite. */
import { fail } from "../../../ir/diagnostics.js";
import { floatRange } from "../../../ir/layer.js";
import { defineOp, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import { eachWindow, poolFromTflite, poolGeometry, poolParams, poolShape, type PoolAttrs, type PoolValues } from "../../../ir/pooling.js";
import { realRange } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { poolWriter } from "../../../ir/write-node.js";

const { lo: _lo, hi: _hi, ...params } = poolParams;
type Values = Omit<PoolValues, "lo" | "hi">;

const infer = (a: PoolAttrs, shapes: readonly Shape[]): readonly Shape[] => poolShape(a, shapes, "l2_pool_2d");

function float(a: PoolAttrs, [x]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shape = io?.inputs[0]?.shape ?? [];
  const [y = []] = infer(a, [shape]);
  const p = poolGeometry(a, shape, y);
  const [lo, hi] = realRange(a.activation);
  const out = new Float64Array(count(y));
  if (x) eachWindow(p, (first, rows, columns, at) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) for (let k = 0; k < columns; k++) sum += (x[first + (r * p.in_w + k) * p.channels] as number) ** 2;
    out[at] = Math.min(hi, Math.max(lo, Math.sqrt(sum / (rows * columns))));
  });
  return [out];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<PoolAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  if (x.dtype !== "f32") fail("network/unsupported-type", "l2_pool_2d", `input of type ${x.dtype}`, "Supported: float32; TensorFlow Lite has no integer form of L2_POOL_2D.");
  return { params: { ...poolGeometry(attrs, x.shape, y.shape), ...floatRange(attrs.activation) }, outputs: [{ dtype: "f32" as const }] };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const f32 = Math.fround;
  eachWindow(p, (first, rows, columns, at) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) for (let k = 0; k < columns; k++) {
      const v = x[first + (r * p.in_w + k) * p.channels] as number;
      sum = f32(sum + f32(v * v));
    }
    const v = f32(Math.sqrt(f32(sum / (rows * columns))));
    y[at] = v < p.f_lo ? p.f_lo : v > p.f_hi ? p.f_hi : v;
  });
}

const plain = { kernelY: 2, kernelX: 2, strideY: 2, strideX: 2, dilationY: 1, dilationX: 1, top: 0, left: 0, bottom: 0, right: 0, activation: "none" } as const;

export default defineOp({
  name: "l2_pool_2d",
  family: "neural",
  doc: "y[h,w,c] = act(sqrt(mean of x[i,j,c]^2 over the window))",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: {},
  from: {},
  net: { tflite: { L2_POOL_2D: poolFromTflite("l2_pool_2d") } },
  write: { tflite: poolWriter("L2_POOL_2D") },
  cases: [],
  layerCases: [
    { title: "2x2", attrs: plain, inputs: [{ dtype: "f32", shape: [1, 4, 6, 3] }], output: { dtype: "f32" }, tolerance: 1e-5 },
    { title: "3x2 with borders", attrs: { ...plain, kernelY: 3, strideX: 1, top: 1, bottom: 1, right: 1 }, inputs: [{ dtype: "f32", shape: [1, 5, 4, 2] }], output: { dtype: "f32" }, tolerance: 1e-5 },
    { title: "relu6", attrs: { ...plain, kernelY: 1, kernelX: 1, activation: "relu6" }, inputs: [{ dtype: "f32", shape: [1, 2, 2, 1] }], output: { dtype: "f32" }, tolerance: 1e-5 },
  ],
});
