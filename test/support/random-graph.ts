/** Random small integer networks, legal by construction and the same for a seed on every machine: what the operators' own cases do not think of. */
import { permuted, rearrangement, whole } from "../../src/ir/strided.js";
import { count, elements, limits, makeArray, type AnyNode, type Attrs, type DType, type Graph, type IntDType, type Quant, type Shape, type Tensor, type TypedArray } from "../../src/ir/types.js";
import { verifyGraph } from "../../src/ir/verify.js";
import { samePadding } from "../../src/ir/window.js";
import { findOp, knownOps } from "../../src/ops/registry.js";
import { random, type Random } from "./random.js";

export interface Kind {
  /** int16 activations with int8 weights; else int8. */
  readonly wide: boolean;
  /** Only what a .tflite file can say and tflite-runtime computes as TensorFlow Lite Micro does: no transposes, no SUM, no RELU6 with another scale behind it, no int16 SOFTMAX. */
  readonly portable: boolean;
}

/** What one draw adds behind tensor x; null where it does not fit x. */
type Draw = (d: Drawing, x: number) => number | null;

const MAX_ELEMENTS = 1600;
const F32_MAX = 3.4028234663852886e38;
const f32 = Math.fround;
/** About what the deviation of random integers of a type is, and between which deviations results lie in their own integers. */
const spread = { i8: { x: 74, y: [10, 200] }, i16: { x: 18900, y: [2000, 50000] } } as const;
const WEIGHTS = 74;

export class Drawing {
  readonly r: Random;
  readonly tensors: Tensor[] = [];
  readonly nodes: AnyNode[] = [];

  constructor(seed: number, readonly kind: Kind) { this.r = random(seed); }

  chance(p: number): boolean { return this.r.next() < p; }
  whole(lo: number, hi: number): number { return lo + this.r.below(hi - lo + 1); }
  log(lo: number, hi: number): number { return Math.exp(this.r.between(Math.log(lo), Math.log(hi))); }
  tensor(t: number): Tensor { return this.tensors[t] as Tensor; }
  wide(t: number): boolean { return this.tensor(t).dtype === "i16"; }
  scale(t: number): number { return this.tensor(t).quant?.scale[0] ?? 1; }
  quant(t: number): Quant { return this.tensor(t).quant as Quant; }
  /** A zero point: the ends and the middle often, all others too. */
  zero(dtype: DType): number { return dtype === "i16" ? 0 : this.chance(0.3) ? this.r.pick([-128, 127, 0]) : this.whole(-128, 127); }
  add(t: Omit<Tensor, "name">): number { return this.tensors.push({ ...t, name: `t${this.tensors.length}` }) - 1; }
  activation(): string { return this.chance(0.4) ? "none" : this.r.pick(["relu", "relu", "relu6", "relu_n1_to_1"]); }

  /** Products of products would leave all that is realistic. */
  fresh(dtype: DType, scale: number): Quant {
    return { scale: [f32(Math.min(100, Math.max(dtype === "i16" ? 1e-7 : 1e-5, scale)))], zero: [this.zero(dtype)] };
  }

  /** A node behind `inputs`, with an output of the type of the first one. */
  node(op: string, attrs: Attrs, inputs: readonly number[], quant: Quant, dtype: DType = this.tensor(inputs[0] ?? 0).dtype): number {
    const [shape = []] = findOp(op).infer(attrs as never, inputs.map((t) => this.tensor(t).shape));
    const y = this.add({ dtype, shape, quant });
    this.nodes.push({ name: `n${this.nodes.length}`, op, attrs, inputs, outputs: [y] });
    return y;
  }

  /** The scale of a result whose deviation is `size` of the scale `unit`; now and then so small that most of it saturates. */
  resultScale(x: number, unit: number, size: number): number {
    const [lo, hi] = spread[this.wide(x) ? "i16" : "i8"].y;
    return (unit * size) / this.log(lo, hi) / (this.chance(0.05) ? 16 : 1);
  }

  constant(dtype: IntDType, shape: Shape, quant: Quant): number {
    const data = makeArray(dtype, count(shape)).map(() => this.whole(...limits(dtype))) as TypedArray;
    return this.add({ dtype, shape, quant, data });
  }

  image(x: number): readonly [h: number, w: number, c: number] | null {
    const [batch, h = 1, w = 1, c = 1] = this.tensor(x).shape;
    return batch === 1 && this.tensor(x).shape.length === 4 ? [h, w, c] : null;
  }

  /** The values of x in another scale. */
  as(x: number, dtype: DType, quant: Quant): number {
    return this.tensor(x).dtype === dtype && this.scale(x) === quant.scale[0] && this.quant(x).zero[0] === quant.zero[0] ? x : this.node("requantize", {}, [x], quant, dtype);
  }
}

/** Weights of a layer, now and then all zero for a channel, with their bias; TensorFlow Lite has no integer convolution without one. */
function weights(d: Drawing, x: number, shape: Shape, axis: number, oneScale: boolean): readonly number[] {
  const out = shape[axis] as number;
  const base = d.log(0.001, 0.05);
  const scale = Array.from({ length: oneScale ? 1 : out }, () => f32(base * d.log(0.2, 1)));
  const data = new Int8Array(count(shape)).map(() => d.whole(-127, 127));
  const inner = count(shape.slice(axis + 1));
  const dead = Array.from({ length: out }, () => d.chance(0.08));
  data.forEach((_, i) => { if (dead[Math.floor(i / inner) % out]) data[i] = 0; });
  const w = d.add({ dtype: "i8", shape, quant: { scale, zero: scale.map(() => 0), axis }, data });
  if (d.chance(0.15) && !(d.kind.portable && shape.length === 4)) return [x, w];
  const size = spread[d.wide(x) ? "i16" : "i8"].x * WEIGHTS * Math.sqrt(data.length / out) * d.log(0.1, 2);
  const b = scale.map((s) => f32(d.scale(x) * s));
  return [x, w, d.add({ dtype: "i32", shape: [out], quant: { scale: b, zero: b.map(() => 0), axis: 0 }, data: new Int32Array(out).map(() => Math.round(d.r.normal() * size)) })];
}

/** The scale of the result of a layer. */
function layerQuant(d: Drawing, [x = 0, w = 0]: readonly number[], terms: number): Quant {
  return d.fresh(d.tensor(x).dtype, d.resultScale(x, d.scale(x) * Math.max(...d.quant(w).scale), spread[d.wide(x) ? "i16" : "i8"].x * WEIGHTS * Math.sqrt(terms)));
}

/** Border, stride and dilation along one axis: SAME, VALID or any; null where the window does not fit. */
function along(d: Drawing, size: number, kernel: number, border: "same" | "valid" | "any", dilations: boolean) {
  const stride = d.chance(0.6) ? 1 : d.whole(1, 3);
  const dilation = dilations && d.chance(0.3) ? d.whole(1, 3) : 1;
  const [before, after] = border === "same" ? samePadding(size, kernel, stride, dilation) : border === "valid" ? [0, 0] : [d.whole(0, 2), d.whole(0, 2)];
  return (kernel - 1) * dilation + 1 > size + before + after ? null : { stride, dilation, before, after };
}

function window(d: Drawing, [h, w]: readonly number[], kernel: readonly [number, number], dilations: boolean) {
  const border = d.chance(0.5) ? "same" : dilations && d.chance(0.4) ? "any" : "valid";
  const [y, x] = [along(d, h as number, kernel[0], border, dilations), along(d, w as number, kernel[1], border, dilations)];
  return y && x && { strideY: y.stride, strideX: x.stride, dilationY: y.dilation, dilationX: x.dilation, top: y.before, bottom: y.after, left: x.before, right: x.after };
}

function convolution(d: Drawing, x: number, depthwise: boolean): number | null {
  const image = d.image(x);
  const kernel: readonly [number, number] = d.chance(0.3) ? [1, 1] : d.chance(0.5) ? [3, 3] : [d.whole(1, 5), d.whole(1, 5)];
  const win = image && window(d, image, kernel, true);
  if (!win) return null;
  const c = image[2];
  const groups = !depthwise && c % 2 === 0 && d.chance(0.12) ? 2 : 1;
  const shape = depthwise ? [1, ...kernel, c * (d.chance(0.7) ? 1 : d.whole(2, 3))] : [groups * d.whole(1, 8 / groups), ...kernel, c / groups];
  const inputs = weights(d, x, shape, depthwise ? 3 : 0, d.chance(0.2));
  const attrs = { ...win, activation: d.activation(), ...(depthwise ? {} : { groups }) };
  return d.node(depthwise ? "depthwise_conv_2d" : "conv_2d", attrs, inputs, layerQuant(d, inputs, count(kernel) * (depthwise ? 1 : c / groups)));
}

const conv: Draw = (d, x) => convolution(d, x, false);
const depthwise: Draw = (d, x) => convolution(d, x, true);

const dense: Draw = (d, x) => {
  const { shape } = d.tensor(x);
  const all = shape.length > 2 && count(shape) <= 400 && d.chance(0.5);
  const depth = all ? count(shape) : shape.at(-1) ?? 1;
  const keepDims = !all && d.chance(0.5);
  // tflite-runtime 2.14 writes outside its memory where the result has not two dimensions and every channel its own scale.
  const oneScale = d.chance(0.6) || (d.kind.portable && keepDims && shape.length !== 2);
  const inputs = weights(d, x, [d.whole(1, 12), depth], 0, oneScale);
  return d.node("fully_connected", { keepDims, activation: d.activation() }, inputs, layerQuant(d, inputs, depth));
};

const pool: Draw = (d, x) => {
  const image = d.image(x);
  const [kernelY, kernelX] = d.chance(0.2) && image ? [image[0], image[1]] : [d.whole(1, 4), d.whole(1, 4)];
  const win = image && window(d, image, [kernelY, kernelX], false);
  return win && d.node(d.r.pick(["average_pool_2d", "max_pool_2d"]), { ...win, kernelY, kernelX, activation: d.activation() }, [x], d.quant(x));
};

/** A second operand for x: one of its shape that is there already, x itself, or a constant for all elements, each channel or each. */
function partner(d: Drawing, x: number): number {
  const { shape, dtype } = d.tensor(x);
  const same = d.tensors.flatMap((t, i) => (i !== x && !t.data && t.dtype === dtype && t.shape.join() === shape.join() ? [i] : []));
  if (same.length > 0 && d.chance(0.75)) return d.r.pick(same);
  if (d.chance(0.2)) return x;
  const c = shape.at(-1) ?? 1;
  return d.constant(dtype as IntDType, d.r.pick([[c], [1], shape, shape.map((n, i) => (i === shape.length - 1 ? n : 1))]), d.fresh(dtype, d.scale(x) * d.log(0.3, 3)));
}

function pair(d: Drawing, x: number): readonly [number, number] {
  const y = partner(d, x);
  return d.chance(0.3) ? [y, x] : [x, y];
}

const added = (d: Drawing, a: number, b: number, subtract: boolean): number =>
  d.node("add", { subtract, activation: d.activation() }, [a, b], d.fresh(d.tensor(a).dtype, Math.max(d.scale(a), d.scale(b)) * d.log(0.5, 3)));

const sum: Draw = (d, x) => added(d, ...pair(d, x), d.chance(0.3));

const product: Draw = (d, x) => {
  const [a, b] = pair(d, x);
  return d.node("mul", { activation: d.activation() }, [a, b], d.fresh(d.tensor(x).dtype, d.resultScale(x, d.scale(a) * d.scale(b), spread[d.wide(x) ? "i16" : "i8"].x ** 2)));
};

/** A layer that keeps the shape, and its input added to it. */
const residual: Draw = (d, x) => {
  const image = d.image(x);
  if (!image) return null;
  const [top, left] = [d.whole(0, 1), d.whole(0, 1)];
  const win = { strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top, bottom: top, left, right: left, groups: 1 };
  const inputs = weights(d, x, [image[2], 2 * top + 1, 2 * left + 1, image[2]], 0, d.chance(0.2));
  const y = d.node("conv_2d", { ...win, activation: d.activation() }, inputs, layerQuant(d, inputs, (2 * top + 1) * (2 * left + 1) * image[2]));
  return d.chance(0.5) ? added(d, x, y, false) : added(d, y, x, false);
};

/** Channels weighed by what their means say. */
const gate: Draw = (d, x) => {
  if (!d.image(x)) return null;
  const mean = d.node("reduce_sum", { axes: Int32Array.of(1, 2), keep: true, mean: true }, [x], d.fresh(d.tensor(x).dtype, d.scale(x) * d.log(0.2, 1.5)));
  const g = sigmoid(d, mean);
  return g === null ? null : d.node("mul", { activation: d.activation() }, [x, g], d.fresh(d.tensor(x).dtype, d.scale(x) * d.log(0.3, 1.5)));
};

const concat: Draw = (d, x) => {
  const { shape, dtype } = d.tensor(x);
  const at = d.chance(0.7) ? shape.length - 1 : d.whole(Math.min(1, shape.length - 1), shape.length - 1);
  const fits = d.tensors.flatMap((t, i) => (!t.data && t.shape.length === shape.length && t.shape.every((n, k) => k === at || n === shape[k]) ? [i] : []));
  const quant = d.chance(0.5) ? d.quant(x) : d.fresh(dtype, d.scale(x) * d.log(0.5, 2));
  const operands = [x, ...Array.from({ length: d.whole(1, 2) }, () => d.r.pick(fits))].map((t) => d.as(t, dtype, quant));
  return d.node("concat", { axis: at, stack: false }, d.chance(0.5) ? operands.toReversed() : operands, quant);
};

const extreme: Draw = (d, x) => {
  const given = pair(d, x).map((t) => (d.tensor(t).data ? d.add({ ...d.tensor(t), quant: d.quant(x) }) : d.as(t, d.tensor(x).dtype, d.quant(x))));
  return d.node("min_max", { largest: d.chance(0.5) }, given, d.quant(x));
};

const pad: Draw = (d, x) => {
  const { shape, dtype } = d.tensor(x);
  const border = (): Int32Array => Int32Array.from(shape, (_, i) => (i > 0 && d.chance(i === shape.length - 1 ? 0.15 : 0.6) ? d.whole(0, 2) : 0));
  return d.node("pad", { before: border(), after: border(), value: d.chance(0.7) ? 0 : d.scale(x) * (d.whole(...limits(dtype as IntDType)) - (d.quant(x).zero[0] ?? 0)) }, [x], d.quant(x));
};

/** Another shape of as many elements, mostly an image or a row. */
const reshape: Draw = (d, x) => {
  const n = elements(d.tensor(x));
  const factor = (m: number): number => d.r.pick(Array.from({ length: m }, (_, i) => i + 1).filter((k) => m % k === 0));
  const [c, w] = ((k: number) => [k, factor(n / k)] as const)(factor(n));
  return d.node("reshape", { shape: Int32Array.from(d.r.pick([[1, n], [1, n / c, c], [1, n / c / w, w, c], [1, n / c / w, w, c], [n]])) }, [x], d.quant(x));
};

/** Scale of int16 results between -1 and 1. */
const unit = { scale: [2 ** -15], zero: [0] };
const softmax: Draw = (d, x) => (d.wide(x) && d.kind.portable ? null
  : d.node("softmax", { beta: d.chance(0.7) ? 1 : f32(d.log(0.3, 3)) }, [x], d.wide(x) ? unit : { scale: [1 / 256], zero: [-128] }));

const sigmoid: Draw = (d, x) => {
  const tanh = d.chance(0.5);
  return d.wide(x) && d.scale(x) > 2.5 ? null : d.node("sigmoid", { tanh }, [x], d.wide(x) ? unit : tanh ? { scale: [1 / 128], zero: [0] } : { scale: [1 / 256], zero: [-128] });
};

const shaped = (above: number, below: number, lo = -F32_MAX, hi = F32_MAX, rescale = true): Attrs => ({ above, below, lo, hi, rescale });

const rectify: Draw = (d, x) => {
  const own = d.chance(0.4) ? d.quant(x) : d.fresh(d.tensor(x).dtype, d.scale(x) * d.log(0.3, 3));
  if (d.chance(0.25)) return d.node("rectify", shaped(1, 0, 0, 6, false), [x], d.kind.portable ? d.quant(x) : own);
  return d.node("rectify", d.r.pick([shaped(1, 0, 0), shaped(1, 0, 0), shaped(1, f32(d.log(0.01, 2))), shaped(1, f32(-d.log(0.01, 2))), ...(d.wide(x) && d.kind.portable ? [] : [shaped(1, 1, -1, 1)])]), [x], own);
};

const mean: Draw = (d, x) => {
  const { shape, dtype } = d.tensor(x);
  const axes = d.r.pick([[1, 2], [shape.length - 1], [1], [1, 2, 3]]).filter((a) => a < shape.length);
  if (axes.length === 0) return null;
  const isMean = d.kind.portable || d.chance(0.7);
  const n = axes.reduce((m, a) => m * (shape[a] ?? 1), 1);
  return d.node("reduce_sum", { axes: Int32Array.from(axes), keep: d.chance(0.5), mean: isMean }, [x], d.fresh(dtype, d.scale(x) * d.log(0.2, 1.5) * (isMean ? 1 : Math.sqrt(n))));
};

const resize: Draw = (d, x) => {
  const [align, half] = d.r.pick([[false, false], [true, false], [false, true]] as const);
  return d.image(x) && d.node("resize_bilinear", { height: d.whole(1, 13), width: d.whole(1, 13), align, half }, [x], d.quant(x));
};

const requantize: Draw = (d, x) => d.node("requantize", {}, [x], d.fresh(d.tensor(x).dtype, d.scale(x) * d.log(0.2, 5)));
const transpose: Draw = (d, x) => {
  const { shape } = d.tensor(x);
  if (d.kind.portable || shape.length < 3) return null;
  const order = shape.length === 4 ? d.r.pick([[0, 3, 1, 2], [0, 2, 3, 1], [0, 2, 1, 3]]) : d.r.pick([[0, 2, 1], [1, 0, 2]]);
  return d.node("rearrange", rearrangement(permuted(whole(shape), order), order.map((a) => shape[a] as number)), [x], d.quant(x));
};

const draws: readonly (readonly [Draw, weight: number])[] = [
  [conv, 5], [depthwise, 4], [dense, 3], [pool, 3], [sum, 3], [product, 3], [residual, 2], [gate, 1], [concat, 3], [extreme, 1], [pad, 2], [reshape, 2],
  [softmax, 1], [sigmoid, 2], [rectify, 3], [mean, 1], [resize, 1], [requantize, 1], [transpose, 2],
];
const bag = draws.flatMap(([draw, n]) => Array.from({ length: n }, () => draw));

/** One more layer behind the newest tensor, or behind any; what grows too large is taken back. */
function grow(d: Drawing): void {
  const [tensors, nodes] = [d.tensors.length, d.nodes.length];
  const computed = d.tensors.flatMap((t, i) => (t.data ? [] : [i]));
  const x = d.chance(0.7) ? computed.at(-1) as number : d.r.pick(computed);
  const y = d.r.pick(bag)(d, x);
  if (y !== null && d.tensors.slice(tensors).every((t) => t.data || elements(t) <= MAX_ELEMENTS)) return;
  [d.tensors.length, d.nodes.length] = [tensors, nodes];
}

/** A network of 2 to 8 draws; its outputs are all values that no node reads. */
export function randomGraph(seed: number, kind: Kind): Graph {
  const d = new Drawing(seed, kind);
  const dtype = kind.wide ? "i16" : "i8";
  d.add({ dtype, shape: [1, d.whole(1, 12), d.whole(1, 12), d.whole(1, 8)], quant: d.fresh(dtype, kind.wide ? d.log(1e-5, 1e-3) : d.log(0.002, 0.3)) });
  for (let tries = 0, size = d.whole(2, 8); tries < 200 && d.nodes.length < size; tries++) grow(d);
  const read = new Set(d.nodes.flatMap((n) => n.inputs));
  const ends = d.nodes.flatMap((n) => n.outputs).filter((t) => !read.has(t)).toReversed();
  const graph: Graph = {
    name: `random_${seed}`, task: "transform", labels: [], featureNames: [], source: "random", notes: [], tensors: d.tensors, nodes: d.nodes, input: 0,
    outputs: ends.map((tensor, i) => ({ role: i === 0 ? "scores" : "more", tensor })),
  };
  verifyGraph(graph, knownOps);
  return graph;
}

/** All smallest, all largest, a ramp, then random over the whole range. */
export function randomInputs(graph: Graph, n: number): readonly TypedArray[] {
  const t = graph.tensors[graph.input] as Tensor;
  const [lo, hi] = limits(t.dtype as IntDType);
  const [r, size] = [random(n), elements(t)];
  const value = (k: number, i: number): number => (k === 0 ? lo : k === 1 ? hi : k === 2 ? lo + Math.floor(((hi - lo) * i) / size) : lo + r.below(hi - lo + 1));
  return Array.from({ length: n }, (_, k) => makeArray(t.dtype, size).map((_v: number, i: number) => value(k, i)) as TypedArray);
}
