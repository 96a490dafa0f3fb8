/** Layers around layers: both directions of a recurrent layer, and one layer for every step of a sequence. */
import { fail } from "../../ir/diagnostics.js";
import { flagOption, operand, refuse, shapeOf, textOption } from "../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, NetLowering, Value } from "../../ir/op.js";
import type { KerasLayer } from "./topology.js";

const innerOf = (n: ForeignNode, l: KerasLayer): KerasLayer => l.inner[0] ?? refuse(n, "the layer inside it is missing", "The file is damaged; save the model again with model.save.");
const loweringOf = (n: ForeignNode, l: KerasLayer, table: ReadonlyMap<string, NetLowering>): NetLowering => table.get(l.type) ?? refuse(n, `a ${l.type} inside it`, `Supported: ${[...table.keys()].sort().join(", ")}.`);

const merges: Readonly<Record<string, (name: string, b: NetBuilder, y: readonly [Value, Value]) => Value>> = {
  concat: (name, b, y) => b.add("concat", { axis: shapeOf(b, y[0]).length - 1, stack: false }, y, { name }),
  sum: (name, b, y) => b.add("add", { subtract: false, activation: "none" }, y, { name }),
  mul: (name, b, y) => b.add("mul", { activation: "none" }, y, { name }),
  ave: (name, b, y) => {
    const sum = b.add("add", { subtract: false, activation: "none" }, y, { name: `${name}/sum` });
    return b.add("mul", { activation: "none" }, [sum, b.constant({ name: `${name}/half`, dtype: "f32", shape: [1], data: Float32Array.of(0.5) })], { name });
  },
};

/** Both halves of the weights, each through the layer inside; rows of the backward half stand in the order of the input. */
export function bidirectional(n: ForeignNode, l: KerasLayer, table: ReadonlyMap<string, NetLowering>, b: NetBuilder): readonly Value[] {
  const forward = innerOf(n, l);
  const backward = l.inner[1] ?? forward;
  const mode = textOption(n, "merge_mode", "none");
  const merge = Object.hasOwn(merges, mode) ? merges[mode] : undefined;
  if (!["LSTM", "GRU", "SimpleRNN"].includes(forward.type) || backward.type !== forward.type) return fail("keras/unsupported", l.where, `${forward.type} in both directions`, "Supported: LSTM, GRU, SimpleRNN.");
  const [x, ...weights] = n.inputs;
  const half = weights.length / 2;
  const one = (part: KerasLayer, which: number): Value => {
    const options = { ...part.options, __keras__: n.options["__keras__"] ?? 3, __rows__: true, go_backwards: which === 1 };
    const name = `${n.name}/${which === 1 ? "backward" : "forward"}`;
    const made = loweringOf(n, part, table)({ ...n, type: part.type, name, options, inputs: [x ?? null, ...weights.slice(which * half, (which + 1) * half)], outputs: [{ name }] }, b);
    return made[0] ?? refuse(n, "a direction without output", "The file is damaged; save the model again with model.save.");
  };
  if (flagOption({ ...n, options: forward.options }, "go_backwards")) return refuse(n, "a layer inside it that goes backwards", "Supported: a forward layer inside Bidirectional.");
  const both = [one(forward, 0), one(backward, 1)] as const;
  return merge ? [merge(n.name, b, both)] : both;
}

/** Types that treat every step alike when they are given the whole sequence. */
const alike = ["Dense", "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Dropout", "BatchNormalization", "LayerNormalization", "Rescaling", "GaussianNoise"];

export function perStep(n: ForeignNode, l: KerasLayer, table: ReadonlyMap<string, NetLowering>, b: NetBuilder): readonly Value[] {
  const layer = innerOf(n, l);
  const x = shapeOf(b, operand(n, 0));
  const steps = { ...n, type: layer.type, options: { ...layer.options, __keras__: n.options["__keras__"] ?? 3 } };
  if (alike.includes(layer.type)) return loweringOf(n, layer, table)(layer.type === "BatchNormalization" || layer.type === "LayerNormalization" ? { ...steps, options: { ...steps.options, axis: [-1] } } : steps, b);
  if (layer.type === "Flatten" && x.length > 2) return [b.add("reshape", { shape: Int32Array.of(1, x[1] ?? 1, -1) }, [operand(n, 0)], { name: n.name })];
  return fail("keras/unsupported", l.where, `TimeDistributed(${layer.type})`, `Supported inside it: ${[...alike, "Flatten"].join(", ")}.`);
}
