/** Networks without their dead channels give the same bytes: random networks with dead filters of every kind, and the shared fixtures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readGraph } from "../../importers/tflite/index.js";
import { sharedFiles } from "../../importers/tflite/testing.js";
import { NetworkBuilder } from "../../importers/network.js";
import type { Value } from "../../ir/op.js";
import { count, elements, makeArray, type Attrs, type DType, type Graph, type Shape, type Tensor, type TypedArray } from "../../ir/types.js";
import { makeDraw, type Draw } from "../../plan/testing.js";
import { prepareNetwork } from "../quantise/network.js";
import { createRunner } from "../run-program.js";
import { withoutDeadChannels } from "./dead-channels.js";

const RELU = { above: 1, below: 0, lo: 0, hi: 3.4e38, rescale: true };

/** Draws networks: chains with branches, every layer with filters of zeros, with weights that nobody has, and biases of all sizes. */
class Maker {
  readonly b = new NetworkBuilder();
  private names = 0;

  constructor(private readonly draw: Draw, private readonly dtype: DType) {}

  private quant(): NonNullable<Tensor["quant"]> {
    return { scale: [0.01 + this.draw(10) / 100], zero: [this.dtype === "i16" ? 0 : this.draw(3) === 0 ? -128 : this.draw(40) - 20] };
  }

  private add(op: string, attrs: Attrs, inputs: readonly Value[], quant = this.quant()): Value {
    return this.b.add(op, attrs, inputs, { name: `${op}_${this.names++}`, dtype: this.dtype, quant });
  }

  shape(v: Value): Shape {
    return this.b.tensor(v).shape;
  }

  /** Height or width, whichever is less. */
  private room(v: Value): number {
    return Math.min(this.shape(v)[1] as number, this.shape(v)[2] as number);
  }

  input(shape: Shape): Value {
    return this.b.place({ name: "x", dtype: this.dtype, shape, quant: this.quant() });
  }

  /** Weights with whole slices of zeros along both axes. */
  private weights(shape: Shape, outputs: number, inputs: number, scaleOfX: number): readonly Value[] {
    const data = makeArray("i8", count(shape));
    const along = (axis: number, i: number): number => Math.floor(i / count(shape.slice(axis + 1))) % (shape[axis] as number);
    const [outs, ins] = [outputs, inputs].map((axis) => Array.from({ length: shape[axis] as number }, () => this.draw(3) === 0)) as [boolean[], boolean[]];
    data.forEach((_, i) => { data[i] = outs[along(outputs, i)] || ins[along(inputs, i)] ? 0 : this.draw(255) - 127; });
    const n = shape[outputs] as number;
    const scale = this.draw(2) === 0 ? [0.01] : Array.from({ length: n }, () => 0.002 + this.draw(20) / 1000);
    const w = this.b.constant({ name: `w${this.names++}`, dtype: "i8", shape, data, quant: { scale, zero: scale.map(() => 0), ...(scale.length > 1 ? { axis: outputs } : {}) } });
    if (this.draw(5) === 0) return [w];
    const wide = this.draw(4) === 0 ? 60_000 : 4000;
    const biases = Int32Array.from({ length: n }, () => (this.draw(3) === 0 ? 0 : this.draw(2 * wide) - wide));
    const bias = this.b.constant({ name: `b${this.names++}`, dtype: "i32", shape: [n], data: biases, quant: { scale: scale.map((s) => Math.fround(Math.fround(scaleOfX) * Math.fround(s))), zero: scale.map(() => 0) } });
    return [w, bias];
  }

  private window(kernel: number): Attrs {
    const bordered = this.draw(2) === 1;
    const border = bordered ? Math.floor(kernel / 2) : 0;
    const stride = 1 + this.draw(2);
    return { strideY: stride, strideX: stride, dilationY: 1, dilationX: 1, top: border, left: border, bottom: border, right: border, activation: this.draw(2) === 0 ? "none" : "relu" };
  }

  private scale(v: Value): number {
    return this.b.tensor(v).quant?.scale[0] as number;
  }

  conv(x: Value, out = 1 + this.draw(9)): Value {
    const c = this.shape(x).at(-1) as number;
    const k = this.room(x) >= 3 && this.draw(2) === 0 ? 3 : 1;
    return this.add("conv_2d", { ...this.window(k), groups: 1 }, [x, ...this.weights([out, k, k, c], 0, 3, this.scale(x))]);
  }

  private depthwise(x: Value): Value {
    const c = this.shape(x).at(-1) as number;
    const k = this.room(x) >= 3 ? 3 : 1;
    return this.add("depthwise_conv_2d", this.window(k), [x, ...this.weights([1, k, k, c * (this.draw(4) === 0 ? 2 : 1)], 3, 3, this.scale(x))]);
  }

  private branch(x: Value): Value {
    const [, , , c = 1] = this.shape(x);
    const one = { strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 0, left: 0, bottom: 0, right: 0, activation: "relu", groups: 1 };
    const other = this.add("conv_2d", one, [x, ...this.weights([c, 1, 1, c], 0, 3, this.scale(x))]);
    return this.add(this.draw(3) === 0 ? "mul" : "add", { subtract: false, activation: "none" }, [x, other]);
  }

  private withConstant(x: Value): Value {
    const c = this.shape(x).at(-1) as number;
    const k = this.b.constant({ name: `k${this.names++}`, dtype: this.dtype, shape: [c], data: makeArray(this.dtype, c).map(() => this.draw(200) - 100), quant: this.quant() });
    return this.add("add", { subtract: false, activation: "none" }, [x, k]);
  }

  private pool(x: Value): Value {
    const op = this.draw(2) === 0 ? "average_pool_2d" : "max_pool_2d";
    const k = this.room(x) >= 2 ? 2 : 1;
    return this.add(op, { ...this.window(1), kernelY: k, kernelX: k }, [x], this.b.tensor(x).quant);
  }

  layer(x: Value): Value {
    const ways = [() => this.conv(x), () => this.conv(x), () => this.depthwise(x), () => this.branch(x), () => this.withConstant(x), () => this.pool(x),
      () => this.add("rectify", RELU, [x]), () => this.add("pad", { before: Int32Array.of(0, 1, 1, 0), after: Int32Array.of(0, 1, 1, 0), value: 0 }, [x], this.b.tensor(x).quant)];
    return (ways[this.draw(ways.length)] as () => Value)();
  }

  head(x: Value): Value {
    const flat = this.draw(2) === 0 ? this.add("reshape", { shape: Int32Array.of(1, count(this.shape(x))) }, [x], this.b.tensor(x).quant) : this.add("reduce_sum", { mean: true, axes: Int32Array.of(1, 2), keep: false }, [x]);
    return this.dense(this.dense(flat, 7), 3);
  }

  private dense(x: Value, out: number): Value {
    return this.add("fully_connected", { keepDims: false, activation: this.draw(2) === 0 ? "none" : "relu" }, [x, ...this.weights([out, this.shape(x).at(-1) as number], 0, 1, this.scale(x))]);
  }
}

function network(seed: number, dtype: DType): Graph {
  const draw = makeDraw(seed);
  for (let i = 0; i < 8; i++) draw(2);
  const m = new Maker(draw, dtype);
  const input = m.input([1, 5 + draw(4), 5 + draw(4), 1 + draw(3)]);
  let x = m.conv(input);
  for (let n = draw(7); n > 0; n--) x = m.layer(x);
  return m.b.finish({ name: "t", source: "", labels: [] }, [input], draw(4) === 0 ? [m.head(x), x] : [m.head(x)]);
}

function rows(t: Tensor, draw: Draw): readonly TypedArray[] {
  const [lo, hi] = t.dtype === "i8" ? [-128, 127] : [-32768, 32767];
  const filled = (f: () => number): TypedArray => makeArray(t.dtype, elements(t)).map(f);
  return [filled(() => lo), filled(() => hi), ...Array.from({ length: 4 }, () => filled(() => lo + draw(hi - lo + 1)))];
}

/** Channels left out. */
function same(g: Graph, seed: number): number {
  const lean = withoutDeadChannels(g);
  const [before, after] = [createRunner(prepareNetwork(g)), createRunner(prepareNetwork(lean.graph))];
  for (const row of rows(g.tensors[g.input] as Tensor, makeDraw(seed))) {
    const [want, got] = [before(row), after(row)];
    assert.deepEqual([got.scores, ...got.more], [want.scores, ...want.more], `seed ${seed}`);
  }
  return lean.removed;
}

for (const dtype of ["i8", "i16"] as const) {
  test(`random networks of ${dtype} give the same bytes`, () => {
    let removed = 0;
    const seeds = Number(process.env["SEEDS"] ?? 150);
    for (let seed = 1; seed <= seeds; seed++) removed += same(network(seed, dtype), seed);
    assert.ok(removed > seeds, `only ${removed} channels left out`);
  });
}

const quant = { scale: [0.1], zero: [-5] };
const window = { strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 0, left: 0, bottom: 0, right: 0, activation: "none", groups: 1 };

/** One layer makes two constants (one of them real zero), a dead channel and two live ones; the next one has borders of a kind. */
function layersWith(border: "none" | "node" | "attribute", value: number): Graph {
  const b = new NetworkBuilder();
  const x = b.place({ name: "x", dtype: "i8", shape: [1, 4, 4, 2], quant });
  const constant = (name: string, dtype: "i8" | "i32", shape: Shape, values: readonly number[]): Value => b.constant({ name, dtype, shape, data: makeArray(dtype, values.length).map((_, i) => values[i] ?? 0), quant: { scale: [0.1], zero: [0] } });
  const y = b.add("conv_2d", window, [x, constant("w", "i8", [5, 1, 1, 2], [0, 0, 0, 0, 5, 5, 6, -6, 7, 9]), constant("b", "i32", [5], [100, 0, 0, 50, 0])], { name: "y", dtype: "i8", quant });
  const padded = border === "node" ? b.add("pad", { before: Int32Array.of(0, 1, 1, 0), after: Int32Array.of(0, 1, 1, 0), value }, [y], { name: "p", dtype: "i8", quant }) : y;
  const attrs = border === "attribute" ? { ...window, top: 1, left: 1, bottom: 1, right: 1 } : window;
  const z = b.add("conv_2d", attrs, [padded, constant("w2", "i8", [2, 3, 3, 5], Array.from({ length: 90 }, (_, i) => (i % 5 === 2 ? 0 : (i % 11) - 5)))], { name: "z", dtype: "i8", quant });
  return b.finish({ name: "t", source: "", labels: [] }, [x], [z]);
}

test("a constant reaches through a border only where both have one value", () => {
  assert.equal(same(layersWith("none", 0), 1), 3);
  assert.equal(same(layersWith("attribute", 0), 2), 2);
  assert.equal(same(layersWith("node", 0), 3), 2);
  // The border holds the very value of the first channel, no longer that of the second.
  assert.equal(same(layersWith("node", 1), 4), 2);
  assert.equal(same(layersWith("node", 7), 5), 1);
});

/** Multiply-accumulates and weights. */
function sizes(g: Graph): readonly number[] {
  const { steps } = prepareNetwork(g);
  return [steps.reduce((n, s) => n + (s.macs ?? 0), 0), steps.reduce((n, s) => n + ((s.params["w"] as TypedArray | undefined)?.length ?? 0), 0)];
}

test("VWW: five filters of eight carry nothing", { skip: sharedFiles("models") ? false : "no ../shared/models on this machine" }, () => {
  const file = sharedFiles("models")?.find((f) => f.name === "vww_96_int8.tflite");
  const graph = readGraph(file?.bytes ?? new Uint8Array(), "vww");
  const lean = withoutDeadChannels(graph);
  assert.deepEqual([lean.removed, lean.channels], [1724, 2738]);
  assert.deepEqual([sizes(graph), sizes(lean.graph)], [[7_489_664, 208_112], [3_727_313, 29_066]]);
  assert.equal(same(graph, 1), 1724);
});
