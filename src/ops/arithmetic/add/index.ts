/** Sum or difference of two tensors. Integer semantics: TFLite Micro's reference Add and Sub (both operands brought to twice the larger scale). */
import { broadcastShape, walkElements, walkOfTensors, walkParams } from "../../../ir/broadcast.js";
import { oneType, quantOf } from "../../../ir/elementwise.js";
import { fusedActivation, operands, refuse } from "../../../ir/foreign-node.js";
import { floatRange } from "../../../ir/layer.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type NodeIo, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { activationRange, layerKind, multiplier, realRange, requant } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { mve } from "./pack-mve.js";
import { dsp, dspTables, pack } from "./pack-tables.js";
import { fusedName } from "../../../ir/write-node.js";
import { fromKeras } from "./from-keras.js";

export type AddAttrs = { readonly subtract: boolean; readonly activation: string };

const params = {
  ...walkParams, step_a: "u8", step_b: "u8", subtract: "u8", zero_a: "i16", zero_b: "i16", zero_y: "i16", lo: "i16", hi: "i16",
  mult_a: "i32", mult_b: "i32", mult_y: "i32", shift_a: "i8", shift_b: "i8", shift_y: "i8", f_lo: "f32", f_hi: "f32",
} as const;
type Values = ParamValues<typeof params>;

const f32 = Math.fround;

/** Bits that operands gain before they are rescaled. */
const headroom = (wide: boolean): number => (wide ? 15 : 20);

function float(a: AddAttrs, [x, z]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shape = io?.outputs[0]?.shape ?? [];
  const y = new Float64Array(count(shape));
  const { walk, steps } = walkOfTensors(io?.inputs ?? [], shape);
  const [lo, hi] = realRange(a.activation);
  const sign = a.subtract ? -1 : 1;
  if (x && z) walkElements(walk, steps, (i, p, q) => { y[i] = Math.min(hi, Math.max(lo, (x[p] as number) + sign * (z[q] as number))); });
  return [y];
}

/** The three multipliers; TFLite Micro takes those of Sub in float32. */
function multipliers(subtract: boolean, [a, b, y]: readonly [Tensor, Tensor, Tensor]) {
  const [qa, qb, qy] = [quantOf(a, "add"), quantOf(b, "add"), quantOf(y, "add")];
  const twice = 2 * Math.max(qa.scale, qb.scale);
  const step = subtract ? f32 : (v: number): number => v;
  const [ma, mb] = [multiplier(step(qa.scale / twice)), multiplier(step(qb.scale / twice))];
  const my = multiplier(step(twice / (2 ** headroom(y.dtype === "i16") * qy.scale)));
  return {
    zero_a: qa.zero, zero_b: qb.zero, zero_y: qy.zero, mult_a: ma.mult, shift_a: ma.shift, mult_b: mb.mult, shift_b: mb.shift, mult_y: my.mult, shift_y: my.shift,
  };
}

const noInts = { zero_a: 0, zero_b: 0, zero_y: 0, mult_a: 0, shift_a: 0, mult_b: 0, shift_b: 0, mult_y: 0, shift_y: 0, lo: 0, hi: 0 } as const;

function prepare({ attrs, inputs, outputs }: PrepareCtx<AddAttrs>) {
  const [a, b, y] = [...inputs.slice(0, 2), outputs[0]] as [Tensor, Tensor, Tensor];
  oneType([a, b, y], "add");
  const { walk, steps: [step_a = 0, step_b = 0] } = walkOfTensors([a, b], y.shape);
  const shape = { ...walk, step_a, step_b, subtract: Number(attrs.subtract) };
  if (layerKind(a.dtype, "add") === "float") return { params: { ...shape, ...noInts, ...floatRange(attrs.activation) }, outputs: [{ dtype: "f32" as const }] };
  const [lo, hi] = activationRange(attrs.activation, y, "add");
  return { params: { ...shape, ...multipliers(attrs.subtract, [a, b, y]), lo, hi, f_lo: 0, f_hi: 0 }, outputs: [{ dtype: y.dtype }] };
}

function int(p: Values, [a, b]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!a || !b || !y) return;
  const real = a instanceof Float32Array;
  const unit = 2 ** headroom(a instanceof Int16Array);
  const sign = p.subtract ? -1 : 1;
  walkElements(p, [p.step_a, p.step_b], (i, j, k) => {
    if (real) {
      y[i] = Math.min(p.f_hi, Math.max(p.f_lo, f32((a[j] as number) + sign * (b[k] as number))));
      return;
    }
    const u = requant(((a[j] as number) - p.zero_a) * unit, p.mult_a, p.shift_a);
    const v = requant(((b[k] as number) - p.zero_b) * unit, p.mult_b, p.shift_b);
    y[i] = Math.min(p.hi, Math.max(p.lo, requant(u + sign * v, p.mult_y, p.shift_y) + p.zero_y));
  });
}

const lower = (subtract: boolean) => (n: ForeignNode, b: NetBuilder): readonly Value[] => [b.add("add", { subtract, activation: fusedActivation(n) }, operands(n), n.outputs[0])];

/** Float32 only: sums in between would need scales that no file gives. */
function addAll(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [first = 0, ...more] = operands(n);
  if (b.tensor(first).dtype !== "f32") refuse(n, `operands of type ${b.tensor(first).dtype}`, "Supported: float32. Write the sum as additions of two tensors, so that each gets its own scale.");
  const attrs = { subtract: false, activation: "none" };
  return [more.reduce((sum, v, i) => b.add("add", attrs, [sum, v], i === more.length - 1 ? n.outputs[0] : undefined), first)];
}

type Input = LayerCase<AddAttrs>["inputs"][number];
const t8 = (shape: Shape, scale: number, zero: number): Input => ({ dtype: "i8", shape, quant: { scale: [scale], zero: [zero] } });
const t16 = (shape: Shape, scale: number): Input => ({ dtype: "i16", shape, quant: { scale: [scale], zero: [0] } });
const f = (shape: Shape): Input => ({ dtype: "f32", shape });
const constant = { dtype: "i8", shape: [3], data: Int8Array.of(-128, 5, 127), quant: { scale: [0.02], zero: [-128] } } as const;
const y8 = { dtype: "i8", quant: { scale: [0.11], zero: [5] } } as const;
const plus = { subtract: false, activation: "none" } as const;
const minus = { subtract: true, activation: "none" } as const;

export default defineOp({
  name: "add",
  family: "arithmetic",
  doc: "y = act(a + b), or act(a - b)",
  inputs: ["a", "b"],
  outputs: ["y"],
  infer: (_a, shapes) => [broadcastShape(shapes.slice(0, 2), "add")],
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { channelScale: (a) => (a.subtract ? "minus" : "plus"), fusesActivation: true, elementwise: true, inPlace: true, quantise: {} },
  from: {},
  variants: [mve, dspTables, dsp, pack],
  net: { keras: fromKeras, tflite: { ADD: lower(false), SUB: lower(true), ADD_N: addAll }, onnx: fromOnnx },
  write: { tflite: (a, w) => {
      const fields = { fused_activation_function: fusedName(a.activation), pot_scale_int16: false };
      w.add(a.subtract ? "SUB" : "ADD", [a.subtract ? "SubOptions" : "AddOptions", fields], w.inputs, w.output);
    } },
  cases: [],
  layerCases: [
    { title: "equal shapes, relu6", attrs: { subtract: false, activation: "relu6" }, inputs: [t8([1, 3, 5], 0.05, -128), t8([1, 3, 5], 0.07, 127)], output: y8, tolerance: 1 },
    { title: "a constant for each channel", attrs: plus, inputs: [t8([1, 2, 2, 3], 0.05, -3), constant], output: y8, tolerance: 1 },
    { title: "constant minus", attrs: minus, inputs: [constant, t8([1, 3, 1], 0.05, -3)], output: y8, tolerance: 1 },
    { title: "both are stretched", attrs: minus, inputs: [t8([2, 1, 3, 1, 2], 0.01, 0), t8([3, 1, 5, 1], 0.3, 7)], output: y8, tolerance: 1 },
    { title: "many elements, relu at the lowest value", attrs: { subtract: false, activation: "relu" }, inputs: [t8([1, 23, 23], 0.05, -128), t8([1, 23, 23], 0.03, 11)], output: { dtype: "i8", quant: { scale: [0.06], zero: [-128] } }, tolerance: 1 },
    { title: "many elements minus, one scale", attrs: minus, inputs: [t8([520], 0.05, -7), t8([520], 0.05, 100)], output: y8, tolerance: 1 },
    { title: "many elements, relu6", attrs: { subtract: false, activation: "relu6" }, inputs: [t8([520], 0.05, -7), t8([520], 0.01, 100)], output: y8, tolerance: 1 },
    { title: "one element", attrs: plus, inputs: [t8([1], 0.05, -3), t8([1, 1], 0.05, -3)], output: y8, tolerance: 1 },
    { title: "int16", attrs: plus, inputs: [t16([1, 3, 3], 0.001), t16([1, 3, 1], 0.0003)], output: { dtype: "i16", quant: { scale: [0.0012], zero: [0] } }, tolerance: 1 },
    { title: "int16 minus, relu", attrs: { subtract: true, activation: "relu" }, inputs: [t16([7], 0.001), t16([7], 0.001)], output: { dtype: "i16", quant: { scale: [0.002], zero: [0] } }, tolerance: 1 },
    { title: "float32", attrs: plus, inputs: [f([2, 3]), f([3])], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
