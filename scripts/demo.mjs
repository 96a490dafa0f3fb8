/** The main job, end to end: two trained scikit-learn models to C for an ATtiny85 and an Uno, every test row on the simulated chips, one report. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";

const models = ["colour_svm.joblib", "colour_forest.pkl"];
const boards = ["attiny85", "uno"];
const data = ["--data", "examples/colour/test.csv", "--calibrate", "examples/colour/train.csv"];

function coincell(...args) {
  process.stderr.write(`\n$ npx coincell ${args.join(" ")}\n`);
  const { status } = spawnSync("node", ["bin/coincell.js", ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

mkdirSync("out/demo", { recursive: true });
const saved = [];
for (const model of models) {
  const file = `examples/colour/${model}`;
  const name = model.split(".")[0];
  coincell("check", file);
  coincell("compile", file, "--board", "attiny85", ...data, "-o", `out/demo/${name}`);
  for (const board of boards) coincell("run", file, "--board", board, ...data, "--predictions", `out/demo/${name}-${board}.csv`, "--html", `out/demo/${name}-${board}.html`);
  coincell("verify", file, "--board", "all", ...data);
  saved.push(`out/demo/${name}`);
}
process.stderr.write(`\nC files: ${saved.map((s) => `${s}/`).join(", ")}\nReports: ${models.flatMap((m) => boards.map((b) => `out/demo/${m.split(".")[0]}-${b}.html`)).join(", ")}\n`);
