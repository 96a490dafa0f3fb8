/** Recurrent layers of ONNX: directions, start values, all outputs. Answers by onnxruntime 1.31.1 (CPU) on weights made by a formula. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NetworkBuilder, netLowerings } from "../../importers/network.js";
import type { ForeignNode, Value } from "../../ir/op.js";
import { count, type Shape } from "../../ir/types.js";
import { evaluateAll } from "../../passes/evaluate.js";
import { prepareNetwork } from "../../passes/quantise/network.js";
import { createRunner } from "../../passes/run-program.js";

const [steps, inputs, units] = [3, 2, 2];
const made = (seed: number, shape: Shape): Float32Array => Float32Array.from({ length: count(shape) }, (_, i) => ((i * 37 + seed * 11) % 101) / 50 - 1);

/** The outputs of one node, of the program and of its meaning in double precision. */
function run(type: string, gates: number, options: ForeignNode["options"], outputs: number, shape: Shape = [steps, 1, inputs]) {
  const b = new NetworkBuilder();
  const dirs = options["direction"] === "bidirectional" ? 2 : 1;
  const x = b.place({ name: "x", dtype: "f32", shape });
  const constant = (seed: number, s: Shape): Value => b.constant({ name: `c${seed}`, dtype: "f32", shape: s, data: made(seed, s) });
  const weights = [constant(2, [dirs, gates * units, inputs]), constant(3, [dirs, gates * units, units]), constant(4, [dirs, 2 * gates * units])];
  const starts = type === "LSTM" ? [5, 6] : [5];
  const node: ForeignNode = {
    type, name: "n", where: "n", options, inputs: [x, ...weights, null, ...starts.map((seed) => constant(seed, [dirs, 1, units]))],
    outputs: ["Y", "Yh", "Yc"].slice(0, outputs).map((name) => ({ name })),
  };
  const values = netLowerings("onnx").get(type)?.(node, b) ?? [];
  const graph = b.finish({ name: "t", source: "", labels: [] }, [x], values);
  const row = made(1, shape);
  const { scores, more } = createRunner(prepareNetwork(graph))(row);
  const meaning = evaluateAll(graph, row);
  return { got: [scores, ...more].map((v) => [...v]), meaning: values.map((v) => [...(meaning[v] ?? [])]), shapes: values.map((v) => b.tensor(v).shape.join("x")) };
}

function agrees(r: ReturnType<typeof run>, want: readonly (readonly number[])[], shapes: readonly string[]): void {
  assert.deepEqual(r.shapes, shapes);
  for (const list of [r.got, r.meaning]) want.forEach((w, i) => {
    assert.equal(list[i]?.length, w.length);
    w.forEach((v, k) => assert.ok(Math.abs((list[i]?.[k] ?? NaN) - v) < 1e-6, `output ${i}, element ${k}: ${list[i]?.[k]}, not ${v}`));
  });
}

test("LSTM in both directions: Y, Y_h and Y_c", () => agrees(run("LSTM", 4, { direction: "bidirectional" }, 3), [
  [0.003995089, 0.1177105, -0.01977606, 0.2340777, 0.002413818, -0.1343068, -0.02168697, 0.1669169, 0.03841307, 0.01829669, 0.01186971, 0.1804181],
  [0.03841307, 0.01829669, -0.01977606, 0.2340777],
  [0.3737817, 0.03045965, -0.04594275, 0.5456729],
], ["3x2x1x2", "2x1x2", "2x1x2"]));

test("GRU backwards, the reset gate before the product", () => agrees(run("GRU", 3, { direction: "reverse", linear_before_reset: 0 }, 2), [
  [-2.317131e-5, -0.5763932, -0.2688136, -0.003500253, 0.1089114, -0.2618347], [-2.317131e-5, -0.5763932],
], ["3x1x1x2", "1x1x2"]));

test("GRU, the reset gate after the product", () => agrees(run("GRU", 3, { linear_before_reset: 1 }, 1), [
  [0.318909, -0.4727864, -0.09899992, -0.04944812, 0.1878446, -0.4561555],
], ["3x1x1x2"]));

test("RNN with relu in both directions", () => agrees(run("RNN", 1, { direction: "bidirectional", activations: ["Relu", "Relu"] }, 2), [
  [0, 0, 1.9724, 0, 0, 1.5528, 1.888, 0, 0, 0.305808, 0, 0], [0, 0.305808, 1.9724, 0],
], ["3x2x1x2", "2x1x2"]));

test("batch first is the same numbers under other shapes", () => {
  const r = run("LSTM", 4, { layout: 1, direction: "bidirectional" }, 3, [1, steps, inputs]);
  assert.deepEqual(r.shapes, ["1x3x2x2", "1x2x2", "1x2x2"]);
  assert.deepEqual(r.got, run("LSTM", 4, { direction: "bidirectional" }, 3).got);
});

test("what is not supported is refused", () => {
  assert.throws(() => run("LSTM", 4, { activations: ["Relu", "Tanh", "Tanh"] }, 1), /Supported: Sigmoid, Tanh, Tanh/);
  assert.throws(() => run("LSTM", 4, { clip: 3 }, 1), /no clip/);
  assert.throws(() => run("LSTM", 4, { input_forget: 1 }, 1), /input_forget 0/);
  assert.throws(() => run("GRU", 3, {}, 1, [steps, 2, inputs]), /batch 1/);
});
