/** What operators share when they write themselves as nodes of a TFLite file. */
import type { NetWriting, Value } from "./op.js";
import type { PoolAttrs } from "./pooling.js";
import type { ReductionAttrs } from "./reduction.js";
import type { Tensor } from "./types.js";
import { padding, type WindowAttrs } from "./window.js";

/** The name of a fused activation in the file. */
export const fusedName = (activation: string): string => activation.toUpperCase();

export const operandOf = (w: NetWriting, i: number): Tensor => w.io.inputs[i] ?? w.refuse(`operand ${i} is missing`, "This is a fault of coincell: report it with the model.");
export const outputOf = (w: NetWriting): Tensor => w.io.outputs[0] ?? w.refuse("it has no output", "This is a fault of coincell: report it with the model.");

/** Whole numbers that the file holds as a constant operand: axes, shapes, borders. */
export const integers = (w: NetWriting, what: string, values: readonly number[], shape: readonly number[] = [values.length]): Value =>
  w.constant({ name: `${w.name}/${what}`, dtype: "i32", shape, data: Int32Array.from(values) });

const sides = ["top", "left", "bottom", "right"] as const;
type Sides = Pick<WindowAttrs, (typeof sides)[number]>;

/** SAME or VALID where the borders of a window are one of them, else null. */
export function paddingName(a: WindowAttrs, image: Tensor, kernel: readonly [number, number]): "SAME" | "VALID" | null {
  const [, h = 1, w = 1] = image.shape;
  const fits = (p: Sides): boolean => sides.every((s) => p[s] === a[s]);
  if (fits({ top: 0, left: 0, bottom: 0, right: 0 })) return "VALID";
  return fits(padding(true, [h, w], kernel, [a.strideY, a.strideX], [a.dilationY, a.dilationX])) ? "SAME" : null;
}

/** Borders that the file has no word for become a PAD in front; what it pads with is real zero. */
export function bordered(w: NetWriting, a: WindowAttrs, kernel: readonly [number, number]): { readonly x: Value; readonly padding: string } {
  const image = operandOf(w, 0);
  const x = w.inputs[0] as Value;
  const name = paddingName(a, image, kernel);
  if (name) return { x, padding: name };
  const [n = 1, h = 1, wide = 1, c = 1] = image.shape;
  const between = w.between({ name: `${w.name}/pad`, dtype: image.dtype, shape: [n, h + a.top + a.bottom, wide + a.left + a.right, c], ...(image.quant ? { quant: image.quant } : {}) });
  w.add("PAD", ["PadOptions", {}], [x, integers(w, "pad/borders", [0, 0, a.top, a.bottom, a.left, a.right, 0, 0], [4, 2])], between);
  return { x: between, padding: "VALID" };
}

/** Weights, and the bias where there is one; biases of int16 layers have 64 bits in the file. */
export function weightsOf(w: NetWriting): readonly [weights: Value, ...bias: Value[]] {
  const [, weights, bias] = w.inputs;
  const t = w.io.inputs[2];
  if (bias === undefined || !t) return [weights as Value];
  const wide = operandOf(w, 0).dtype === "i16";
  return [weights as Value, wide && t.data ? w.constant({ name: t.name, dtype: t.dtype, shape: t.shape, data: t.data, ...(t.quant ? { quant: t.quant } : {}) }, true) : bias];
}

/** The same for layers that TFLite 2.14 refuses (or crashes on) without a bias: zeros, on the scale of the sums. @param channels how many outputs have one each */
export function weightsWithBias(w: NetWriting, channels: number): readonly Value[] {
  if (w.io.inputs[2]) return weightsOf(w);
  const [x, weights] = [operandOf(w, 0), operandOf(w, 1)];
  const name = `${w.name}/bias`;
  if (!x.quant || !weights.quant) return [...weightsOf(w), w.constant({ name, dtype: "f32", shape: [channels], data: new Float32Array(channels) })];
  const [of = 1] = x.quant.scale;
  const quant = { scale: weights.quant.scale.map((s) => s * of), zero: weights.quant.scale.map(() => 0), axis: 0 };
  return [...weightsOf(w), w.constant({ name, dtype: "i32", shape: [channels], data: new Int32Array(channels), quant }, x.dtype === "i16")];
}

/** A node whose operands are ours, in order. */
export const plainNode = (type: string, options: string | null, fields: Readonly<Record<string, number | string | boolean>> = {}) =>
  (w: NetWriting): void => w.add(type, options === null ? null : [options, fields], w.inputs, w.output);

/** Options Pool2DOptions. */
export const poolWriter = (type: string) => (a: PoolAttrs, w: NetWriting): void => {
  const name = paddingName(a, operandOf(w, 0), [a.kernelY, a.kernelX]) ?? w.refuse("borders that are neither SAME nor VALID", "TFLite has no form for them.");
  const fields = { padding: name, stride_w: a.strideX, stride_h: a.strideY, filter_width: a.kernelX, filter_height: a.kernelY, fused_activation_function: fusedName(a.activation) };
  w.add(type, ["Pool2DOptions", fields], w.inputs, w.output);
};

/** Options ReducerOptions. */
export const reductionWriter = (type: string) => (a: ReductionAttrs, w: NetWriting): void =>
  w.add(type, ["ReducerOptions", { keep_dims: a.keep }], [w.inputs[0] ?? null, integers(w, "axes", [...a.axes])], w.output);
