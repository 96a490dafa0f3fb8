/**
 * Quotient of two tensors. Integer semantics: TFLite Micro's reference Div (int8: the reciprocal of the divisor by Newton's method).
 * A divisor of zero, which TFLite leaves undefined, gives the largest or smallest output.
 */
import { broadcastShape, walkElements, walkOfTensors, walkParams } from "../../../ir/broadcast.js";
import { oneType, quantOf, unsupported } from "../../../ir/elementwise.js";
import { fusedActivation, operands } from "../../../ir/foreign-node.js";
import { reciprocal } from "../../../ir/gemmlowp.js";
import { floatRange } from "../../../ir/layer.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { activationRange, multiplier, realRange, requant } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { fusedName } from "../../../ir/write-node.js";

export type DivAttrs = { readonly activation: string };

const params = {
  ...walkParams, step_a: "u8", step_b: "u8", zero_a: "i16", zero_b: "i16", zero_y: "i16", lo: "i16", hi: "i16", mult: "i32", shift: "i8", f_lo: "f32", f_hi: "f32",
} as const;
type Values = ParamValues<typeof params>;

const f32 = Math.fround;

function float(a: DivAttrs, [x, z]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shape = io?.outputs[0]?.shape ?? [];
  const y = new Float64Array(count(shape));
  const { walk, steps } = walkOfTensors(io?.inputs ?? [], shape);
  const [lo, hi] = realRange(a.activation);
  if (x && z) walkElements(walk, steps, (i, p, q) => { y[i] = Math.min(hi, Math.max(lo, (x[p] as number) / (z[q] as number))); });
  return [y];
}

const noInts = { zero_a: 0, zero_b: 0, zero_y: 0, mult: 0, shift: 0, lo: 0, hi: 0 } as const;

function prepare({ attrs, inputs, outputs }: PrepareCtx<DivAttrs>) {
  const [a, b, y] = [...inputs.slice(0, 2), outputs[0]] as [Tensor, Tensor, Tensor];
  oneType([a, b, y], "div");
  const { walk, steps: [step_a = 0, step_b = 0] } = walkOfTensors([a, b], y.shape);
  const shape = { ...walk, step_a, step_b };
  if (a.dtype === "f32") return { params: { ...shape, ...noInts, ...floatRange(attrs.activation) }, outputs: [{ dtype: "f32" as const }] };
  if (a.dtype !== "i8") return unsupported(a, "div", "int8, float32");
  const [qa, qb, qy] = [quantOf(a, "div"), quantOf(b, "div"), quantOf(y, "div")];
  const [lo, hi] = activationRange(attrs.activation, y, "div");
  const ints = { zero_a: qa.zero, zero_b: qb.zero, zero_y: qy.zero, lo, hi, ...multiplier(f32(qa.scale / f32(qb.scale * qy.scale))) };
  return { params: { ...shape, ...ints, f_lo: 0, f_hi: 0 }, outputs: [{ dtype: y.dtype }] };
}

/** a / b of integers, times the multiplier. */
function quotient(a: number, b: number, mult: number, shift: number): number {
  const [above, below] = b < 0 ? [-a, -b] : [a, b];
  const zeros = Math.clz32(below);
  const inverse = reciprocal(((below << zeros) >>> 0) - 2 ** 31);
  // The dividend is shifted up as far as it goes, and the quotient back by as much.
  const headroom = Math.clz32(above < 0 ? -2 * above - 1 : above) - (above < 0 ? 0 : 1);
  const total = shift - (31 - zeros) - headroom;
  return above === 0 || total < -31 ? 0 : requant(requant(above, inverse, headroom), mult, total);
}

function int(p: Values, [a, b]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!a || !b || !y) return;
  const real = a instanceof Float32Array;
  walkElements(p, [p.step_a, p.step_b], (i, j, k) => {
    const [u, v] = [(a[j] as number) - p.zero_a, (b[k] as number) - p.zero_b];
    if (real) y[i] = Math.min(p.f_hi, Math.max(p.f_lo, f32(u / v)));
    else if (v === 0) y[i] = u < 0 ? p.lo : u > 0 ? p.hi : Math.min(p.hi, Math.max(p.lo, p.zero_y));
    else y[i] = Math.min(p.hi, Math.max(p.lo, quotient(u, v, p.mult, p.shift) + p.zero_y));
  });
}

type Input = LayerCase<DivAttrs>["inputs"][number];
const t8 = (shape: Shape, scale: number, zero: number): Input => ({ dtype: "i8", shape, quant: { scale: [scale], zero: [zero] } });
const constant: Input = { dtype: "i8", shape: [4], data: Int8Array.of(-128, 5, 127, -1), quant: { scale: [0.02], zero: [3] } };
const floats: Input = { dtype: "f32", shape: [3], data: Float32Array.of(0.5, -3, 1e9) };

export default defineOp({
  name: "div",
  family: "arithmetic",
  doc: "y = act(a / b)",
  inputs: ["a", "b"],
  outputs: ["y"],
  infer: (_a, shapes) => [broadcastShape(shapes.slice(0, 2), "div")],
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { fusesActivation: true, elementwise: true, inPlace: true, quantise: { bytesOnly: true } },
  from: {},
  net: { tflite: { DIV: (n, b) => [b.add("div", { activation: fusedActivation(n) }, operands(n), n.outputs[0])] }, onnx: fromOnnx },
  write: { tflite: (a, w) => w.add("DIV", ["DivOptions", { fused_activation_function: fusedName(a.activation) }], w.inputs, w.output) },
  cases: [],
  layerCases: [
    { title: "by a constant for each channel", attrs: { activation: "none" }, inputs: [t8([1, 2, 4], 0.05, -3), constant], output: { dtype: "i8", quant: { scale: [0.4], zero: [-9] } }, tolerance: 1 },
    { title: "by a constant, relu6", attrs: { activation: "relu6" }, inputs: [t8([1, 2, 4], 0.05, 127), constant], output: { dtype: "i8", quant: { scale: [0.05], zero: [-128] } }, tolerance: 1 },
    { title: "divisors of zero", attrs: { activation: "none" }, inputs: [{ ...constant, data: Int8Array.of(-126, -127, -50, 127), quant: { scale: [0.02], zero: [-128] } }, t8([5, 4], 0.05, -128)], output: { dtype: "i8", quant: { scale: [0.9], zero: [-128] } }, tolerance: 1 },
    { title: "float32", attrs: { activation: "none" }, inputs: [{ dtype: "f32", shape: [2, 3] }, floats], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
