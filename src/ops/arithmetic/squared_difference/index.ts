/** Square of the difference of two tensors. Integer semantics: TFLite Micro's SquaredDifference. */
import { broadcastShape, walkElements, walkOfTensors, walkParams } from "../../../ir/broadcast.js";
import { oneType, quantOf } from "../../../ir/elementwise.js";
import { operands } from "../../../ir/foreign-node.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { layerKind, multiplier, requant } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { plainNode } from "../../../ir/write-node.js";

export type SquaredDifferenceAttrs = Readonly<Record<string, never>>;

const params = {
  ...walkParams, step_a: "u8", step_b: "u8", zero_a: "i16", zero_b: "i16", zero_y: "i16",
  mult_a: "i32", mult_b: "i32", mult_y: "i32", shift_a: "i8", shift_b: "i8", shift_y: "i8",
} as const;
type Values = ParamValues<typeof params>;

const f32 = Math.fround;

/** Bits that operands gain before they are rescaled: the square still fits 32 bits. */
const headroom = (wide: boolean): number => (wide ? 0 : 7);

function float(_a: SquaredDifferenceAttrs, [x, z]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shape = io?.outputs[0]?.shape ?? [];
  const y = new Float64Array(count(shape));
  const { walk, steps } = walkOfTensors(io?.inputs ?? [], shape);
  if (x && z) walkElements(walk, steps, (i, p, q) => { y[i] = ((x[p] as number) - (z[q] as number)) ** 2; });
  return [y];
}

const noInts = { zero_a: 0, zero_b: 0, zero_y: 0, mult_a: 0, shift_a: 0, mult_b: 0, shift_b: 0, mult_y: 0, shift_y: 0 } as const;

function prepare({ inputs, outputs }: PrepareCtx<SquaredDifferenceAttrs>) {
  const where = "squared_difference";
  const [a, b, y] = [...inputs.slice(0, 2), outputs[0]] as [Tensor, Tensor, Tensor];
  oneType([a, b, y], where);
  const { walk, steps: [step_a = 0, step_b = 0] } = walkOfTensors([a, b], y.shape);
  const shape = { ...walk, step_a, step_b };
  if (layerKind(a.dtype, where) === "float") return { params: { ...shape, ...noInts }, outputs: [{ dtype: "f32" as const }] };
  const [qa, qb, qy] = [quantOf(a, where), quantOf(b, where), quantOf(y, where)];
  const twice = 2 * Math.max(qa.scale, qb.scale);
  const [ma, mb] = [multiplier(qa.scale / twice), multiplier(qb.scale / twice)];
  const my = multiplier((twice * twice) / (2 ** (2 * headroom(y.dtype === "i16")) * qy.scale));
  const ints = {
    zero_a: qa.zero, zero_b: qb.zero, zero_y: qy.zero, mult_a: ma.mult, shift_a: ma.shift, mult_b: mb.mult, shift_b: mb.shift, mult_y: my.mult, shift_y: my.shift,
  };
  return { params: { ...shape, ...ints }, outputs: [{ dtype: y.dtype }] };
}

function int(p: Values, [a, b]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!a || !b || !y) return;
  const [real, wide] = [a instanceof Float32Array, a instanceof Int16Array];
  const unit = 2 ** headroom(wide);
  const [lo, hi] = wide ? [-32768, 32767] : [-128, 127];
  walkElements(p, [p.step_a, p.step_b], (i, j, k) => {
    if (real) {
      const d = f32((a[j] as number) - (b[k] as number));
      y[i] = d * d;
      return;
    }
    const d = requant(((a[j] as number) - p.zero_a) * unit, p.mult_a, p.shift_a) - requant(((b[k] as number) - p.zero_b) * unit, p.mult_b, p.shift_b);
    y[i] = Math.min(hi, Math.max(lo, requant(Math.imul(d, d), p.mult_y, p.shift_y) + p.zero_y));
  });
}

type Input = LayerCase<SquaredDifferenceAttrs>["inputs"][number];
const t8 = (shape: Shape, scale: number, zero: number): Input => ({ dtype: "i8", shape, quant: { scale: [scale], zero: [zero] } });
const t16 = (shape: Shape, scale: number): Input => ({ dtype: "i16", shape, quant: { scale: [scale], zero: [0] } });
const constant = { dtype: "i8", shape: [3], data: Int8Array.of(-128, 5, 127), quant: { scale: [0.02], zero: [-128] } } as const;

export default defineOp({
  name: "squared_difference",
  family: "arithmetic",
  doc: "y = (a - b)^2",
  inputs: ["a", "b"],
  outputs: ["y"],
  infer: (_a, shapes) => [broadcastShape(shapes.slice(0, 2), "squared_difference")],
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { elementwise: true, inPlace: true, quantise: {} },
  from: {},
  net: { tflite: { SQUARED_DIFFERENCE: (n, b) => [b.add("squared_difference", {}, operands(n), n.outputs[0])] } },
  write: { tflite: (_a, w) => plainNode("SQUARED_DIFFERENCE", "SquaredDifferenceOptions")(w) },
  cases: [],
  layerCases: [
    { title: "equal shapes", attrs: {}, inputs: [t8([1, 3, 5], 0.05, -128), t8([1, 3, 5], 0.05, 127)], output: { dtype: "i8", quant: { scale: [2.6], zero: [-128] } }, tolerance: 1 },
    { title: "a constant for each channel", attrs: {}, inputs: [t8([1, 2, 2, 3], 0.05, -3), constant], output: { dtype: "i8", quant: { scale: [0.6], zero: [-100] } }, tolerance: 1 },
    { title: "one column", attrs: {}, inputs: [t8([5, 1], 0.05, -3), t8([5, 3], 0.01, 0)], output: { dtype: "i8", quant: { scale: [0.6], zero: [-100] } }, tolerance: 1 },
    { title: "int16", attrs: {}, inputs: [t16([1, 3, 3], 0.001), t16([1, 3, 1], 0.0008)], output: { dtype: "i16", quant: { scale: [0.4], zero: [0] } }, tolerance: 1 },
    { title: "float32", attrs: {}, inputs: [{ dtype: "f32", shape: [2, 3] }, { dtype: "f32", shape: [3] }], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
