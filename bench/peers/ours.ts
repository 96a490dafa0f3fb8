/** Our rows of the comparison: every model of bench/peers/out through `run`, in its small and its fast form, on both chips. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { CoincellError } from "../../src/ir/diagnostics.js";
import { compile, findBoard, importModel, importTable, run } from "../../src/pipeline.js";

const out = new URL("./out/", import.meta.url);

export interface OurRow {
  readonly data: string; readonly model: string; readonly chip: string; readonly goal: "size" | "speed"; readonly inputType: string;
  readonly flash: number; readonly total: number; readonly ramStatic: number; readonly ramInput: number; readonly stack: number | null;
  readonly cyclesMean: number | null; readonly cyclesMax: number | null; readonly agreement: number; readonly accuracy: number | null;
  readonly equal: boolean; readonly fits: boolean; readonly over: { readonly flash: number; readonly ram: number }; readonly why: string;
}

interface IndexEntry { readonly data: string; readonly model: string }

/** Rows simulated for each model: enough for a stable mean, few enough for kernel machines. */
const MAX_ROWS = 216;

async function rowsOf(entry: IndexEntry): Promise<OurRow[]> {
  const folder = new URL(`${entry.data}/${entry.model}/`, out);
  const file = ["xgb.json", "lgbm.txt", "pipeline.pkl", "model.pkl"].map((f) => new URL(f, folder)).find((u) => existsSync(u));
  if (!file) throw new Error(`no model file in ${folder.pathname}`);
  const graph = await importModel(file.pathname);
  const train = await importTable(new URL("train.csv", folder).pathname, graph);
  const all = await importTable(new URL("test.csv", folder).pathname, graph);
  const table = { ...all, rows: all.rows.slice(0, MAX_ROWS), labels: all.labels?.slice(0, MAX_ROWS) ?? null };
  const expected = readFileSync(new URL("pred.csv", folder), "utf8").trim().split("\n").filter((l) => !/[a-z]/i.test(l));
  const compiled = compile(graph, { rows: train.rows });
  const rows: OurRow[] = [];
  for (const chip of ["attiny85", "atmega328p"]) {
    for (const goal of ["size", "speed"] as const) {
      const outcome = await run({ compiled, board: findBoard(chip), table, goal }).catch((e: unknown) => tooLarge(e));
      if (typeof outcome === "string") {
        rows.push({ data: entry.data, model: entry.model, chip, goal, inputType: "", flash: 0, total: 0, ramStatic: 0, ramInput: 0, stack: null, cyclesMean: null, cyclesMax: null, agreement: 0, accuracy: null, equal: false, fits: false, over: { flash: 0, ram: 0 }, why: outcome });
        continue;
      }
      const { report: r, predictions } = outcome;
      // The truth is the source library's own answer, not our float model's.
      const agreement = predictions.filter((p, i) => Number(p.answer) === Number(expected[i]?.split(",")[0])).length / predictions.length;
      rows.push({
        data: entry.data, model: entry.model, chip, goal, inputType: r.choice.inputType, flash: r.flash.model, total: r.flash.total, ramStatic: r.ram.static, ramInput: r.ram.input,
        stack: r.ram.stack, cyclesMean: r.cycles?.mean ?? null, cyclesMax: r.cycles?.max ?? null, agreement, accuracy: r.accuracy, equal: r.equal, fits: r.fits, over: r.over, why: "",
      });
    }
  }
  return rows;
}

/** What the tool says of a model whose constants alone exceed the flash; any other error is passed on. */
function tooLarge(e: unknown): string {
  if (e instanceof CoincellError && e.diagnostic.code === "fit/does-not-fit") return e.diagnostic.what;
  throw e;
}

const only = process.argv[2] === undefined ? null : new RegExp(process.argv[2]);
const index = JSON.parse(readFileSync(new URL("index.json", out), "utf8")) as { readonly models: readonly IndexEntry[] };
const all: OurRow[] = [];
for (const entry of index.models) {
  if (only && !only.test(`${entry.model} ${entry.data}`)) continue;
  const started = performance.now();
  all.push(...await rowsOf(entry));
  process.stderr.write(`${entry.model} ${entry.data}: ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}
if (only) process.stdout.write(`${JSON.stringify(all, null, 1)}\n`);
else writeFileSync(new URL("ours.json", out), JSON.stringify(all, null, 1));
