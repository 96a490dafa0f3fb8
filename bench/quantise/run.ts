/**
 * The figures of docs/quantiser.md: accuracy on the test part, in float and in integers.
 *   tsx bench/quantise/run.ts TRAINED DATA MODELS [NAME …]      (what train.py wrote, the unpacked data sets, shared/models)
 */
import { existsSync, readFileSync } from "node:fs";
import { importModel } from "../../src/importers/index.js";
import { elements, type Graph } from "../../src/ir/types.js";
import { quantiseNetwork, realNetwork, type QuantiseNetworkOptions } from "../../src/passes/quantise-network/index.js";
import { answersOf, compared, largest } from "../../src/passes/quantise-network/quality.js";
import { thinned } from "../../src/passes/quantise-network/index.js";
import { readNpz, readPart, type Rows } from "./data.js";
import { readSpec } from "./spec.js";

const [trained = "", data = "", models = "", ...only] = process.argv.slice(2);
const CALIBRATION = 300;
const print = (line: string): void => { process.stdout.write(`${line}\n`); };
const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
/** The larger network is calibrated on fewer rows: TypeScript runs a million multiply-accumulates in about 5 ms. */
const LARGE = 150;

const ways: readonly (readonly [string, Omit<QuantiseNetworkOptions, "rows">])[] = [
  ["int8, min/max", { ranges: "minmax", equalise: false, correctBias: false }],
  ["int8, ours", {}],
  ["int16x8", { int16: "all" }],
];

const accuracy = (answers: readonly ArrayLike<number>[], labels: ArrayLike<number>): number => (100 * answers.filter((a, i) => largest(a) === labels[i]).length) / answers.length;
const points = (v: number): string => v.toFixed(2);

function measure(name: string, graph: Graph, calibration: Rows, test: Rows, calibrated = CALIBRATION): void {
  const truth = answersOf(graph, test.rows);
  const rows = thinned(calibration.rows, calibrated);
  const cells = ways.map(([, o]) => {
    const q = quantiseNetwork(graph, { ...o, rows });
    const got = answersOf(q.graph, test.rows);
    const { sqnr, agreement } = compared(truth, got, true);
    return `${points(accuracy(got, test.labels))} (${sqnr.toFixed(1)} dB, ${(100 * agreement).toFixed(1)} % equal)`;
  });
  print(`| ${name} | ${test.rows.length} | ${points(accuracy(truth, test.labels))} | ${cells.join(" | ")} |`);
}

type Random = () => number;
type Draw = (r: Random, width: number) => Float64Array;

/** Networks without data here: random rows in the units that they were trained on tell the noise, not the accuracy. */
function noise(file: string, draw: Draw, n: number): void {
  const graph = realNetwork(importModel(readFileSync(`${models}/${file}`), file));
  const width = elements(graph.tensors[graph.input]);
  let seed = 7;
  const random = (): number => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return seed / 2 ** 32; };
  const rows = Array.from({ length: 2 * n }, () => draw(random, width));
  const truth = answersOf(graph, rows.slice(n));
  const cells = ways.map(([, o]) => compared(truth, answersOf(quantiseNetwork(graph, { ...o, rows: rows.slice(0, n) }).graph, rows.slice(n)), graph.task === "classification").sqnr.toFixed(1));
  print(`| ${file} | ${n} | ${cells.join(" | ")} |`);
}

/** Neighbours are alike and rows are not, as in pictures and spectra. */
const smooth = (unit: (r: Random) => number): Draw => (r, width) => {
  const level = r();
  let v = unit(r) * level;
  return Float64Array.from({ length: width }, () => (v = 0.8 * v + 0.4 * unit(r) * level));
};

/** Logarithmic spectra in decibels: a level, less of the high bands, noise. */
const spectra: Draw = (r, width) => {
  const [level, tilt] = [-45 + 20 * r(), 30 * r()];
  return Float64Array.from({ length: width }, (_, i) => level - tilt * ((i % 128) / 128) + 6 * (r() - 0.5));
};

const gaussian = (r: () => number): number => Math.sqrt(-2 * Math.log(r() + 1e-12)) * Math.cos(2 * Math.PI * r());

print(`| network | test rows | float32 | ${ways.map(([w]) => w).join(" | ")} |\n|---|---|---|---|---|---|`);
for (const name of ["digits14", "mnist14", "mnist", "cifar_dscnn"]) {
  if (wanted(name) && existsSync(`${trained}/${name}-test.npz`)) measure(name, readSpec(`${trained}/${name}.json`), readNpz(`${trained}/${name}-train.npz`), readNpz(`${trained}/${name}-test.npz`));
}
if (wanted("resnet")) {
  const [train, test] = [readPart(`${data}/cifar10_small`, "train"), readPart(`${data}/cifar10_small`, "val")];
  const read = (file: string): Graph => importModel(readFileSync(`${models}/${file}`), file);
  const theirs = read("pretrainedResnet_quant.tflite");
  print(`TensorFlow's own int8 of the next network: ${points(accuracy(answersOf(theirs, test.rows), test.labels))}`);
  measure("pretrainedResnet.tflite (MLPerf Tiny), CIFAR-10", realNetwork(read("pretrainedResnet.tflite")), train, test, LARGE);
}
if (wanted("noise")) {
  print(`\n| network, random rows | rows | ${ways.map(([w]) => `${w}, dB`).join(" | ")} |\n|---|---|---|---|---|`);
  noise("hello_world_float.tflite", (r) => Float64Array.of(r() * 6.28), 100);
  noise("kws_ref_model_float32.tflite", smooth((r) => 20 * gaussian(r)), 30);
  noise("ad01_fp32.tflite", spectra, 60);
  noise("vww_96_float.tflite", smooth((r) => r()), 16);
}
