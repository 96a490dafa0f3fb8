/** Product of two tensors, element by element. Integer semantics: TFLite Micro's reference Mul. */
import { broadcastShape, walkElements, walkOfTensors, walkParams } from "../../../ir/broadcast.js";
import { oneType, quantOf } from "../../../ir/elementwise.js";
import { fusedActivation, operands } from "../../../ir/foreign-node.js";
import { floatRange } from "../../../ir/layer.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { activationRange, layerKind, multiplier, realRange, requant } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { fusedName } from "../../../ir/write-node.js";
import { fromKeras } from "./from-keras.js";

export type MulAttrs = { readonly activation: string };

const params = {
  ...walkParams, step_a: "u8", step_b: "u8", zero_a: "i16", zero_b: "i16", zero_y: "i16", lo: "i16", hi: "i16", mult: "i32", shift: "i8", f_lo: "f32", f_hi: "f32",
} as const;
type Values = ParamValues<typeof params>;

function float(a: MulAttrs, [x, z]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shape = io?.outputs[0]?.shape ?? [];
  const y = new Float64Array(count(shape));
  const { walk, steps } = walkOfTensors(io?.inputs ?? [], shape);
  const [lo, hi] = realRange(a.activation);
  if (x && z) walkElements(walk, steps, (i, p, q) => { y[i] = Math.min(hi, Math.max(lo, (x[p] as number) * (z[q] as number))); });
  return [y];
}

const noInts = { zero_a: 0, zero_b: 0, zero_y: 0, mult: 0, shift: 0, lo: 0, hi: 0 } as const;

function prepare({ attrs, inputs, outputs }: PrepareCtx<MulAttrs>) {
  const [a, b, y] = [...inputs.slice(0, 2), outputs[0]] as [Tensor, Tensor, Tensor];
  oneType([a, b, y], "mul");
  const { walk, steps: [step_a = 0, step_b = 0] } = walkOfTensors([a, b], y.shape);
  const shape = { ...walk, step_a, step_b };
  if (layerKind(a.dtype, "mul") === "float") return { params: { ...shape, ...noInts, ...floatRange(attrs.activation) }, outputs: [{ dtype: "f32" as const }] };
  const [qa, qb, qy] = [quantOf(a, "mul"), quantOf(b, "mul"), quantOf(y, "mul")];
  const [lo, hi] = activationRange(attrs.activation, y, "mul");
  const ints = { zero_a: qa.zero, zero_b: qb.zero, zero_y: qy.zero, lo, hi, ...multiplier((qa.scale * qb.scale) / qy.scale) };
  return { params: { ...shape, ...ints, f_lo: 0, f_hi: 0 }, outputs: [{ dtype: y.dtype }] };
}

function int(p: Values, [a, b]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!a || !b || !y) return;
  const real = a instanceof Float32Array;
  walkElements(p, [p.step_a, p.step_b], (i, j, k) => {
    const product = ((a[j] as number) - p.zero_a) * ((b[k] as number) - p.zero_b);
    y[i] = real ? Math.min(p.f_hi, Math.max(p.f_lo, Math.fround(product))) : Math.min(p.hi, Math.max(p.lo, requant(product, p.mult, p.shift) + p.zero_y));
  });
}

type Input = LayerCase<MulAttrs>["inputs"][number];
const t8 = (shape: Shape, scale: number, zero: number): Input => ({ dtype: "i8", shape, quant: { scale: [scale], zero: [zero] } });
const t16 = (shape: Shape, scale: number): Input => ({ dtype: "i16", shape, quant: { scale: [scale], zero: [0] } });
const constant = { dtype: "i8", shape: [3], data: Int8Array.of(-128, 5, 127), quant: { scale: [0.02], zero: [-128] } } as const;
const y8 = { dtype: "i8", quant: { scale: [0.31], zero: [5] } } as const;

export default defineOp({
  name: "mul",
  family: "arithmetic",
  doc: "y = act(a * b)",
  inputs: ["a", "b"],
  outputs: ["y"],
  infer: (_a, shapes) => [broadcastShape(shapes.slice(0, 2), "mul")],
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { channelScale: () => "times", fusesActivation: true, elementwise: true, inPlace: true, quantise: {} },
  from: {},
  net: { keras: fromKeras, tflite: { MUL: (n, b) => [b.add("mul", { activation: fusedActivation(n) }, operands(n), n.outputs[0])] }, onnx: fromOnnx },
  write: { tflite: (a, w) => w.add("MUL", ["MulOptions", { fused_activation_function: fusedName(a.activation) }], w.inputs, w.output) },
  cases: [],
  layerCases: [
    { title: "equal shapes, relu", attrs: { activation: "relu" }, inputs: [t8([1, 3, 5], 0.05, -128), t8([1, 3, 5], 0.07, 127)], output: y8, tolerance: 1 },
    { title: "a constant for each channel", attrs: { activation: "none" }, inputs: [t8([1, 2, 2, 3], 0.05, -3), constant], output: y8, tolerance: 1 },
    { title: "both are stretched", attrs: { activation: "relu_n1_to_1" }, inputs: [t8([3, 1], 0.01, 0), t8([1, 4], 0.03, 7)], output: { dtype: "i8", quant: { scale: [0.01], zero: [0] } }, tolerance: 1 },
    { title: "int16, relu", attrs: { activation: "relu" }, inputs: [t16([1, 3, 3], 0.001), t16([1, 3, 1], 0.0003)], output: { dtype: "i16", quant: { scale: [0.012], zero: [0] } }, tolerance: 1 },
    { title: "float32", attrs: { activation: "none" }, inputs: [{ dtype: "f32", shape: [2, 3] }, { dtype: "f32", shape: [3] }], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
