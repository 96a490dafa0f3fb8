/** Recurrent layers of TensorFlow Lite beyond the fixtures: float32, kept states, what is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NetworkBuilder, netLowerings } from "../../importers/network.js";
import type { ForeignNode, Value } from "../../ir/op.js";
import { count, type DType, type Shape } from "../../ir/types.js";
import { evaluator } from "../../passes/evaluate.js";
import { prepareNetwork } from "../../passes/quantise/network.js";
import { createRunner } from "../../passes/run-program.js";

const [steps, inputs, units] = [3, 2, 2];
const made = (seed: number, shape: Shape): Float32Array => Float32Array.from({ length: count(shape) }, (_, i) => ((i * 37 + seed * 11) % 101) / 50 - 1);

type Operand = Shape | "state" | null;

/** Two calls in a row, of the program and of its meaning. Constants are made by a formula, the first operand is the input. */
function run(type: string, given: readonly Operand[], options: ForeignNode["options"], dtype: DType = "f32"): readonly (readonly number[])[] {
  const b = new NetworkBuilder();
  const x = b.place({ name: "x", dtype: "f32", shape: given[0] as Shape });
  const values = given.map((o, i): Value | null => (i === 0 ? x : o === null ? null : o === "state" ? b.state({ name: `s${i}`, dtype: "f32", shape: [1, units] }) : b.constant({ name: `c${i}`, dtype, shape: o, data: made(i, o) })));
  const [y = 0] = netLowerings("tflite").get(type)?.({ type, name: "n", where: "n", options, inputs: values, outputs: [{ name: "y", dtype: "f32" }] }, b) ?? [];
  const graph = b.finish({ name: "t", source: "", labels: [] }, [x], [y]);
  const [next, meant] = [createRunner(prepareNetwork(graph)), evaluator(graph)];
  return [0, 1].map(() => {
    const row = made(9, given[0] as Shape);
    const [got, want] = [[...next(row).scores], meant(row).scores];
    got.forEach((v, i) => assert.ok(Math.abs(v - (want[i] ?? NaN)) < 1e-6));
    return got;
  });
}

const [w, r, bias] = [[units, inputs], [units, units], [units]] as const;
const lstm: readonly Operand[] = [[1, steps, inputs], w, w, w, w, r, r, r, r, null, null, null, bias, bias, bias, bias, null, null, "state", "state", null, null, null, null];
const rnn: readonly Operand[] = [[1, steps, inputs], w, r, bias, "state"];
const weight = (seed: number, shape: Shape, row: number, column: number): number => made(seed, shape)[row * (shape[1] ?? 0) + column] as number;

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

/** One step of the definition: gates input, forget, cell, output. */
function lstmStep(x: readonly number[], h: readonly number[], c: readonly number[]): readonly [number[], number[]] {
  const gate = (g: number, u: number): number => (made(12 + g, bias)[u] as number) + x.reduce((s, v, i) => s + v * weight(1 + g, w, u, i), 0) + h.reduce((s, v, i) => s + v * weight(5 + g, r, u, i), 0);
  const cells = c.map((v, u) => sigmoid(gate(1, u)) * v + sigmoid(gate(0, u)) * Math.tanh(gate(2, u)));
  return [cells.map((v, u) => sigmoid(gate(3, u)) * Math.tanh(v)), cells];
}

test("float32 LSTM keeps hidden and cell state from call to call", () => {
  const x = [...made(9, [steps, inputs])];
  let [h, c]: readonly [number[], number[]] = [[0, 0], [0, 0]];
  for (const got of run("UNIDIRECTIONAL_SEQUENCE_LSTM", lstm, { fused_activation_function: "TANH", cell_clip: 0 })) {
    for (let t = 0; t < steps; t++) {
      [h, c] = lstmStep(x.slice(t * inputs, (t + 1) * inputs), h, c);
      h.forEach((v, u) => assert.ok(Math.abs(v - (got[t * units + u] ?? NaN)) < 1e-6, `step ${t}, unit ${u}`));
    }
  }
});

test("sequence RNN is the RNN step by step", () => {
  const options = { fused_activation_function: "TANH" };
  const all = run("UNIDIRECTIONAL_SEQUENCE_RNN", rnn, options);
  const major = run("UNIDIRECTIONAL_SEQUENCE_RNN", [[steps, 1, inputs], ...rnn.slice(1)], { ...options, time_major: true });
  assert.deepEqual(major, all);
  const one = run("RNN", [[1, inputs], ...rnn.slice(1)], options);
  assert.deepEqual(one[0], all[0]?.slice(0, units));
});

test("what is not supported is refused", () => {
  const tanh = { fused_activation_function: "TANH" };
  assert.throws(() => run("UNIDIRECTIONAL_SEQUENCE_LSTM", lstm.with(1, null), tanh), /no CIFG/);
  assert.throws(() => run("UNIDIRECTIONAL_SEQUENCE_LSTM", lstm.with(9, bias), tanh), /peephole/);
  assert.throws(() => run("UNIDIRECTIONAL_SEQUENCE_LSTM", lstm.with(16, r), tanh), /projection/);
  assert.throws(() => run("UNIDIRECTIONAL_SEQUENCE_LSTM", lstm.with(20, bias), tanh), /normalisation/);
  assert.throws(() => run("UNIDIRECTIONAL_SEQUENCE_LSTM", lstm, { fused_activation_function: "RELU" }), /TANH/);
  assert.throws(() => run("UNIDIRECTIONAL_SEQUENCE_LSTM", lstm.with(0, [2, steps, inputs]), tanh), /batch 1/);
  assert.throws(() => run("UNIDIRECTIONAL_SEQUENCE_RNN", rnn, tanh, "i8"), /float32 throughout/);
  assert.throws(() => run("UNIDIRECTIONAL_SEQUENCE_LSTM", lstm, tanh, "i8"), /hybrid/);
});
