/** Biases and batch normalisations of quantised networks in the form that integer layers take. */
import { channelsFirst, channelsLast } from "../../ir/channels.js";
import type { ForeignNode, Value } from "../../ir/op.js";
import { count, scaleAt, type Tensor } from "../../ir/types.js";
import type { OnnxBuilder } from "./onnx-builder.js";
import { realValues, type Format } from "./scales.js";

const LARGEST = 2 ** 31 - 1;
const f32 = Math.fround;

/** One scale for each channel, or one for all: what a sum of products stands for. */
const sumScales = (x: Tensor, w: Tensor): readonly number[] => (w.quant?.scale ?? [1]).map((s) => f32(x.quant ? scaleAt(x.quant, 0) : 1) * f32(s));

function biasData(values: ArrayLike<number>, scales: readonly number[]): Int32Array {
  return Int32Array.from(values, (v, c) => Math.max(-LARGEST, Math.min(LARGEST, Math.round(v / (scales[scales.length === 1 ? 0 : c] ?? 1)))));
}

/** The bias as int32 with the scale of the sums; undefined where it is no constant. Integers of that scale stay as they are. */
export function integerBias(b: OnnxBuilder, bias: Value, x: Tensor, w: Tensor, channelAxis: number): Value | undefined {
  const t = b.tensor(bias);
  const scales = sumScales(x, w);
  if (!t.data || (scales.length > 1 && scales.length !== count(t.shape)) || (w.quant?.axis ?? channelAxis) !== channelAxis) return scales.length === 1 && t.data ? integerBiasOne(b, t, scales) : undefined;
  return integerBiasOne(b, t, scales);
}

function integerBiasOne(b: OnnxBuilder, t: Tensor, scales: readonly number[]): Value {
  const quant = { scale: scales, zero: [0], ...(scales.length > 1 ? { axis: t.shape.length - 1 } : {}) };
  const own = t.dtype === "i32" && (!t.quant || (t.quant.zero.every((z) => z === 0) && t.quant.scale.every((s, i) => Math.abs(s / (scales[i] ?? scales[0] ?? 1) - 1) < 1e-6) && (t.quant.scale.length === scales.length || new Set(scales).size === 1)));
  return b.constant({ name: t.name, dtype: "i32", shape: t.shape, data: own ? Int32Array.from(t.data ?? []) : biasData(realValues(t), scales), quant });
}

/**
 * y = scale * x + offset of each channel as a depthwise layer of one cell: the weight is 127 (or -127), and what it stands for, the
 * scale of the weights, carries the factor itself, so that it is as exact as any multiplier.
 */
export function integerNormalisation(b: OnnxBuilder, name: string, x: Value, operands: readonly (Tensor | null)[], epsilon: unknown, f: Format): Value | null {
  const [gamma, beta, mean, variance] = operands.map((t) => (t?.data ? realValues(t) : null));
  const t = b.tensor(x);
  if (!gamma || !beta || !mean || !variance || !t.quant || t.shape.length < 3) return null;
  const factor = Array.from(gamma, (g, c) => g / Math.sqrt((variance[c] ?? 1) + (typeof epsilon === "number" ? epsilon : 1e-5)));
  const scale = factor.map((v) => Math.max(Math.abs(v), 1e-12) / 127);
  const channels = factor.length;
  const node: ForeignNode = { type: "BatchNormalization", name, where: name, options: {}, inputs: [x], outputs: [{ name, ...f }] };
  const w = b.constant({ name: `${name}/weights`, dtype: "i8", shape: [1, 1, 1, channels], data: Int8Array.from(factor, (v) => (v < 0 ? -127 : 127)), quant: { scale, zero: [0], axis: 3 } });
  const scales = sumScales(t, b.tensor(w));
  const offset = b.constant({ name: `${name}/offset`, dtype: "i32", shape: [channels], data: biasData(Array.from(beta, (v, c) => v - (mean[c] ?? 0) * (factor[c] ?? 0)), scales), quant: { scale: scales, zero: [0], axis: 0 } });
  const attrs = { strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 0, left: 0, bottom: 0, right: 0, activation: "none" };
  const y = b.add("depthwise_conv_2d", attrs, [channelsLast(node, b, x), w, offset], { name: `${name}/channels_last`, ...f });
  return channelsFirst(b, y, t.shape.length, { name, ...f });
}
