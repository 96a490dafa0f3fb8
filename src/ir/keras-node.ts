/** What Keras layers share: windows, weights in our order, activations as fused attribute or as a node, sequences as images. */
import { axisOf, flagOption, listOption, numberOption, operand, refuse, shapeOf, textOption } from "./foreign-node.js";
import { F32_MAX } from "./elementwise.js";
import type { ForeignNode, NetBuilder, Template, Value } from "./op.js";
import { activations, type Activation } from "./requantise.js";
import { addStrided, permuted, whole } from "./strided.js";
import { count, type Attrs, type Shape, type Tensor } from "./types.js";
import { padding, type WindowAttrs } from "./window.js";

const DAMAGED = "The file is damaged; save the model again with model.save.";

/** A value of the node that is not its last. */
export const part = (n: ForeignNode, what: string): Template => ({ name: `${n.name}/${what}`, dtype: "f32" });
export const output = (n: ForeignNode): Template => ({ name: n.name, dtype: "f32" });

/** One number as an operand. */
export const scalar = (n: ForeignNode, b: NetBuilder, what: string, v: number): Value => vector(n, b, what, [v]);
export const vector = (n: ForeignNode, b: NetBuilder, what: string, v: ArrayLike<number>): Value => b.constant({ name: `${n.name}/${what}`, dtype: "f32", shape: [v.length], data: Float32Array.from(v) });

/** Images have their channels last here. */
export function channelsLast(n: ForeignNode): void {
  if (n.options["data_format"] === "channels_first") refuse(n, "channels_first", "Supported: data_format=\"channels_last\". Rebuild the model with it (keras.config.set_image_data_format), copy the weights with kernels as they are, and save again.");
}

/** The i-th weight, which must have `rank` axes. */
export function weight(n: ForeignNode, b: NetBuilder, i: number, rank: number): Tensor {
  const v = n.inputs[i + 1] ?? null;
  if (v === null) return refuse(n, `weight ${i} is missing from the file`, "Save the whole model with model.save(\"model.keras\"); where models are nested in a .h5 file, the .keras format tells their weights apart.");
  const t = b.tensor(v);
  return t.data && t.shape.length === rank ? t : refuse(n, `weight ${i} has the shape (${t.shape.join(", ")})`, DAMAGED);
}

/** Weights in our order, by builder: a layer that is used twice has them once. */
const turned = new WeakMap<NetBuilder, Map<string, Value>>();

/** The i-th weight with its axes in another order and under another shape. */
export function reordered(n: ForeignNode, b: NetBuilder, t: Tensor, order: readonly number[], shape: Shape, i: number): Value {
  if (count(t.shape) !== count(shape)) return refuse(n, `weight ${i} has the shape (${t.shape.join(", ")})`, DAMAGED);
  const known = turned.get(b) ?? new Map<string, Value>();
  turned.set(b, known);
  const v = n.inputs[i + 1] as Value;
  const key = `${v} ${order.join()} ${shape.join()}`;
  const made = known.get(key) ?? addStrided(b, v, permuted(whole(t.shape), order), shape, part(n, `weights_${i}`));
  known.set(key, made);
  return made;
}

/** The bias as operand i, where the layer has one. */
export function biasAt(n: ForeignNode, b: NetBuilder, i: number): readonly Value[] {
  if (!flagOption(n, "use_bias", true)) return [];
  weight(n, b, i, 1);
  return [n.inputs[i + 1] as Value];
}

/** Two numbers of a window; one stands for both, and sequences have the height 1. */
export function pairOf(n: ForeignNode, key: string, rank: number, otherwise?: readonly [number, number]): readonly [number, number] {
  const v = n.options[key];
  const given = typeof v === "number" ? (rank === 3 ? [v] : [v, v]) : listOption(n, key);
  if (given.length === 0 && otherwise) return otherwise;
  const [p = 0, q = 0] = rank === 3 ? [1, ...given] : given;
  const sane = given.length === rank - 2 && [p, q].every((k) => Number.isInteger(k) && k >= 1 && k <= 32767);
  return sane ? [p, q] : refuse(n, `${key} ${given.join(", ")}`, `Supported: ${rank - 2} whole numbers of 1 to 32767.`);
}

/** The input as (1, height, width, channels): a sequence has the height 1. */
export function asImage(n: ForeignNode, b: NetBuilder): { readonly x: Value; readonly rank: number; readonly shape: readonly [number, number, number] } {
  channelsLast(n);
  const x = operand(n, 0);
  const shape = shapeOf(b, x);
  const [, p = 1, q = 1, c = 1] = shape;
  if (shape.length === 4) return { x, rank: 4, shape: [p, q, c] };
  if (shape.length !== 3) return refuse(n, `an input of (${shape.join(", ")})`, "Supported: (height, width, channels), and (steps, channels) for layers of sequences.");
  return { x: b.add("reshape", { shape: Int32Array.of(1, 1, p, q) }, [x], part(n, "image")), rank: 3, shape: [1, p, q] };
}

/** Back to a sequence, where it was one. */
export function fromImage(b: NetBuilder, y: Value, rank: number, as: Template): Value {
  const [, , w = 1, c = 1] = shapeOf(b, y);
  return rank === 4 ? y : b.add("reshape", { shape: Int32Array.of(1, w, c) }, [y], as);
}

/** Strides, dilations and borders; `causal` looks back only. */
export function windowOf(n: ForeignNode, rank: number, [h, w]: readonly [number, number], kernel: readonly [number, number], stride = pairOf(n, "strides", rank, [1, 1])): WindowAttrs {
  const dilation = pairOf(n, "dilation_rate", rank, [1, 1]);
  const mode = textOption(n, "padding", "valid").toLowerCase();
  if (!["valid", "same", "causal"].includes(mode)) refuse(n, `padding ${mode}`, "Supported: valid, same, causal.");
  const [strideY, strideX] = stride;
  const [dilationY, dilationX] = dilation;
  const borders = mode === "causal" ? { top: 0, bottom: 0, left: (kernel[1] - 1) * dilationX, right: 0 } : padding(mode === "same", [h, w], kernel, stride, dilation);
  return { strideY, strideX, dilationY, dilationX, ...borders };
}

type Make = (b: NetBuilder, x: Value, y: Template, n: ForeignNode) => Value;
const unary = (kind: string, alpha = 1): Make => (b, x, y) => b.add("unary", { kind, alpha }, [x], y);
const line = (above: number, below: number, lo = -F32_MAX, hi = F32_MAX): Make => (b, x, y) => b.add("rectify", { above, below, lo, hi, rescale: true }, [x], y);
const step = (b: NetBuilder, op: string, attrs: Attrs, y: Template, what: string, ...xs: readonly Value[]): Value => b.add(op, attrs, xs, { name: `${y.name}/${what}`, dtype: "f32" });
const number = (b: NetBuilder, y: Template, what: string, v: number): Value => b.constant({ name: `${y.name}/${what}`, dtype: "f32", shape: [1], data: Float32Array.of(v) });
const plain = { activation: "none" } as const;

/** 0.2 x + 0.5 until Keras 2, (x + 3) / 6 since Keras 3, within 0 .. 1. */
const hardSigmoid: Make = (b, x, y, n) => {
  const scaled = step(b, "mul", plain, y, "scaled", x, number(b, y, "scale", numberOption(n, "__keras__", 3) >= 3 ? 1 / 6 : 0.2));
  return line(1, 1, 0, 1)(b, step(b, "add", { subtract: false, ...plain }, y, "shifted", scaled, number(b, y, "shift", 0.5)), y, n);
};

const makers: Readonly<Record<string, Make>> = {
  linear: (_b, x) => x,
  relu: line(1, 0, 0), relu6: line(1, 0, 0, 6), leaky_relu: (b, x, y, n) => line(1, numberOption(n, "negative_slope", 0.2))(b, x, y, n),
  sigmoid: (b, x, y) => b.add("sigmoid", { tanh: false }, [x], y), tanh: (b, x, y) => b.add("sigmoid", { tanh: true }, [x], y),
  softmax: (b, x, y) => b.add("softmax", { beta: 1 }, [x], y), log_softmax: (b, x, y) => b.add("log_softmax", {}, [x], y),
  elu: unary("elu"), gelu: unary("gelu"), exponential: unary("exp"), softplus: unary("softplus"), silu: unary("silu"), swish: unary("silu"),
  hard_swish: unary("hard_swish"), hard_silu: unary("hard_swish"), hard_sigmoid: hardSigmoid,
  selu: (b, x, y) => b.add("mul", plain, [step(b, "unary", { kind: "elu", alpha: 1.6732632423543772 }, y, "elu", x), number(b, y, "scale", 1.0507009873554805)], y),
  softsign: (b, x, y) => b.add("div", plain, [x, step(b, "add", { subtract: false, ...plain }, y, "size", line(1, -1)(b, x, { name: `${y.name}/absolute`, dtype: "f32" }, {} as ForeignNode), number(b, y, "one", 1))], y),
  mish: (b, x, y) => b.add("mul", plain, [x, step(b, "sigmoid", { tanh: true }, y, "tanh", step(b, "unary", { kind: "softplus", alpha: 1 }, y, "softplus", x))], y),
};

/** Keras' name of the layer's activation. */
export const activationOf = (n: ForeignNode, key = "activation"): string => textOption(n, key, "linear").toLowerCase();

/** The activation as a node behind `x`. */
export function activate(n: ForeignNode, b: NetBuilder, x: Value, name = activationOf(n)): Value {
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  return make ? make(b, x, output(n), n) : refuse(n, `the activation ${name.slice(0, 60)}`, `Supported: ${Object.keys(makers).join(", ")}.`);
}

/** Adds an operator that can fuse some activations; others follow it as a node. `build` makes the operator with a fused activation and a name. */
export function activated(n: ForeignNode, b: NetBuilder, build: (activation: Activation, as: Template) => Value): readonly Value[] {
  const name = activationOf(n);
  const fused = name === "linear" ? "none" : activations.find((a) => a === name);
  return [fused ? build(fused, output(n)) : activate(n, b, build("none", part(n, "linear")))];
}

/** A sequence layer's node gets its last name at the end; what stands before has another. */
export const imageName = (rank: number, as: Template): Template => (rank === 4 ? as : { ...as, name: `${as.name}/image` });

/** The last axis, as Keras 2 and 3 write it. */
export function lastAxis(n: ForeignNode, rank: number): void {
  const v = n.options["axis"];
  const axes = typeof v === "number" ? [v] : listOption(n, "axis");
  if (axes.length > 1 || axes.some((a) => axisOf(n, a, rank) !== rank - 1)) refuse(n, `axis ${axes.join(", ")} of ${rank} dimensions`, "Supported: the last axis (-1), which holds the channels.");
}

/** Cells in front of and behind each axis, the batch and the channels included: one number, one for each axis, or two. */
export function bordersOf(n: ForeignNode, key: string, rank: number): readonly (readonly [number, number])[] {
  channelsLast(n);
  const v = n.options[key];
  const axes = rank - 2;
  const given = typeof v === "number" ? [v] : listOption(n, key);
  const sides = given.length === 1 ? Array.from({ length: 2 * axes }, () => given[0] as number)
    : axes === 2 && given.length === 2 ? given.flatMap((k) => [k, k]) : given;
  const sane = sides.length === 2 * axes && (axes === 1 || axes === 2) && sides.every((k) => Number.isInteger(k) && k >= 0 && k <= 32767);
  if (!sane) refuse(n, `${key} ${given.join(", ")} of ${rank - 1} axes`, "Supported: whole numbers up to 32767 for the axes between batch and channels.");
  return [[0, 0], ...Array.from({ length: axes }, (_, d) => [sides[2 * d] ?? 0, sides[2 * d + 1] ?? 0] as const), [0, 0]];
}

/** Keras stretches operands of fewer axes behind the batch: (1, c) beside (1, h, w, c) is (1, 1, 1, c). */
export function alignBatch(n: ForeignNode, b: NetBuilder, values: readonly Value[]): readonly Value[] {
  const rank = Math.max(...values.map((v) => shapeOf(b, v).length));
  return values.map((v) => {
    const [batch = 1, ...rest] = shapeOf(b, v);
    const shape = [batch, ...Array.from({ length: rank - 1 - rest.length }, () => 1), ...rest];
    return shape.length === rest.length + 1 ? v : b.add("reshape", { shape: Int32Array.from(shape) }, [v], { name: `${n.name}/aligned`, dtype: b.tensor(v).dtype });
  });
}
