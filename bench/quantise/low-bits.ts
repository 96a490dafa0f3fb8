/**
 * The figures of docs/low-bits.md: accuracy on rows that nothing was fitted to, and flash and instructions of the linked program.
 *   tsx bench/quantise/low-bits.ts OUT DATA MODELS [NETWORK:WAY …]     (speech.py's output, the unpacked data sets, shared/models)
 * Figures are kept in OUT/low-bits.json, so that some ways can be measured again without the others; the page shows all of them.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { importModel } from "../../src/importers/index.js";
import { writeGraphTflite } from "../../src/importers/tflite/write-graph.js";
import type { Graph } from "../../src/ir/types.js";
import { quantiseNetwork, realNetwork, thinned, type LayerWidth, type QuantiseNetworkOptions } from "../../src/passes/quantise-network/index.js";
import { answersOf, compared, largest } from "../../src/passes/quantise-network/quality.js";
import { runFile } from "../../src/pipeline.js";
import { readNpz, readPart, type Rows } from "./data.js";
import { page } from "./low-bits-page.js";

const [out = "", data = "", models = "", ...only] = process.argv.slice(2);
const BOARD = "mps2-an386";

interface Network {
  readonly file: string;
  readonly rows: () => readonly [train: Rows, test: Rows];
  /** Rows for rounding and ranges, and rows held back for the search. */
  readonly seen: number;
  readonly held: number;
  readonly ways: Readonly<Record<string, Omit<QuantiseNetworkOptions, "rows">>>;
}

const networks: Readonly<Record<string, Network>> = {
  kws: {
    file: "kws_ref_model_float32.tflite", rows: () => [readNpz(`${out}/speech-train.npz`), readNpz(`${out}/speech-test.npz`)], seen: 600, held: 500,
    ways: { "int8": {}, "4 bits": { weights: 4 }, "3 bits": { weights: 3 }, "2 bits": { weights: 2 }, "auto, 11,000 bytes": { weights: "auto", maxFlash: 11_000 }, "auto, 1 point": { weights: "auto", maxLoss: 1 } },
  },
  resnet: {
    file: "pretrainedResnet.tflite", rows: () => [readPart(`${data}/cifar10_small`, "train"), readPart(`${data}/cifar10_small`, "val")], seen: 600, held: 300,
    ways: { "int8": {}, "4 bits": { weights: 4 }, "auto, 38,000 bytes": { weights: "auto", maxFlash: 38_000 } },
  },
};

export interface Figure {
  readonly network: string;
  readonly way: string;
  readonly rows: number;
  /** Rows for ranges and rounding. */
  readonly seen: number;
  readonly float: number;
  readonly accuracy: number;
  readonly sqnr: number;
  readonly equal: number;
  readonly flash: { readonly total: number; readonly code: number; readonly weights: number };
  readonly ram: number;
  readonly instructions: number;
  readonly layers: readonly Pick<LayerWidth, "op" | "bits" | "before" | "bytes">[];
}

async function measure(network: string, way: string): Promise<Figure> {
  const n = networks[network] as Network;
  const graph: Graph = realNetwork(importModel(readFileSync(`${models}/${n.file}`), n.file));
  const [train, test] = n.rows();
  const all = train.rows.map((_, i) => i);
  const seen = thinned(all.filter((i) => i % 2 === 0), n.seen);
  const held = thinned(all.filter((i) => i % 2 === 1), n.held);
  const at = (list: readonly number[]): Float64Array[] => list.map((i) => train.rows[i] as Float64Array);
  const q = quantiseNetwork(graph, { ...n.ways[way], rows: at(seen), held: { rows: at(held), labels: held.map((i) => train.labels[i] as number) } });
  const truth = answersOf(graph, test.rows);
  const got = answersOf(q.graph, test.rows);
  const right = (answers: readonly ArrayLike<number>[]): number => (100 * answers.filter((a, i) => largest(a) === test.labels[i]).length) / answers.length;
  const { sqnr, agreement } = compared(truth, got, true);
  const file = `${out}/low-bits-${network}-${way.replace(/\W+/g, "-")}.tflite`;
  writeFileSync(file, writeGraphTflite(q.graph, file));
  const { report } = await runFile(file, { board: BOARD, random: 1, goal: "size", layers: false });
  if (report.equal !== true) throw new Error(`${file}: other bytes than the reference`);
  const { total, code, weights } = report.flash;
  return {
    network, way, rows: test.rows.length, seen: seen.length, float: right(truth), accuracy: right(got), sqnr, equal: 100 * agreement, flash: { total, code: code ?? 0, weights: weights ?? 0 }, ram: report.ram.total,
    instructions: report.instructions?.mean ?? NaN, layers: q.narrow?.layers.map(({ op, bits, before, bytes }) => ({ op, bits, before, bytes })) ?? [],
  };
}

const store = `${out}/low-bits.json`;
const known: Figure[] = existsSync(store) ? (JSON.parse(readFileSync(store, "utf8")) as Figure[]) : [];
const order = Object.entries(networks).flatMap(([network, n]) => Object.keys(n.ways).map((way) => ({ network, way })));
for (const { network, way } of order) {
  if (only.length > 0 && !only.includes(`${network}:${way}`)) continue;
  const figure = await measure(network, way);
  const place = known.findIndex((f) => f.network === network && f.way === way);
  known.splice(place < 0 ? known.length : place, place < 0 ? 0 : 1, figure);
  writeFileSync(store, JSON.stringify(known, null, 1));
  process.stdout.write(`${network} ${way}: ${figure.accuracy.toFixed(2)} of ${figure.float.toFixed(2)}, ${figure.flash.total} bytes\n`);
}
const shown = order.flatMap(({ network, way }) => known.filter((f) => f.network === network && f.way === way));
writeFileSync(new URL("../../docs/low-bits.md", import.meta.url), page(shown));
