/** Makes examples/mnist14: tsx bench/quantise/example.ts TRAINED (what train.py wrote). */
import { mkdirSync, writeFileSync } from "node:fs";
import { writeGraphTflite } from "../../src/importers/tflite/write-graph.js";
import { quantiseNetwork, thinned } from "../../src/passes/quantise-network/index.js";
import { readNpz, type Rows } from "./data.js";
import { readSpec } from "./spec.js";

const [trained = ""] = process.argv.slice(2);
const out = new URL("../../examples/mnist14/", import.meta.url);
mkdirSync(out, { recursive: true });

function csv({ rows, labels }: Rows, n: number): string {
  const head = [...Array.from({ length: rows[0]?.length ?? 0 }, (_, i) => `p${i}`), "digit"].join(",");
  return `${[head, ...rows.slice(0, n).map((r, i) => `${r.join(",")},${labels[i] ?? 0}`)].join("\n")}\n`;
}

const graph = readSpec(`${trained}/digits14.json`);
const [train, test] = [readNpz(`${trained}/digits14-train.npz`), readNpz(`${trained}/digits14-test.npz`)];
const made = quantiseNetwork(graph, { rows: thinned(train.rows, 300) });
writeFileSync(new URL("digits14_float.tflite", out), writeGraphTflite(graph));
writeFileSync(new URL("digits14_int8.tflite", out), writeGraphTflite(made.graph));
writeFileSync(new URL("train.csv", out), csv(train, 100));
writeFileSync(new URL("test.csv", out), csv(test, 100));
process.stdout.write(`${made.graph.notes.join("\n")}\n`);
