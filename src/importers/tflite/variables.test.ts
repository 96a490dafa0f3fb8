/** Variables and custom options of .tflite files: handles become states, CALL_ONCE their start values. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluator } from "../../passes/evaluate.js";
import { prepareNetwork } from "../../passes/quantise/network.js";
import { createRunner } from "../../passes/run-program.js";
import { flexScalars } from "./flexbuffer.js";
import { readGraph } from "./index.js";
import { operator, tensor } from "./testing.js";
import type { TfliteModel, TfliteSubgraph, TfliteTensor } from "./types.js";
import { writeTflite } from "./write.js";

const handle = (name: string): TfliteTensor => tensor(name, [1], { type: "RESOURCE", scale: [], zeroPoint: [] });
const varHandle = (to: number, name = "v") => operator("VAR_HANDLE", [], [to], { optionsType: "VarHandleOptions", options: { container: "", shared_name: name } });
const assign = (to: number, from: number) => operator("ASSIGN_VARIABLE", [to, from], [], { optionsType: "AssignVariableOptions" });
const read = (from: number, to: number) => operator("READ_VARIABLE", [from], [to], { optionsType: "ReadVariableOptions" });

/** Gives what was assigned in the call before; two handles name one variable. */
function delay(first: readonly number[] | null, more: Partial<TfliteTensor> = {}): TfliteModel {
  const once = operator("CALL_ONCE", [], [], { optionsType: "CallOnceOptions", options: { init_subgraph_index: 1 } });
  const main: TfliteSubgraph = {
    name: "main", inputs: [0], outputs: [2], tensors: [tensor("x", [1, 3], more), handle("h"), tensor("y", [1, 3]), handle("again")],
    operators: [...(first ? [once] : []), varHandle(1), read(1, 2), varHandle(3), assign(3, 0)],
  };
  const init: TfliteSubgraph = { name: "init", inputs: [], outputs: [], tensors: [handle("h"), tensor("c", [1, 3], { data: Uint8Array.from(first ?? [0, 0, 0]) })], operators: [varHandle(0), assign(0, 1)] };
  const subgraphs = [main, ...(first ? [init] : [])];
  const codes = new Map(subgraphs.flatMap((g) => g.operators).map(({ name, customCode, version }) => [name, { name, customCode, version }]));
  return { version: 3, description: "", operatorCodes: [...codes.values()], subgraphs, metadata: [], signatures: [] };
}

const graphOf = (m: TfliteModel) => readGraph(writeTflite(m), "delay.tflite");

test("a variable is one state, whatever handles name it, and starts at real zero", () => {
  const graph = graphOf(delay(null));
  assert.deepEqual(graph.tensors.filter((t) => t.state).map((t) => [t.name, t.dtype, t.shape, t.start]), [["v", "i8", [1, 3], undefined]]);
  const next = createRunner(prepareNetwork(graph));
  assert.deepEqual([[1, 2, 3], [4, 5, 6]].map((row) => [...next(Int8Array.from(row)).scores]), [[-3, -3, -3], [1, 2, 3]]);
});

test("CALL_ONCE gives the start value, anew for every run", () => {
  const graph = graphOf(delay([7, 0, 253]));
  const program = prepareNetwork(graph);
  for (let k = 0; k < 2; k++) {
    const next = createRunner(program);
    assert.deepEqual([[1, 2, 3], [4, 5, 6]].map((row) => [...next(Int8Array.from(row)).scores]), [[7, 0, -3], [1, 2, 3]]);
  }
  assert.deepEqual([...evaluator(graph)([0, 0, 0]).scores], [5, 1.5, 0]);
});

test("a start value that is real zero needs no bytes", () => {
  assert.equal(graphOf(delay([253, 253, 253])).tensors.some((t) => t.start), false);
});

test("variables of several types, and start values that are computed, are refused", () => {
  assert.throws(() => graphOf(delay(null, { scale: [0.25] })), /different scales/);
  const m = delay([1, 2, 3]);
  const [main, init] = m.subgraphs as [TfliteSubgraph, TfliteSubgraph];
  const computed = { ...init, tensors: [...init.tensors, tensor("r", [1, 3])], operators: [varHandle(0), operator("RELU", [1], [2]), assign(0, 2)] };
  assert.throws(() => graphOf({ ...m, operatorCodes: [...m.operatorCodes, { name: "RELU", customCode: "", version: 1 }], subgraphs: [main, computed] }), /start value of a variable is computed \(RELU\)/);
  assert.throws(() => graphOf({ ...m, subgraphs: [main] }), /does not exist/);
});

/** `{ "cycles_max": 2 }` as the FlexBuffers library lays it out. */
const map = [...Buffer.from("cycles_max\0"), 1, 12, 1, 1, 1, 2, 4, 2, 0x24, 1];

test("scalars of a FlexBuffer map", () => {
  assert.deepEqual(flexScalars(Uint8Array.from(map)), { cycles_max: 2 });
});

test("options that are no map give nothing, whatever they hold", () => {
  for (const bytes of [[], [1], [0, 0x24, 1], [255, 0x24, 1], [9, 0x27, 8]]) assert.deepEqual(flexScalars(Uint8Array.from(bytes)), {});
  for (let at = 0; at < map.length; at++) for (const v of [0, 1, 127, 255]) flexScalars(Uint8Array.from(map.with(at, v)));
});
