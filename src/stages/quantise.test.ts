/** Float networks become integers as TFLite's int8 specification says, lose little, and never silently stay half float. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NetworkBuilder } from "../importers/network.js";
import { readGraph } from "../importers/tflite/index.js";
import { writeGraphTflite } from "../importers/tflite/write-graph.js";
import { CoincellError } from "../ir/diagnostics.js";
import type { Value } from "../ir/op.js";
import { count, type Graph, type Tensor } from "../ir/types.js";
import { prepareNetwork } from "../passes/quantise/network.js";
import { calibrate } from "../passes/quantise-network/calibrate.js";
import { equalised } from "../passes/quantise-network/equalise.js";
import { gridOf } from "../ir/bits.js";
import { slicer } from "../passes/quantise-network/reals.js";
import { explain, isFloatNetwork, quantiseNetwork, realNetwork } from "../passes/quantise-network/index.js";
import { answersOf, compared } from "../passes/quantise-network/quality.js";
import { createRunner } from "../passes/run-program.js";
import { convertRow } from "../ir/conversion.js";
import { compile } from "./compile.js";

let state = 1;
const random = (): number => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return state / 2 ** 32 - 0.5; };
const window = { strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 0, left: 0, bottom: 0, right: 0 };

class Net {
  readonly b = new NetworkBuilder();
  readonly input: Value;
  constructor(shape: readonly number[]) { state = 1; this.input = this.b.place({ name: "input", dtype: "f32", shape }); }
  weights(name: string, shape: readonly number[], size = 1): Value {
    return this.b.constant({ name, dtype: "f32", shape, data: Float32Array.from({ length: count(shape) }, () => random() * size) });
  }
  add(op: string, attrs: Parameters<NetworkBuilder["add"]>[1], inputs: readonly Value[], name: string): Value { return this.b.add(op, attrs, inputs, { name, dtype: "f32" }); }
  finish(v: Value): Graph { return this.b.finish({ name: "net", source: "test", labels: [] }, [this.input], [v]); }
}

/** Convolution, depthwise layer with channels of very different ranges, pool, dense layer, softmax. */
function classifier(): Graph {
  const n = new Net([1, 8, 8, 2]);
  const a = n.add("conv_2d", { ...window, top: 1, left: 1, bottom: 1, right: 1, groups: 1, activation: "relu" }, [n.input, n.weights("w1", [6, 3, 3, 2]), n.weights("b1", [6], 0.3)], "conv");
  const depth = n.b.constant({ name: "w2", dtype: "f32", shape: [1, 3, 3, 6], data: Float32Array.from({ length: 54 }, (_, i) => random() * 4 ** (i % 6)) });
  const d = n.add("depthwise_conv_2d", { ...window, activation: "relu" }, [a, depth, n.weights("b2", [6], 0.3)], "depthwise");
  const p = n.add("max_pool_2d", { ...window, strideY: 2, strideX: 2, kernelY: 2, kernelX: 2, activation: "none" }, [d], "pool");
  const f = n.add("fully_connected", { keepDims: false, activation: "none" }, [p, n.weights("w3", [4, 54], 0.1), n.weights("b3", [4])], "dense");
  return n.finish(n.add("softmax", { beta: 1 }, [f], "scores"));
}

/** A sigmoid and a convolution side by side, which cannot share a scale as they are. */
function branched(): Graph {
  const n = new Net([1, 4, 4, 2]);
  const a = n.add("conv_2d", { ...window, groups: 1, activation: "none" }, [n.input, n.weights("w1", [3, 1, 1, 2], 8)], "conv");
  const s = n.add("sigmoid", { tanh: false }, [a], "gate");
  const c = n.add("concat", { axis: 3, stack: false }, [s, a], "both");
  return n.finish(n.add("mul", { activation: "none" }, [c, n.weights("factors", [6], 2)], "result"));
}

const rowsOf = (g: Graph, n: number): Float64Array[] => Array.from({ length: n }, () => Float64Array.from({ length: count(g.tensors[g.input]?.shape ?? []) }, random));
const named = (g: Graph, name: string): Tensor => g.tensors.find((t) => t.name === name) as Tensor;

test("scales are those of TFLite's int8 specification", () => {
  const g = classifier();
  const { graph: q } = quantiseNetwork(g, { rows: rowsOf(g, 40) });
  assert.deepEqual(named(q, "scores").quant, { scale: [1 / 256], zero: [-128] });
  assert.deepEqual(named(q, "pool").quant, named(q, "depthwise").quant);
  assert.equal(named(q, "conv").quant?.zero[0], -128);
  const [x, w, b] = [named(q, "input"), named(q, "w1"), named(q, "b1")];
  assert.equal(w.quant?.scale.length, 6);
  assert.ok(w.quant?.zero.every((z) => z === 0) && w.data?.every((v) => Math.abs(v) <= 127));
  assert.deepEqual(b.quant?.scale, w.quant?.scale.map((s) => Math.fround((x.quant?.scale[0] ?? 0) * s)));
  assert.equal(named(q, "w2").quant?.axis, 3);
});

test("little is lost, equalisation means the same, and 16 bits give more", () => {
  const g = classifier();
  const rows = rowsOf(g, 60);
  const truth = answersOf(g, rows);
  const even = equalised(g, calibrate(g, rows));
  assert.equal(even.pairs, 2);
  assert.ok(compared(truth, answersOf(even.graph, rows), true).sqnr > 90);
  const naive = quantiseNetwork(g, { rows, ranges: "minmax", equalise: false, correctBias: false });
  const ours = quantiseNetwork(g, { rows });
  const wide = quantiseNetwork(g, { rows, int16: "all" });
  assert.ok(ours.quality.sqnr >= naive.quality.sqnr);
  assert.ok(ours.quality.sqnr > 22 && ours.quality.agreement > 0.95, `${ours.quality.sqnr} dB`);
  assert.ok(wide.quality.sqnr > ours.quality.sqnr);
});

test("one layer in 16 bits has requantize nodes around it; auto stops when the answers are right", () => {
  const g = classifier();
  const rows = rowsOf(g, 40);
  const one = quantiseNetwork(g, { rows, int16: ["depthwise"] });
  assert.equal(one.graph.nodes.filter((n) => n.op === "requantize").length, 2);
  assert.equal(named(one.graph, "depthwise").dtype, "i16");
  assert.equal(named(one.graph, "pool").dtype, "i16");
  assert.equal(named(one.graph, "dense").dtype, "i8");
  assert.ok(quantiseNetwork(g, { rows, int16: "auto" }).wide.length < 4);
  assert.throws(() => quantiseNetwork(g, { rows, int16: ["nothing"] }), /no such layer/);
  assert.throws(() => quantiseNetwork(g, { rows, int16: ["pool"] }), /no int16 form/);
});

test("an operand of fixed scale is rescaled before it is joined with others", () => {
  const g = branched();
  const rows = rowsOf(g, 40);
  const { graph: q, quality } = quantiseNetwork(g, { rows });
  const join = q.nodes.find((n) => n.op === "concat");
  assert.equal(q.nodes.filter((n) => n.op === "requantize").length, 1);
  for (const t of join?.inputs ?? []) assert.deepEqual(q.tensors[t]?.quant, named(q, "both").quant);
  assert.ok(quality.sqnr > 25, `${quality.sqnr} dB`);
});

/** The bias that the writer gives to a convolution without one. */
const zeroBias = (t: Tensor | undefined): boolean => t?.name.endsWith("/bias") === true && (t.data ?? [1]).every((v) => v === 0);

/** Layers, operands and constants, whatever the numbers of the tensors. */
const described = (g: Graph): unknown => g.nodes.map((n) => ({ op: n.op, name: n.name, attrs: n.attrs, operands: [...n.inputs, ...n.outputs].map((t) => g.tensors[t]).filter((t) => !zeroBias(t)) }));

test("written as .tflite, an integer network comes back the same", () => {
  for (const [g, int16] of [[classifier(), []], [classifier(), ["conv", "depthwise"]], [classifier(), "all"], [branched(), []]] as const) {
    const { graph: q } = quantiseNetwork(g, { rows: rowsOf(g, 20), int16 });
    const back = readGraph(writeGraphTflite(q), "q.tflite");
    assert.deepEqual(described(back), described(q));
    const input = q.tensors[q.input] as Tensor;
    const [a, b] = [q, back].map((x) => createRunner(prepareNetwork(x)));
    for (const row of rowsOf(g, 5)) assert.deepEqual(b?.(convertRow(row, input)), a?.(convertRow(row, input)));
  }
});

test("each layer alone: its noise, what 16 bits would give, what is lost", () => {
  const g = classifier();
  const facts = explain(g, { rows: rowsOf(g, 20) });
  assert.deepEqual(facts.map((f) => f.name), ["conv", "depthwise", "pool", "dense", "scores"]);
  for (const f of facts) {
    assert.ok(f.sqnr > 15, `${f.name}: ${f.sqnr} dB`);
    assert.ok(f.gain16 === null || f.gain16 > 0, f.name);
    assert.ok(f.loss >= 0 && f.loss <= 1);
  }
  assert.equal(facts[2]?.gain16, null);
  assert.equal(facts[0]?.weightBytes, 6 * 3 * 3 * 2 + 6 * 4);
});

const code = (f: () => unknown): string => { try { f(); return "nothing"; } catch (e) { return e instanceof CoincellError ? e.diagnostic.code : String(e); } };

test("compile quantises a float network on its rows, keeps float32 on request, and refuses without rows", () => {
  const g = classifier();
  assert.equal(compile(g, { rows: rowsOf(g, 20) }).program.arithmetic, "int");
  assert.equal(compile(g, { arithmetic: "float" }).program.arithmetic, "float");
  assert.equal(code(() => compile(g)), "quantise/no-calibration");
  assert.equal(code(() => compile(g, { rows: [new Float64Array(3)] })), "quantise/row-length");
  assert.equal(code(() => compile(g, { rows: rowsOf(g, 9), inputType: "u8" })), "quantise/input-type");
});

test("int8 weights in a float network are the numbers they stand for", () => {
  const g = classifier();
  const { graph: q } = quantiseNetwork(g, { rows: rowsOf(g, 20), equalise: false, correctBias: false });
  const hybrid: Graph = { ...g, tensors: g.tensors.map((t) => (t.name === "w1" ? { ...named(q, "w1") } : t)) };
  assert.ok(isFloatNetwork(hybrid));
  const real = realNetwork(hybrid);
  assert.equal(named(real, "w1").dtype, "f32");
  const rows = rowsOf(g, 20);
  assert.ok(compared(answersOf(g, rows), answersOf(real, rows), true).sqnr > 30);
});

const bitsOf = (g: Graph): number[] => g.tensors.filter((t) => t.dtype === "i8" && t.data).map((t) => gridOf(t.data ?? [])?.bits ?? 8);

test("weights of a few bits fit their widths, and rounding against the inputs beats rounding to the nearest", () => {
  const g = classifier();
  const rows = rowsOf(g, 60);
  const signal = (bits: number): number => quantiseNetwork(g, { rows, weights: bits }).quality.sqnr;
  for (const weights of [4, 3, 2, 1]) {
    const { graph: q, narrow } = quantiseNetwork(g, { rows, weights });
    assert.ok(bitsOf(q).every((b) => b <= weights), `${weights}: ${bitsOf(q).join(" ")}`);
    assert.deepEqual(narrow?.layers.map((l) => l.bits), [weights, weights, weights]);
    assert.ok(narrow.layers.every((l) => l.bytes < l.before));
  }
  assert.ok(signal(6) > signal(4) && signal(4) > signal(2), "more bits, less noise");
  assert.ok(signal(4) > signalOfNearest(g, rows, 4) + 2, `${signal(4)} dB, nearest ${signalOfNearest(g, rows, 4)}`);
});

/** Weights on the grid of the largest of their channel, each rounded by itself. */
function signalOfNearest(g: Graph, rows: readonly Float64Array[], bits: number): number {
  const tensors = g.tensors.map((t): Tensor => {
    if (!t.name.startsWith("w")) return t;
    const [axis, half] = [t.name === "w2" ? 3 : 0, 2 ** (bits - 1) - 1];
    const channel = slicer(t.shape, axis);
    const top = new Float64Array(t.shape[axis] ?? 1);
    t.data?.forEach((v, i) => { const c = channel(i); top[c] = Math.max(top[c] as number, Math.abs(v)); });
    return { ...t, data: Float32Array.from(t.data ?? [], (v, i) => { const s = (top[channel(i)] as number) / half; return s * Math.round(v / s); }) };
  });
  const near = quantiseNetwork({ ...g, tensors }, { rows }).graph;
  return compared(answersOf(g, rows), answersOf(near, rows), true).sqnr;
}

test("the search for widths keeps its limits, and says when it cannot", () => {
  const g = classifier();
  const rows = rowsOf(g, 60);
  const before = quantiseNetwork(g, { rows, weights: 6 }).narrow?.layers.reduce((n, l) => n + l.before, 0) ?? 0;
  const limit = Math.round(before / 2);
  const small = quantiseNetwork(g, { rows, weights: "auto", maxFlash: limit }).narrow?.layers ?? [];
  const bytes = small.reduce((n, l) => n + l.bytes, 0);
  assert.ok(bytes <= limit && bytes > limit * 0.8, `${bytes} of ${limit}`);
  assert.throws(() => quantiseNetwork(g, { rows, weights: "auto", maxFlash: 10 }), /even in the least width/);
  const held = { rows: rowsOf(g, 50), labels: null };
  const strict = quantiseNetwork(g, { rows, weights: "auto", maxLoss: 0, held });
  const loose = quantiseNetwork(g, { rows, weights: "auto", maxLoss: 40, held });
  assert.ok((strict.narrow?.loss ?? 100) <= 0 && (loose.narrow?.loss ?? 100) <= 40, `${strict.narrow?.loss} and ${loose.narrow?.loss} points`);
  const sum = (q: typeof strict): number => q.narrow?.layers.reduce((n, l) => n + l.bytes, 0) ?? 0;
  assert.ok(sum(loose) < sum(strict), `${sum(loose)} and ${sum(strict)} bytes`);
});
