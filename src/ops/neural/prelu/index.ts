/** Leaky relu whose slope below zero is a tensor of its own (one for each channel). Integer semantics: TFLite Micro's Prelu. */
import { broadcastShape, walkElements, walkOfTensors, walkParams } from "../../../ir/broadcast.js";
import { fail } from "../../../ir/diagnostics.js";
import { oneType, quantOf } from "../../../ir/elementwise.js";
import { operands } from "../../../ir/foreign-node.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { layerKind, multiplier, requant } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { plainNode } from "../../../ir/write-node.js";
import { fromKeras } from "./from-keras.js";

export type PreluAttrs = Readonly<Record<string, never>>;

const params = {
  ...walkParams, step_x: "u8", step_alpha: "u8", zero_x: "i16", zero_alpha: "i16", zero_y: "i16", mult_above: "i32", mult_below: "i32", shift_above: "i8", shift_below: "i8",
} as const;
type Values = ParamValues<typeof params>;

function infer(_a: PreluAttrs, [x = [], alpha = []]: readonly Shape[]): readonly Shape[] {
  const y = broadcastShape([x, alpha], "prelu");
  if (count(y) !== count(x)) fail("ir/bad-shape", "prelu", `slopes of the shape (${alpha.join(", ")}) for (${x.join(", ")})`, "The slopes may be stretched, not the input.");
  return [y];
}

function float(_a: PreluAttrs, [x, alpha]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shape = io?.outputs[0]?.shape ?? [];
  const y = new Float64Array(count(shape));
  const { walk, steps } = walkOfTensors(io?.inputs ?? [], shape);
  if (x && alpha) walkElements(walk, steps, (i, j, k) => { const v = x[j] as number; y[i] = v >= 0 ? v : v * (alpha[k] as number); });
  return [y];
}

function prepare({ inputs, outputs }: PrepareCtx<PreluAttrs>) {
  const [x, alpha, y] = [...inputs.slice(0, 2), outputs[0]] as [Tensor, Tensor, Tensor];
  oneType([x, y], "prelu");
  const { walk, steps: [step_x = 0, step_alpha = 0] } = walkOfTensors([x, alpha], y.shape);
  const shape = { ...walk, step_x, step_alpha };
  if (layerKind(x.dtype, "prelu") === "float") {
    oneType([x, alpha], "prelu");
    const none = { zero_x: 0, zero_alpha: 0, zero_y: 0, mult_above: 0, mult_below: 0, shift_above: 0, shift_below: 0 };
    return { params: { ...shape, ...none }, outputs: [{ dtype: "f32" as const }] };
  }
  if (alpha.dtype !== "i8") fail("network/unsupported-type", "prelu", `slopes of type ${alpha.dtype}`, "Supported: int8 slopes, also with 16-bit activations.");
  const [qx, qa, qy] = [quantOf(x, "prelu"), quantOf(alpha, "prelu"), quantOf(y, "prelu")];
  const [above, below] = [multiplier(qx.scale / qy.scale), multiplier((qx.scale * qa.scale) / qy.scale)];
  const ints = {
    zero_x: qx.zero, zero_alpha: qa.zero, zero_y: qy.zero, mult_above: above.mult, shift_above: above.shift, mult_below: below.mult, shift_below: below.shift,
  };
  return { params: { ...shape, ...ints }, outputs: [{ dtype: y.dtype }] };
}

function int(p: Values, [x, alpha]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !alpha || !y) return;
  const [lo, hi] = x instanceof Int16Array ? [-32768, 32767] : [-128, 127];
  walkElements(p, [p.step_x, p.step_alpha], (i, j, k) => {
    const [v, slope] = [(x[j] as number) - p.zero_x, (alpha[k] as number) - p.zero_alpha];
    const w = v >= 0 ? requant(v, p.mult_above, p.shift_above) : requant(v * slope, p.mult_below, p.shift_below);
    y[i] = x instanceof Float32Array ? (v >= 0 ? v : v * slope) : Math.min(hi, Math.max(lo, w + p.zero_y));
  });
}

type Input = LayerCase<PreluAttrs>["inputs"][number];
const slopes = (shape: Shape, data: readonly number[], zero: number): Input => ({ dtype: "i8", shape, data: Int8Array.from(data), quant: { scale: [0.01], zero: [zero] } });
const y8 = { dtype: "i8", quant: { scale: [0.06], zero: [5] } } as const;

export default defineOp({
  name: "prelu",
  family: "neural",
  doc: "y = x >= 0 ? x : x * alpha",
  inputs: ["x", "alpha"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { elementwise: true, inPlace: true, quantise: { bytesOnly: true } },
  from: {},
  net: { keras: fromKeras, tflite: { PRELU: (n, b) => [b.add("prelu", {}, operands(n), n.outputs[0])] }, onnx: fromOnnx },
  write: { tflite: (_a, w) => plainNode("PRELU", null)(w) },
  cases: [],
  layerCases: [
    { title: "a slope for each channel", attrs: {}, inputs: [{ dtype: "i8", shape: [1, 3, 2, 3], quant: { scale: [0.05], zero: [-128] } }, slopes([1, 1, 3], [-128, 127, 4], 3)], output: y8, tolerance: 1 },
    { title: "a slope for each row", attrs: {}, inputs: [{ dtype: "i8", shape: [1, 3, 5], quant: { scale: [0.05], zero: [127] } }, slopes([3, 1], [-128, 127, 4], 0)], output: y8, tolerance: 1 },
    { title: "one slope, int16", attrs: {}, inputs: [{ dtype: "i16", shape: [31], quant: { scale: [0.001], zero: [0] } }, slopes([1], [37], -128)], output: { dtype: "i16", quant: { scale: [0.0015], zero: [0] } }, tolerance: 1 },
    { title: "float32", attrs: {}, inputs: [{ dtype: "f32", shape: [2, 3] }, { dtype: "f32", shape: [3], data: Float32Array.of(0.1, -0.2, 1.5) }], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
