/**
 * Quantised networks in tflite-runtime 2.14's reference kernels, byte for byte:
 *   tsx bench/quantise/wheel.ts PYTHON MODEL.tflite …      (float ones are quantised on random rows first)
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { importModel } from "../../src/importers/index.js";
import { writeGraphTflite } from "../../src/importers/tflite/write-graph.js";
import { convertRows, joinRows } from "../../src/ir/conversion.js";
import { elements, type Graph, type Tensor } from "../../src/ir/types.js";
import { isFloatNetwork, quantiseNetwork, realNetwork } from "../../src/passes/quantise-network/index.js";
import { prepareNetwork } from "../../src/passes/quantise/network.js";
import { createRunner } from "../../src/passes/run-program.js";
import { randomRows } from "../../src/stages/random-rows.js";

const [python = "python3", ...models] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "coincell-wheel-"));
const ROWS = 12;

/** A few random rows are enough: what is compared is arithmetic, not accuracy. */
function quantised(g: Graph): Graph {
  let seed = 1;
  const random = (): number => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return seed / 2 ** 32; };
  const rows = Array.from({ length: 3 }, () => Float64Array.from({ length: elements(g.tensors[g.input]) }, random));
  return quantiseNetwork(realNetwork(g), { rows, ranges: "minmax", equalise: false, correctBias: false }).graph;
}

for (const model of models) {
  const read = importModel(readFileSync(model), model);
  const graph = isFloatNetwork(read) ? quantised(read) : read;
  const files = { model: join(folder, "model.tflite"), rows: join(folder, "in.bin"), out: join(folder, "out.bin") };
  writeFileSync(files.model, graph === read ? readFileSync(model) : writeGraphTflite(graph));
  const program = prepareNetwork(graph);
  const rows = randomRows(program, ROWS, 3).rows.map((r) => convertRows(r, [program.tensors[program.input] as Tensor]));
  writeFileSync(files.rows, joinRows(rows.flat()));
  execFileSync(python, [new URL("wheel.py", import.meta.url).pathname, files.model, files.rows, files.out], { stdio: ["ignore", "ignore", "inherit"] });
  const run = createRunner(program);
  const ours = joinRows(rows.map((r) => run(...r).scores));
  const theirs = readFileSync(files.out);
  process.stdout.write(`${basename(model)}: ${ours.reduce((n, b, i) => n + (b === theirs[i] ? 0 : 1), 0)} of ${theirs.length} bytes differ\n`);
}
