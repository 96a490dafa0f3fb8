/** Random integer networks, the same on every machine: TypeScript, C on three machines, the passes, the memory plan and the .tflite writer agree byte for byte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { features, findBoard } from "../src/boards/index.js";
import { without } from "../src/boards/testing.js";
import { readGraph } from "../src/importers/tflite/index.js";
import { writeGraphTflite } from "../src/importers/tflite/write-graph.js";
import type { Program } from "../src/ir/op.js";
import type { Graph, TypedArray } from "../src/ir/types.js";
import { withKernels } from "../src/passes/kernels.js";
import { memoryOf } from "../src/passes/memory.js";
import { rowForms } from "../src/passes/rows.js";
import { simplify } from "../src/passes/network/index.js";
import { prepareNetwork } from "../src/passes/quantise/network.js";
import { createRunner } from "../src/passes/run-program.js";
import { faultsOf } from "../src/plan/validate.js";
import { placeTensors } from "../src/stages/arena.js";
import { runBatch, type Job } from "./support/batch.js";
import { rowBytes } from "./support/one-layer.js";
import { randomGraph, randomInputs } from "./support/random-graph.js";

const GRAPHS = 60;
const ROWS = 6;

interface Case { readonly graph: Graph; readonly program: Program; readonly rows: readonly TypedArray[]; readonly want: readonly Uint8Array[] }

/** All outputs of a program, row after row. */
function answers(p: Program, rows: readonly TypedArray[]): readonly Uint8Array[] {
  const run = createRunner(p);
  return rows.map((x) => { const { scores, more } = run(x); return rowBytes([scores, ...more]); });
}

function made(seed: number): Case {
  const graph = randomGraph(seed, { wide: seed % 4 === 3, portable: seed % 2 === 0 });
  const program = prepareNetwork(graph);
  const rows = randomInputs(graph, ROWS);
  return { graph, program, rows, want: answers(program, rows) };
}

const cases = Array.from({ length: GRAPHS }, (_, i) => made(i + 1));

/** The arena of a program whose plan was proven once more, from the buffers themselves. */
function arena(p: Program) {
  const { arena: a } = placeTensors(p);
  const { storage, overlaps, homes } = memoryOf(p);
  const scratch = (id: number): number | undefined => a.scratch.get(id - p.tensors.length);
  const offsets = storage.map((s) => a.offsets.get(s.id) ?? scratch(s.id) ?? -1);
  assert.deepEqual(faultsOf(storage, { offsets, bytes: a.bytes }, overlaps), [], p.name);
  for (const [t, home] of homes) assert.equal(a.offsets.get(t), a.offsets.get(home), `${p.name}: tensor ${t} is not in its home`);
  return a;
}

const job = (c: Case, form: Job["form"], program = c.program): Job => ({ title: c.graph.name, program, arena: arena(program), form, rows: c.rows, want: c.want });

test("random networks use every operator that they can hold", () => {
  const used = new Set(cases.flatMap((c) => c.graph.nodes.map((n) => n.op)));
  assert.ok(used.size >= 16, [...used].join(", "));
  const constant = cases.filter((c) => c.want.every((w) => Buffer.compare(w, c.want[0] as Uint8Array) === 0)).map((c) => c.graph.name);
  assert.ok(constant.length <= GRAPHS / 6, `the answers do not depend on the input: ${constant.join(", ")}`);
});

test("simplify changes no byte of random networks", () => {
  for (const c of cases) {
    const program = prepareNetwork(simplify(c.graph));
    arena(program);
    assert.deepEqual(answers(program, c.rows), c.want, c.graph.name);
  }
});

test("random networks written as .tflite and read back give the same bytes", () => {
  for (const c of cases.filter((_, i) => i % 2 === 1)) {
    const back = readGraph(writeGraphTflite(c.graph), `${c.graph.name}.tflite`);
    assert.deepEqual(answers(prepareNetwork(back), c.rows), c.want, c.graph.name);
  }
});

for (const form of ["inline", "table"] as const) {
  test(`random networks as C on the host, ${form}, equal the reference`, { skip: without("gcc") }, async () => {
    const all = cases.map((c) => job(c, form));
    // In the table form the layers of a network share their kernels; half of the networks are enough of it.
    const wrong = await runBatch(form === "inline" ? all : all.filter((_, i) => i % 4 < 2), findBoard("host"), true, GRAPHS / 2);
    assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
  });
}

const some = cases.filter((_, i) => i % 6 === 0);

for (const name of ["mps2-an386", "mps3-an547"] as const) {
  test(`random networks with the kernels for the CPU of ${name} equal the reference`, { skip: without("arm-none-eabi-gcc") }, async () => {
    const board = findBoard(name);
    const programs = some.map((c) => withKernels(c.program, features(board.core)));
    assert.ok(programs.some((p) => p.steps.some((s) => s.variant !== undefined)), "no kernel of the CPU suits");
    const wrong = await runBatch(some.map((c, i) => job(c, i % 2 ? "table" : "inline", programs[i])), board);
    assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
  });
}

/** The longest head of every network that has one, with and without its input in memory, one to three rows a call; and the shortest. */
const byRows = (list: readonly Case[]): readonly (readonly [Case, Program])[] => list.flatMap((c, i) => {
  const forms = rowForms(c.program, { resident: i % 2 === 0, each: 1 + (i % 3) });
  return [...new Set([forms.at(-1), forms[0]])].flatMap((f) => (f ? [[c, f] as const] : []));
});

test("random networks row by row, as C on the host, equal the reference", { skip: without("gcc") }, async () => {
  const found = byRows([...cases, ...Array.from({ length: GRAPHS }, (_, i) => made(GRAPHS + i + 1))]);
  assert.ok(found.length >= 30 && found.some(([, f]) => (f.rows?.steps ?? 0) >= 3), `${found.length} networks`);
  const wrong = await runBatch(found.map(([c, f], i) => job(c, i % 2 ? "table" : "inline", f)), findBoard("host"), true, GRAPHS / 2);
  assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
});

for (const [board, compiler] of [["mps2-an386", "arm-none-eabi-gcc"], ["mps2-an385", "arm-none-eabi-gcc"], ["atmega328p", "avr-gcc"]] as const) {
  test(`random networks row by row on ${board} equal the reference`, { skip: without(compiler) }, async () => {
    const b = findBoard(board);
    const found = byRows(cases).filter((_, i) => i % 2 === 0).map(([c, f], i) => ({ ...job(c, i % 2 ? "table" : "inline", withKernels(f, features(b.core))), rows: c.rows.slice(0, 3), want: c.want.slice(0, 3) }));
    const wrong = await runBatch(found, b);
    assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
  });
}

test("random networks with the kernels that need least memory equal the reference", { skip: without("gcc") }, async () => {
  const programs = cases.map((c) => withKernels(c.program, new Set(), (_step, v) => v.gains === "ram"));
  const changed = cases.flatMap((c, i) => (programs[i]?.steps.some((s) => s.variant !== undefined) ? [job(c, i % 2 ? "table" : "inline", programs[i])] : []));
  assert.ok(changed.length > 5, `${changed.length} networks have such kernels`);
  const wrong = await runBatch(changed, findBoard("host"), true, GRAPHS / 2);
  assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
});

test("random networks on an 8-bit CPU equal the reference", { skip: without("avr-gcc") }, async () => {
  const wrong = await runBatch(some.map((c, i) => ({ ...job(c, i % 2 ? "inline" : "table"), rows: c.rows.slice(0, 3), want: c.want.slice(0, 3) })), findBoard("atmega328p"));
  assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
});
