/** One line of sizes for the log: source lines, and flash and RAM of the two demo models on their boards. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const files = readdirSync("src", { recursive: true, withFileTypes: true }).filter((d) => d.isFile()).map((d) => join(d.parentPath ?? d.path, d.name));
const lines = (end) => files.filter((f) => end.test(f) && !/\.test\.ts$|\.generated\./.test(f)).reduce((n, f) => n + readFileSync(f, "utf8").split("\n").length - 1, 0);

const figures = ["colour_svm.joblib", "colour_forest.pkl"].map((model) => {
  const args = ["bin/coincell.js", "run", `examples/colour/${model}`, "--board", "attiny85", "--data", "examples/colour/test.csv", "--calibrate", "examples/colour/train.csv", "--json", "--quiet"];
  const { stdout, status } = spawnSync("node", args, { encoding: "utf8" });
  if (status !== 0) return `${model}: not measured`;
  const r = JSON.parse(stdout);
  return `${model} on ${r.board}: ${r.flash.model} B flash, ${r.ram.static} B static RAM, ${r.ram.stack} B stack, ${Math.round(r.cycles.mean)} cycles`;
});
process.stdout.write(`size: ${lines(/\.ts$/)} lines of TypeScript, ${lines(/\.[chS]$/)} of C; ${figures.join("; ")}\n`);
