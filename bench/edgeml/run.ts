/**
 * Bonsai and ProtoNN within budgets of bytes, on the simulated Arduino Uno: `npx tsx bench/edgeml/run.ts [SET[,SET]] [BYTES[,BYTES]] [SEEDS]`.
 * Prints the rows of the table in docs/edgeml.md; without arguments it also writes them there.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { findBoard } from "../../src/boards/index.js";
import { compile } from "../../src/stages/compile.js";
import { run } from "../../src/stages/run.js";
import { learners } from "../../src/train/edgeml/index.js";
import type { Learner } from "../../src/train/learner.js";
import { dataSets, rowsOf, trainingSet, type DataSet } from "./data.js";

const doc = new URL("../../docs/edgeml.md", import.meta.url);
const BEGIN = "<!-- measured: npx tsx bench/edgeml/run.ts -->";
const END = "<!-- end -->";
const HEAD = ["| set | learner | budget | constants | flash | RAM + stack | accuracy | agreement | ms mean | ms max | equal | seconds |", "|---|---|---|---|---|---|---|---|---|---|---|---|"];
const UNO_ROWS = 300;
/** Images take long to learn from: two budgets are enough there. */
const budgetsFor = (d: DataSet): string => (d.name.startsWith("mnist") ? "500,2000" : "500,1000,2000");

const percent = (v: number): string => (v * 100).toFixed(2);

const ms = (v: number | undefined): string => (v === undefined ? "-" : (v / 1000).toFixed(2));

/** One model, trained, compiled and run. Accuracy is that of the integer model on all test rows. */
async function measure(d: DataSet, learner: Learner, bytes: number, seed: number): Promise<string> {
  const started = performance.now();
  const graph = learner.learn(trainingSet(d), "classification", { bytes }, { seed });
  const seconds = (performance.now() - started) / 1000;
  const compiled = compile(graph, { rows: rowsOf(d.train, d.features) });
  const table = { features: graph.featureNames, rows: rowsOf(d.test, d.features), labels: Array.from(d.test.y, (c) => String(d.classes[c])) };
  const whole = await run({ compiled, board: findBoard("host"), table, goal: "size" });
  // The simulator takes its time: the answers of all rows come from the host, cycles and bytes from some of them on the chip.
  const some = { ...table, rows: table.rows.slice(0, UNO_ROWS), labels: table.labels.slice(0, UNO_ROWS) };
  const { report } = await run({ compiled, board: findBoard("atmega328p"), table: some, goal: "auto" });
  const float = whole.report.agreement;
  const constants = compiled.program.steps.flatMap((s) => Object.values(s.params)).reduce((n: number, v) => n + (ArrayBuffer.isView(v) ? v.byteLength : 0), 0);
  const cells = [d.name, learner.name, bytes, constants, report.flash.model, report.ram.static + report.ram.input + (report.ram.stack ?? 0), percent(whole.report.accuracy ?? 0), percent(float),
    ms(report.microseconds?.mean), ms(report.microseconds?.max), report.fits ? (report.equal && whole.report.equal ? "yes" : "NO") : "does not fit", seconds.toFixed(1)];
  return `| ${cells.join(" | ")} |`;
}

const [sets, budgets, seeds] = process.argv.slice(2);
const lines = [...HEAD];
process.stdout.write(`${HEAD.join("\n")}\n`);
for (const d of dataSets().filter((s) => !sets || sets.split(",").includes(s.name))) {
  for (const learner of learners) for (const bytes of (budgets ?? budgetsFor(d)).split(",").map(Number)) for (const seed of (seeds ?? "1").split(",").map(Number)) {
    const line = await measure(d, learner, bytes, seed).catch((e: unknown) => `| ${d.name} | ${learner.name} | ${bytes} | ${e instanceof Error ? e.message.replaceAll("\n", " ").slice(0, 300) : String(e)} |`);
    lines.push(line);
    process.stdout.write(`${line}\n`);
  }
}
if (process.argv.length === 2) {
  const text = readFileSync(doc, "utf8");
  writeFileSync(doc, `${text.slice(0, text.indexOf(BEGIN) + BEGIN.length)}\n${lines.join("\n")}\n${text.slice(text.indexOf(END))}`);
}
