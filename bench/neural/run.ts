/** Every int8 model on every kind of core, beside TFLM and published figures; writes docs/performance.md. `tsx bench/neural/run.ts [folder of the .tflite files]` */
import { existsSync, writeFileSync } from "node:fs";
import { importModel, runFile, type Goal, type RunFileOptions, type RunOutcome } from "../../src/pipeline.js";
import { CoincellError } from "../../src/ir/diagnostics.js";
import { bytesOf } from "../../src/ir/types.js";
import { withoutDeadChannels } from "../../src/passes/network/dead-channels.js";
import { simplify } from "../../src/passes/network/index.js";
import { models, type Model } from "./peers.js";

const folder = process.argv[2] ?? new URL("../../../shared/models", import.meta.url).pathname;
const boards = ["mps2-an386", "mps2-an385", "mps3-an547", "pico", "rv32-virt", "atmega328p"] as const;

type Report = RunOutcome["report"];
interface Measured { readonly model: Model; readonly board: string; readonly report: Report }

/** Or why there is nothing to measure. */
async function measure(model: Model, board: string, goal: Goal, byRows?: RunFileOptions["byRows"]): Promise<Measured | string> {
  const { report } = await runFile(`${folder}/${model.file}.tflite`, { board, random: 1, goal, layers: false, ...(byRows ? { byRows } : {}) });
  if (!report.fits) return `too large by ${count(report.over.flash)} bytes of flash, ${count(report.over.ram)} of RAM`;
  if (!report.equal) throw new Error(`${model.file} on ${board}: other bytes than the reference`);
  return { model, board, report };
}

const count = (v: number | null | undefined): string => (v === null || v === undefined ? "-" : Math.round(v).toLocaleString("en-US"));
const mega = (v: number | null | undefined): string => (v === null || v === undefined ? "-" : (v / 1e6).toFixed(v < 1e6 ? 3 : 2));
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function line({ model, report: r }: Measured): string {
  const { flash, ram } = r;
  return row([model.title, count(r.instructions?.mean), mega(r.cycles?.mean), count(flash.code), count(flash.weights), count(ram.activations), count(ram.scratch), count(ram.stack), count(flash.total), count(ram.total), `${r.choice.form} ${r.choice.optimise}`]);
}

function beside({ model: m, report: r }: Measured): string {
  const mine = r.instructions?.mean ?? NaN;
  return row([m.title, count(mine), count(m.tflm.instructions), `${(m.tflm.instructions / mine).toFixed(2)}x`, mega(r.cycles?.mean), m.published ? `${m.published.megacycles} (${m.published.who})` : "-",
    count(r.flash.total), count(m.tflm.flash), count(r.ram.total), count(m.tflm.ram)]);
}

/** Bytes of a model's weights and biases that take part in its answer, and those with the scale (float32) of each channel. */
async function liveData(model: Model): Promise<{ readonly data: number; readonly scaled: number }> {
  const { graph } = withoutDeadChannels(simplify(await importModel(`${folder}/${model.file}.tflite`)));
  const used = [...new Set(graph.nodes.flatMap((n) => n.inputs))].flatMap((t) => { const tensor = graph.tensors[t]; return tensor?.data ? [tensor] : []; });
  const data = used.reduce((n, t) => n + (t.data?.length ?? 0) * bytesOf(t.dtype), 0);
  // A bias repeats the scales of its weights.
  const scales = used.reduce((n, t) => n + (t.dtype === "i32" ? 0 : 4 * (t.quant?.scale.length ?? 0)), 0);
  return { data, scaled: data + scales };
}

const percent = (part: number, whole: number): string => `${part >= whole ? "+" : ""}${((part / whole - 1) * 100).toFixed(1)} %`;

async function sizeLine(model: Model): Promise<string> {
  const got = await measure(model, "mps2-an386", "size");
  if (typeof got === "string") return row([model.title, got]);
  const { data, scaled } = await liveData(model);
  const { code = 0, weights = 0 } = got.report.flash;
  const fast = all.find((m) => m.model === model && m.board === "mps2-an386")?.report.flash.code ?? NaN;
  return row([model.title, count(fast), `${(fast / model.tflm.code).toFixed(3)}x`, count(code), `${(code / model.tflm.code).toFixed(3)}x`, count(model.tflm.code), count(weights), count(data), percent(weights, data), percent(weights, scaled)]);
}

/** What Helium saves of the instructions that the DSP extension takes. */
function helium(model: Model): string {
  const [dsp, mve] = ["mps2-an386", "mps3-an547"].map((b) => all.find((m) => m.model === model && m.board === b)?.report);
  const [before, after] = [dsp?.instructions?.mean ?? NaN, mve?.instructions?.mean ?? NaN];
  return row([model.title, count(before), count(after), `${(before / after).toFixed(2)}x`, count(dsp?.flash.code), count(mve?.flash.code), count(dsp?.ram.activations), count(mve?.ram.activations)]);
}

const table = (head: readonly string[], lines: readonly string[]): string => [row(head), row(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...lines].join("\n");

const all: Measured[] = [];
const absent: string[] = [];
for (const board of boards) {
  for (const m of models) {
    if (!existsSync(`${folder}/${m.file}.tflite`)) continue;
    const got = await measure(m, board, "speed").catch((e: unknown) => { if (e instanceof CoincellError) return e.diagnostic.what.split("\n")[0] ?? ""; throw e; });
    if (typeof got !== "string") all.push(got);
    else absent.push(`${m.title} on ${board}: ${got}`);
    process.stdout.write(`${m.file} on ${board}: ${typeof got === "string" ? got : `${count(got.report.instructions?.mean)} instructions`}\n`);
  }
}

/** Ways to go through a network, from all its memory to the least. */
const memoryWays: readonly (readonly [string, RunFileOptions["byRows"]])[] = [
  ["layer by layer", { layers: 0, resident: true }], ["first layers row by row", { layers: "auto", resident: true }], ["input handed over by rows", { layers: "auto", resident: false }],
];

/** Every way with the least RAM that was found, beside the fastest program. */
async function memoryLines(model: Model): Promise<readonly string[]> {
  const told = (name: string, { report: r }: Measured): string => row([model.title, name, count(r.ram.activations), count(r.ram.total), count(r.flash.total), mega(r.instructions?.mean)]);
  const fast = all.find((m) => m.model === model && m.board === "mps2-an386");
  const lines = fast ? [told("speed", fast)] : [];
  for (const [name, byRows] of memoryWays) {
    const got = await measure(model, "mps2-an386", "ram", byRows).catch((e: unknown) => { if (e instanceof CoincellError) return null; throw e; });
    if (got !== null && typeof got !== "string") lines.push(told(`RAM: ${name}`, got));
    process.stdout.write(`${model.file}, ${name}\n`);
  }
  return lines;
}

const memoryRows: string[] = [];
for (const m of models.filter((x) => x.published ?? x.file.startsWith("str_ww"))) if (existsSync(`${folder}/${m.file}.tflite`)) memoryRows.push(...await memoryLines(m));

const sizes: string[] = [];
for (const m of models) if (existsSync(`${folder}/${m.file}.tflite`)) sizes.push(await sizeLine(m));

const columns = ["model", "instructions", "Mcycles", "code", "weights", "activations", "of it scratch at most", "stack", "flash, all", "RAM, all", "form"];
writeFileSync(new URL("../../docs/performance.md", import.meta.url), `<!-- Written by npx tsx bench/neural/run.ts. Do not edit. -->
# What networks cost

Every row is one inference of the linked program on the simulated board, with random input, its output compared byte for byte with the reference. Bytes and
instructions are counted, not estimated. **Cycles are modelled** (ARM's table without wait states, for the M0+ by its simulator): see docs/boards.md for how far
to trust them. \`coincell run MODEL --board BOARD --random 1 --optimise speed\` gives any one of them.

## Beside other engines, Cortex-M4F

TFLM: TensorFlow Lite Micro with CMSIS-NN, -O2, only the int8 kernels registered, counted in the same emulator. Flash and RAM are those of the whole program with
model and stack, start-up and test frame included. The published cycles are MLPerf Tiny results on hardware (NUCLEO-L4R5ZI, flash wait states included), ours are
modelled without wait states: the two columns are not on one scale.

${table(["model", "instructions", "TFLM", "gain", "our Mcycles, modelled", "least published Mcycles", "flash", "TFLM", "RAM", "TFLM"], all.filter((m) => m.board === "mps2-an386").map(beside))}

## Flash on the Cortex-M4F

Code without weights, start-up and test frame: of the form for speed and of the one for size (\`--optimise size\`), beside TFLM's. Set-up instructions: none; all is
decided by the compiler. Constants of the size form beside the live tensor data: weights and biases that are left once dead channels are gone; and
the same with the scale of each channel, without which they mean nothing (a multiplier of 32 bits stands for it).

${table(["model", "code, speed", "of TFLM's", "code, size", "of TFLM's", "TFLM", "constants, size", "live data", "above it", "above it with scales"], sizes)}

## Memory on the Cortex-M4F

The fastest program, and those with the least RAM (\`--optimise ram\`; \`--rows off\`, \`--rows auto\`, \`--by-row\`): activations as planned, all RAM with stack, of which the least
is chosen first and then the cycles. With its input handed over by rows a network never holds its image: 96 x 96 x 3 bytes for visual wake words.

${table(["model", "program", "activations", "RAM, all", "flash, all", "M instructions"], memoryRows)}

## Cortex-M55 beside Cortex-M4F

Our own kernels on both: Helium's vectors against the DSP extension. No cycle table exists for Cortex-M55.

${table(["model", "instructions, M4F", "instructions, M55", "gain", "code, M4F", "code, M55", "activations, M4F", "activations, M55"], models.filter((m) => ["mps2-an386", "mps3-an547"].every((b) => all.some((a) => a.model === m && a.board === b))).map(helium))}
${boards.map((b) => `
## ${b}

${table(columns, all.filter((m) => m.board === b).map(line))}
`).join("")}
## Not measured

${absent.length > 0 ? absent.map((a) => `- ${a}`).join("\n") : "Nothing."}
`);
