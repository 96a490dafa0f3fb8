/** Writes random networks as .tflite files, with inputs and what every node of ours makes of them; check.py compares them with TensorFlow Lite. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { randomGraph, randomInputs, type Kind } from "../../test/support/random-graph.js";
import { readGraph } from "../../src/importers/tflite/index.js";
import { writeGraphTflite } from "../../src/importers/tflite/write-graph.js";
import type { AnyNode, Graph, TypedArray } from "../../src/ir/types.js";
import { prepareNetwork } from "../../src/passes/quantise/network.js";
import { createRunner } from "../../src/passes/run-program.js";

const ROWS = 8;
const out = fileURLToPath(new URL("out/", import.meta.url));
const [graphs = 600, first = 1] = process.argv.slice(2).map(Number);

/** Every third network is int16x8; all are such that TensorFlow Lite computes them as TensorFlow Lite Micro does. */
const kindOf = (seed: number): Kind => ({ wide: seed % 3 === 0, portable: true });

const bytesOf = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength).slice();

/** Every value an output: TensorFlow Lite overwrites others, whatever it is told. */
function open(graph: Graph): Graph {
  const known = new Set(graph.outputs.map((o) => o.tensor));
  const more = graph.nodes.flatMap((n) => n.outputs).filter((t) => !known.has(t));
  return { ...graph, outputs: [...graph.outputs, ...more.map((tensor) => ({ role: "more", tensor }) as const)] };
}

/** What the node of each step makes, row after row. */
function trace(graph: Graph, rows: readonly TypedArray[]): ReadonlyMap<string, readonly Uint8Array[]> {
  const program = prepareNetwork(graph);
  const made = new Map<string, Uint8Array[]>();
  const run = createRunner(program, (k, y) => {
    const name = program.tensors[program.steps[k]?.outputs[0] ?? 0]?.name ?? "";
    made.set(name, [...made.get(name) ?? [], bytesOf(y)]);
  });
  for (const row of rows) run(row);
  return made;
}

/** Where a reference is known to compute otherwise than TensorFlow Lite Micro (README.md); empty elsewhere. */
function apart(graph: Graph, n: AnyNode): string {
  const [x] = n.inputs.map((t) => graph.tensors[t]);
  if (n.op === "fully_connected" && x?.dtype === "i16" && n.inputs.length < 3) return "int16 without a bias: summed and rounded in 32 bits";
  if (n.op === "mul") return "multiplier in float32";
  if (n.op === "add" && n.attrs["subtract"] === true) return "multipliers of a difference in double precision";
  if (n.op === "rectify" && x?.dtype === "i16") return "multiplier in double precision (the emulator)";
  return n.op === "sigmoid" && x?.dtype === "i8" ? "table of the rounded function" : "";
}

/** The tensor whose bytes t shares. */
function behindViews(graph: Graph, t: number): number {
  const maker = graph.nodes.find((n) => n.outputs.includes(t));
  return maker?.op === "reshape" ? behindViews(graph, maker.inputs[0] ?? 0) : t;
}

function write(seed: number): object {
  const graph = open(randomGraph(seed, kindOf(seed)));
  const file = writeGraphTflite(graph);
  const rows = randomInputs(graph, ROWS);
  // The file is what is compared: our answers are those of the graph read back from it.
  const made = trace(readGraph(file, "random.tflite"), rows);
  // Steps that the reader adds (a label, a border) have no tensor in the graph; what they make counts with the next node.
  const known = new Set(graph.nodes.flatMap((n) => n.outputs.map((t) => graph.tensors[t]?.name)));
  const blob = new Map([[graph.tensors[graph.input]?.name ?? "", rows.map(bytesOf)], ...[...made].filter(([name]) => known.has(name))]);
  const dtypeOf = (name: string): string => (graph.tensors.find((t) => t.name === name)?.dtype === "i16" ? "int16" : "int8");
  const values: object[] = [];
  let offset = 0;
  for (const [name, list] of blob) {
    const bytes = list[0]?.byteLength ?? 0;
    const maker = graph.nodes.find((n) => graph.tensors[n.outputs[0] ?? 0]?.name === name);
    values.push({ name, offset, bytes, count: (list[0]?.byteLength ?? 0) / (dtypeOf(name) === "int16" ? 2 : 1), dtype: dtypeOf(name), op: maker?.op ?? "input", node: maker?.name ?? "", inputs: maker?.inputs.map((t) => graph.tensors[behindViews(graph, t)]?.name) ?? [], apart: maker ? apart(graph, maker) : "" });
    offset += bytes * ROWS;
  }
  writeFileSync(`${out}${graph.name}.tflite`, file);
  writeFileSync(`${out}${graph.name}.bin`, Buffer.concat([...blob.values()].flat()));
  return { name: graph.name, rows: ROWS, dtype: dtypeOf("t0"), shape: graph.tensors[graph.input]?.shape, values, outputs: graph.outputs.map((o) => graph.tensors[o.tensor]?.name) };
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const written = Array.from({ length: graphs }, (_, i) => write(first + i));
writeFileSync(`${out}index.json`, JSON.stringify(written));
process.stdout.write(`${written.length} networks in ${out}\n`);
