/**
 * How fast the tool is on networks: `npx tsx bench/neural/tool.ts MODEL.tflite …` times file to C text (first call in a fresh process, and the
 * fifth) and the integer reference, and writes docs/network-tool-speed.md.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { importModel } from "../../src/importers/index.js";
import { convertRows } from "../../src/ir/conversion.js";
import { inputTensors } from "../../src/ir/program.js";
import { createRunner } from "../../src/passes/run-program.js";
import { emit } from "../../src/stages/candidates.js";
import { compile } from "../../src/stages/compile.js";
import { randomRows } from "../../src/stages/random-rows.js";

interface Times { readonly first: number; readonly later: number; readonly macs: number; readonly rate: number }

function timed(bytes: Uint8Array, file: string): number {
  const begin = performance.now();
  emit(compile(importModel(bytes, file)), "inline");
  return performance.now() - begin;
}

function measure(file: string): Times {
  const bytes = new Uint8Array(readFileSync(file));
  const times = Array.from({ length: 5 }, () => timed(bytes, file));
  const { program: p } = compile(importModel(bytes, file));
  const inputs = inputTensors(p);
  const rows = randomRows(p, 12, 1).rows.map((r) => convertRows(r, inputs));
  const run = createRunner(p);
  for (const row of rows.slice(0, 2)) run(...row);
  const before = process.cpuUsage();
  for (const row of rows.slice(2)) run(...row);
  const { user, system } = process.cpuUsage(before);
  const macs = p.steps.reduce((n, s) => n + (s.macs ?? 0), 0);
  return { first: times[0] ?? 0, later: times[4] ?? 0, macs, rate: (macs * (rows.length - 2)) / (user + system) };
}

const self = fileURLToPath(import.meta.url);
const [mode, ...rest] = process.argv.slice(2);
if (mode === "--one") {
  process.stdout.write(JSON.stringify(measure(rest[0] ?? "")));
} else {
  const files = mode === undefined ? [] : [mode, ...rest];
  const lines = files.map((file) => {
    const t = JSON.parse(execFileSync(process.execPath, ["--import", "tsx", self, "--one", file], { encoding: "utf8" })) as Times;
    return `| ${basename(file, ".tflite")} | ${Math.round(t.first)} | ${Math.round(t.later)} | ${t.macs.toLocaleString("en-US")} | ${Math.round(t.rate)} |`;
  });
  writeFileSync("docs/network-tool-speed.md", `# Speed of the tool on networks

Made by \`npx tsx bench/neural/tool.ts MODEL.tflite …\` on ${availableParallelism()} cores, Node ${process.versions.node}, load ${(loadavg()[0] ?? 0).toFixed(1)}. From the file's bytes to C text: simplified, dead channels
left out, memory planned, emitted. "First" includes the compilation of our own JavaScript in a fresh process. The integer reference runs on one core;
its rate is per second of processor time.

| network | file to C, first, ms | fifth, ms | MACs | reference, million MACs a second |
|---|---|---|---|---|
${lines.join("\n")}
`);
}
