/**
 * The guard of the figures: a few networks, boards and goals, counted and held against `baseline.json`. It fails when a figure grows by more than
 * 2 %. `npm run bench:neural:short`; after a change that is meant, `npm run bench:neural:short -- --update`. Counts depend on the compiler's version, so
 * that another one than the baseline's is skipped with a line; models that are not in the clone likewise.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { runFile, type Goal } from "../../src/pipeline.js";

const baselineFile = new URL("baseline.json", import.meta.url);
const own = new URL("../../examples/mnist14/digits14_int8.tflite", import.meta.url).pathname;
const shared = (name: string): string => new URL(`../../../shared/models/${name}.tflite`, import.meta.url).pathname;

interface Figures {
  readonly compiler: string | null;
  readonly instructions: number;
  readonly code: number;
  readonly weights: number;
  readonly activations: number;
  readonly stack: number;
}

interface Guarded { readonly title: string; readonly file: string; readonly board: string; readonly goal: Goal }

const guarded: readonly Guarded[] = [
  ...["mps2-an386", "mps2-an385", "mps3-an547", "pico", "rv32-virt", "atmega328p"].map((board) => ({ title: "digits", file: own, board, goal: "speed" as const })),
  { title: "digits", file: own, board: "atmega328p", goal: "size" },
  ...["ad01_int8", "kws_ref_model", "pretrainedResnet_quant", "vww_96_int8"].map((name) => ({ title: name, file: shared(name), board: "mps2-an386", goal: "speed" as const })),
  { title: "kws_ref_model", file: shared("kws_ref_model"), board: "mps2-an385", goal: "speed" },
  { title: "kws_ref_model", file: shared("kws_ref_model"), board: "mps2-an386", goal: "size" },
];

const MOST_GROWTH = 1.02;
const counted = ["instructions", "code", "weights", "activations", "stack"] as const;

async function measure({ file, board, goal }: Guarded): Promise<Figures> {
  const { report: r } = await runFile(file, { board, random: 1, goal, layers: false });
  if (!r.fits || !r.equal) throw new Error(`${file} on ${board}: ${r.fits ? "other bytes than the reference" : "does not fit"}`);
  return {
    compiler: r.certificate?.compiler ?? null, instructions: Math.round(r.instructions?.mean ?? r.cycles?.mean ?? 0),
    code: r.flash.code ?? 0, weights: r.flash.weights ?? 0, activations: r.ram.activations ?? 0, stack: r.ram.stack ?? 0,
  };
}

/** What grew, in words. */
const grown = (now: Figures, before: Figures): string[] =>
  counted.filter((k) => now[k] > before[k] * MOST_GROWTH).map((k) => `${k} from ${before[k]} to ${now[k]}`);

const update = process.argv.includes("--update");
const baseline = existsSync(baselineFile) ? (JSON.parse(readFileSync(baselineFile, "utf8")) as Readonly<Record<string, Figures>>) : {};
const measured: Record<string, Figures> = { ...baseline };
const faults: string[] = [];
for (const g of guarded) {
  const name = `${g.title} on ${g.board} for ${g.goal}`;
  if (!existsSync(g.file)) {
    process.stdout.write(`${name}: skipped, the model is not here\n`);
    continue;
  }
  const now = await measure(g);
  measured[name] = now;
  const before = baseline[name];
  const other = before !== undefined && before.compiler !== now.compiler;
  const worse = before === undefined ? ["no baseline"] : other ? [] : grown(now, before);
  faults.push(...worse.map((w) => `${name}: ${w}`));
  process.stdout.write(`${name}: ${counted.map((k) => `${now[k]} ${k}`).join(", ")}${other ? ` (not compared: compiled by ${now.compiler}, the baseline by ${before.compiler})` : ""}\n`);
}
if (update) writeFileSync(baselineFile, `${JSON.stringify(measured, null, 2)}\n`);
else if (faults.length > 0) {
  process.stderr.write(`Grown by more than ${Math.round((MOST_GROWTH - 1) * 100)} % (meant? npm run bench:neural:short -- --update):\n${faults.map((f) => `  ${f}\n`).join("")}`);
  process.exitCode = 1;
}
