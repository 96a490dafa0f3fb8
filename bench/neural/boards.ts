/**
 * Which network runs on which board: `npx tsx bench/neural/boards.ts MODEL.tflite …` compiles each for every board, runs a random row where there is
 * a simulator, compares every byte, and writes docs/networks.md. Where a network does not fit, the table says by how much.
 */
import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { boards, runFile } from "../../src/pipeline.js";
import { CoincellError } from "../../src/ir/diagnostics.js";
import type { RunReport } from "../../src/report/types.js";

const whole = (n: number): string => Math.round(n).toLocaleString("en-US");

const millis = (micros: number): string => (micros >= 100_000 ? whole(micros / 1000) : (micros / 1000).toPrecision(3));

function cost(r: RunReport): string {
  if (r.cycles) return `${whole(r.cycles.mean)} cycles${r.microseconds ? `, ${millis(r.microseconds.mean)} ms` : ""}`;
  return r.instructions ? `${whole(r.instructions.mean)} instructions` : "";
}

function line(model: string, board: string, r: RunReport): string {
  const over = [...(r.over.flash > 0 ? [`${whole(r.over.flash)} B of flash`] : []), ...(r.over.ram > 0 ? [`${whole(r.over.ram)} B of RAM`] : [])];
  const verdict = over.length > 0 ? `does not fit: ${over.join(" and ")} too many` : r.equal ? "equal bytes" : "DIFFERS";
  const stack = r.ram.stack === null ? "" : whole(r.ram.stack);
  return `| ${model} | ${board} | ${verdict} | ${whole(r.flash.total)} | ${whole(r.ram.static)} | ${stack} | ${cost(r)} |`;
}

async function measured(file: string, board: string): Promise<string> {
  const model = basename(file, ".tflite");
  try {
    return line(model, board, (await runFile(file, { board, random: 1 })).report);
  } catch (e) {
    if (!(e instanceof CoincellError)) throw e;
    return `| ${model} | ${board} | ${e.diagnostic.what.split("\n")[0]?.slice(0, 140)} | | | | |`;
  }
}

const rows: string[] = [];
for (const file of process.argv.slice(2)) {
  for (const b of boards) {
    rows.push(await measured(file, b.name));
    process.stderr.write(`${rows.at(-1)}\n`);
  }
}
writeFileSync("docs/networks.md", `# Networks on boards

Made by \`npx tsx bench/neural/boards.ts MODEL.tflite …\`. One row of random input each; "equal bytes" compares every output byte of the simulated
board with the TypeScript reference, which gives the bytes of TensorFlow Lite Micro's reference kernels on all golden vectors. Flash is the whole
image with start-up and harness; RAM the memory of all tensors, the input included; stack is deepest. Cycles of AVR are exact, those of Cortex-M0+, M3
and M4 come from a timing table ([boards.md](boards.md) says how far it can be trusted); other cores report instructions.

| network | board | verdict | flash B | tensors B | stack B | one inference |
|---|---|---|---|---|---|---|
${rows.join("\n")}
`);
