/** Multiply, Rescaling, and normalisations: scale and offset of each channel, in double precision and rounded once. */
import { flagOption, listOption, numberOption, operand, operands, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { alignBatch, lastAxis, output, part, scalar, vector, weight } from "../../../ir/keras-node.js";
import type { ForeignNode, NetBuilder, NetLowering, Value } from "../../../ir/op.js";
import { addReduced } from "../../../ir/reduction.js";

const none = { activation: "none" } as const;
const plus = { subtract: false, ...none };
const numbers = (n: ForeignNode, key: string, otherwise: number): readonly number[] => (Array.isArray(n.options[key]) ? listOption(n, key) : [numberOption(n, key, otherwise)]);

const multiply: NetLowering = (n, b) => {
  const [first, ...more] = alignBatch(n, b, operands(n));
  if (first === undefined || more.length === 0) return refuse(n, "fewer than two operands", "The file is damaged; save the model again with model.save.");
  return [more.reduce((all, v, i) => b.add("mul", none, [all, v], i === more.length - 1 ? output(n) : part(n, `part_${i}`)), first)];
};

/** y = x * scale + offset, each one number or one for each channel; what does nothing is left out. */
function affine(n: ForeignNode, b: NetBuilder, scale: readonly number[], offset: readonly number[]): readonly Value[] {
  const x = operand(n, 0);
  const channels = shapeOf(b, x).at(-1) ?? 1;
  if ([scale, offset].some((v) => v.length !== 1 && v.length !== channels)) refuse(n, `${scale.length} factors and ${offset.length} offsets for ${channels} channels`, "Supported: one, or one for each channel (the last axis).");
  const [scaling, moving] = [scale.some((v) => v !== 1), offset.some((v) => v !== 0)];
  const scaled = scaling ? b.add("mul", none, [x, vector(n, b, "scale", scale)], moving ? part(n, "scaled") : output(n)) : x;
  return [moving ? b.add("add", plus, [scaled, vector(n, b, "offset", offset)], output(n)) : scaled];
}

const batchNormalization: NetLowering = (n, b) => {
  lastAxis(n, shapeOf(b, operand(n, 0)).length);
  const [trainedScale, trainedOffset] = [flagOption(n, "scale", true), flagOption(n, "center", true)];
  let at = 0;
  const next = (): readonly number[] => [...(weight(n, b, at++, 1).data ?? [])];
  const [gamma, beta, mean, variance] = [trainedScale ? next() : [], trainedOffset ? next() : [], next(), next()];
  const epsilon = numberOption(n, "epsilon", 1e-3);
  const scale = mean.map((_, c) => (gamma[c] ?? 1) / Math.sqrt((variance[c] ?? 1) + epsilon));
  return affine(n, b, scale, mean.map((m, c) => (beta[c] ?? 0) - m * (scale[c] ?? 1)));
};

/** Mean and variance of the data, as weights or in the configuration. */
const normalization: NetLowering = (n, b) => {
  if (n.options["axis"] !== undefined && !(Array.isArray(n.options["axis"]) && n.options["axis"].length === 0)) lastAxis(n, shapeOf(b, operand(n, 0)).length);
  const given = n.options["mean"] !== undefined;
  const of = (key: string, i: number): readonly number[] => {
    const v = n.inputs[i + 1] ?? null;
    return given ? numbers(n, key, 0) : v === null ? refuse(n, `its ${key} is missing`, "Call layer.adapt(data), and save the model again.") : [...(b.tensor(v).data ?? [])];
  };
  const [mean, variance] = [of("mean", 0), of("variance", 1)];
  const deviation = variance.map((v) => Math.max(Math.sqrt(v), 1e-7));
  if (mean.length !== deviation.length) return refuse(n, `${mean.length} means, ${deviation.length} variances`, "The file is damaged; save the model again with model.save.");
  return flagOption(n, "invert") ? affine(n, b, deviation, mean) : affine(n, b, deviation.map((d) => 1 / d), mean.map((m, c) => -m / (deviation[c] ?? 1)));
};

/** (x - mean) / sqrt(variance + epsilon) of each row, times gamma, plus beta. */
const layerNormalization: NetLowering = (n, b) => {
  const x = operand(n, 0);
  const rank = shapeOf(b, x).length;
  lastAxis(n, rank);
  if (flagOption(n, "rms_scaling")) return refuse(n, "rms_scaling", "Supported: rms_scaling=False.");
  const mean = (v: Value, what: string): Value => addReduced("reduce_sum", { mean: true }, n, b, v, [rank - 1], true, part(n, what));
  const centred = b.add("add", { subtract: true, ...none }, [x, mean(x, "mean")], part(n, "centred"));
  const variance = mean(b.add("mul", none, [centred, centred], part(n, "squares")), "variance");
  const safe = b.add("add", plus, [variance, scalar(n, b, "epsilon", numberOption(n, "epsilon", 1e-3))], part(n, "safe"));
  let y = b.add("mul", none, [centred, b.add("unary", { kind: "rsqrt", alpha: 1 }, [safe], part(n, "factor"))], part(n, "normal"));
  let at = 0;
  const own = (): Value => (weight(n, b, at, 1), n.inputs[++at] as Value);
  if (flagOption(n, "scale", true)) y = b.add("mul", none, [y, own()], part(n, "scaled"));
  return [flagOption(n, "center", true) ? b.add("add", plus, [y, own()], output(n)) : y];
};

const rescaling: NetLowering = (n, b) => affine(n, b, numbers(n, "scale", 1), numbers(n, "offset", 0));

export const fromKeras = { Multiply: multiply, BatchNormalization: batchNormalization, Normalization: normalization, LayerNormalization: layerNormalization, Rescaling: rescaling };
