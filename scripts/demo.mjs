/**
 * The two main jobs, end to end. Two trained scikit-learn models: to C for an ATtiny85 and an Uno, every test row on the simulated
 * chips. Two tables of rows: described, searched for the best model that fits an ATtiny85, drawn as pages. Then one table of all.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { battery, rowOf, tableOf } from "./demo-table.mjs";

const out = "out/demo";
const models = ["colour_svm.joblib", "colour_forest.pkl"];
const boards = ["attiny85", "uno"];
/** What the compilers of `npm run setup` reach: not `all`, which also holds boards that need other compilers and emulators. */
const proven = "attiny45,attiny85,uno,host";
const modelRows = ["--data", "examples/colour/test.csv", "--calibrate", "examples/colour/train.csv"];

/** Rows of a person are never learnt from and asked at once: `--group`. The budgets keep the whole demo within two minutes on two cores. */
const sets = [
  { name: "colour", options: [], budget: 22 },
  { name: "gesture", options: ["--group", "person"], budget: 40 },
];

const began = Date.now();
const say = (text) => process.stderr.write(`${text}\n`);
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(0)} s`;
const step = (text) => say(`\n── ${seconds(began)} ── ${text}`);
const shown = (args) => args.map((a) => (/[ ,]/.test(a) ? `"${a}"` : a)).join(" ");

function coincell(...args) {
  say(`\n$ npx coincell ${shown(args)}`);
  const { status } = spawnSync("node", ["bin/coincell.js", ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** A search tells a terminal what it does on a line that rewrites itself; where no person reads, a line every ten seconds must do. */
function search(budget, ...args) {
  say(`\n$ npx coincell ${shown(args)}`);
  const start = Date.now();
  const beat = process.stderr.isTTY ? undefined : setInterval(() => say(`  searching, ${seconds(start)} of ${budget} s`), 10_000);
  return new Promise((resolve) => {
    const child = spawn("node", ["bin/coincell.js", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const parts = [];
    child.stdout.on("data", (part) => parts.push(part));
    child.on("close", (status) => {
      clearInterval(beat);
      if (status !== 0) process.exit(status ?? 1);
      resolve(JSON.parse(Buffer.concat(parts).toString("utf8")));
    });
  });
}

function fromModel(model) {
  const file = `examples/colour/${model}`;
  const name = model.split(".")[0];
  coincell("check", file);
  coincell("compile", file, "--board", "attiny85", ...modelRows, "-o", `${out}/${name}`);
  for (const board of boards) coincell("run", file, "--board", board, ...modelRows, "--predictions", `${out}/${name}-${board}.csv`, "--html", `${out}/${name}-${board}.html`);
  coincell("verify", file, "--board", proven, ...modelRows);
}

/** From rows to a page: what stands in the rows, the best model that fits, and its run on the chip as any other run is drawn. */
async function fromRows({ name, options, budget }) {
  const [train, test, folder] = [`examples/${name}/train.csv`, `examples/${name}/test.csv`, `${out}/${name}-fit`];
  coincell("data", train, "--test", test, ...options);
  const found = await search(budget, "fit", train, "--test", test, ...options, "--board", "attiny85", "--battery", battery, "--budget", `${budget}s`, "--jobs", String(Math.min(2, availableParallelism())), "--out", folder, "--json");
  say(`  ${found.counts.trained} models trained, ${found.counts.measured} compiled and run on the chip, ${found.candidates.filter((c) => c.fits).length} fit; ${found.seconds.toFixed(0)} s`);
  for (const why of found.why) say(`  ${why}`);
  writeFileSync(`${folder}/best.json`, JSON.stringify(found.best));
  coincell("report", `${folder}/best.json`, "-o", `${folder}/best.html`);
  return rowOf(name, found, folder);
}

// The store of an earlier search would go on where that one stopped: here every run of the demo does the same work.
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
step("trained models to C, proven on the chips");
for (const model of models) fromModel(model);
const table = [];
for (const set of sets) {
  step(`${set.name}: from rows to the best model for an ATtiny85, ${set.budget} s of search`);
  table.push(await fromRows(set));
}
step("done");
process.stdout.write(`\n${tableOf(table)}\n`);
const names = models.map((m) => m.split(".")[0]);
say(`\nModels' C:    ${names.map((n) => `${out}/${n}/`).join(", ")}\nModels' runs: ${names.flatMap((n) => boards.map((b) => `${out}/${n}-${b}.html`)).join(", ")}\nAll in ${seconds(began)}.`);
