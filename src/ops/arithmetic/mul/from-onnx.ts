/** Mul, BatchNormalization (scale and offset of each channel), InstanceNormalization, LayerNormalization. */
import { axisOf, constantOf, numberOption, operand, shapeOf } from "../../../ir/foreign-node.js";
import { number, outputOf } from "../../../ir/onnx-node.js";
import type { ForeignNode, NetBuilder, NetLowering, Value } from "../../../ir/op.js";
import { upTo } from "../../../ir/picked.js";
import { addReduced } from "../../../ir/reduction.js";

const none = { activation: "none" } as const;

const mul: NetLowering = (n, b) => [b.add("mul", none, [operand(n, 0), operand(n, 1)], outputOf(n))];

/** In double precision, rounded once: what a convolution before it will take in. */
const batchNormalization: NetLowering = (n, b) => {
  const x = operand(n, 0);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => constantOf(n, b, i)) as [readonly number[], readonly number[], readonly number[], readonly number[]];
  const epsilon = numberOption(n, "epsilon", 1e-5);
  const scale = gamma.map((g, c) => g / Math.sqrt((variance[c] ?? 1) + epsilon));
  const channel = (name: string, values: readonly number[]): Value => b.constant({ name: `${n.name}/${name}`, dtype: "f32", shape: shapeOf(b, x).map((_, d) => (d === 1 ? values.length : 1)), data: Float32Array.from(values) });
  const scaled = b.add("mul", none, [x, channel("scale", scale)], { name: `${n.name}/scaled` });
  return [b.add("add", { subtract: false, activation: "none" }, [scaled, channel("offset", beta.map((v, c) => v - (mean[c] ?? 0) * (scale[c] ?? 0)))], outputOf(n))];
};

/** (x - mean) / sqrt(variance + epsilon) over some axes, times and plus one number for each element of others. */
function normalised(n: ForeignNode, b: NetBuilder, axes: readonly number[], gain: Value, offset: Value | null): readonly Value[] {
  const x = operand(n, 0);
  const step = (op: string, attrs: { readonly activation: string; readonly subtract?: boolean }, p: Value, q: Value, name: string): Value => b.add(op, { ...attrs }, [p, q], { name: `${n.name}/${name}` });
  const plus = { subtract: false, ...none };
  const centred = step("add", { subtract: true, ...none }, x, addReduced("reduce_sum", { mean: true }, n, b, x, axes, true, { name: `${n.name}/mean` }), "centred");
  const variance = addReduced("reduce_sum", { mean: true }, n, b, step("mul", none, centred, centred, "squares"), axes, true, { name: `${n.name}/variance` });
  const factor = b.add("unary", { kind: "rsqrt", alpha: 1 }, [step("add", plus, variance, number(b, `${n.name}/epsilon`, numberOption(n, "epsilon", 1e-5)), "safe")], { name: `${n.name}/factor` });
  const y = b.add("mul", none, [step("mul", none, centred, factor, "normal"), gain], offset === null ? outputOf(n) : { name: `${n.name}/gained` });
  return [offset === null ? y : b.add("add", plus, [y, offset], outputOf(n))];
}

const instanceNormalization: NetLowering = (n, b) => {
  const shape = shapeOf(b, operand(n, 0));
  const channel = (i: number): Value => { const t = b.tensor(operand(n, i)); return b.add("reshape", { shape: Int32Array.from(shape, (_, d) => (d === 1 ? -1 : 1)) }, [operand(n, i)], { name: `${t.name}/channels`, dtype: t.dtype }); };
  return normalised(n, b, upTo(shape.length).slice(2), channel(1), channel(2));
};

const layerNormalization: NetLowering = (n, b) => {
  const rank = shapeOf(b, operand(n, 0)).length;
  return normalised(n, b, upTo(rank).slice(axisOf(n, numberOption(n, "axis", -1), rank)), operand(n, 1), n.inputs[2] ?? null);
};

export const fromOnnx = { Mul: mul, BatchNormalization: batchNormalization, InstanceNormalization: instanceNormalization, LayerNormalization: layerNormalization };
