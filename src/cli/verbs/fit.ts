/** `coincell fit`: from rows to the best model that fits a board, each candidate really compiled and run. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fail } from "../../ir/diagnostics.js";
import { fit, parseBattery, parseBytes, parseDuration, parseTime, type FitOptions, type FitResult, type Limits } from "../../fit/index.js";
import { writeGraph } from "../../importers/graph/index.js";
import { paretoPage } from "../../report/pareto-html.js";
import { paretoText } from "../../report/pareto.js";
import type { FitReport } from "../../report/pareto-types.js";
import { exit, type ExitCode } from "../exit.js";
import { writeFiles, writeText } from "../files.js";
import { printJson, useColour, type Io } from "../io.js";
import { defineVerb } from "../verb.js";

const limit = <T>(text: string | undefined, parse: (t: string) => T): T | null => (text === undefined ? null : parse(text));

function whole(option: string, text: string, least: number, most: number): number {
  const n = Number(text);
  return Number.isInteger(n) && n >= least && n <= most ? n : fail("cli/bad-value", option, `"${text}" is no whole number from ${least} to ${most}`, `Write ${option} ${Math.max(least, 1)}.`);
}

const isShare = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));
const list = (text: string): readonly string[] => text.split(",").map((t) => t.trim()).filter((t) => t !== "");

/** Ctrl-C ends the search in order, a second one at once. */
function onInterrupt(io: Io): { readonly signal: AbortSignal; readonly end: () => void } {
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(130);
    io.err("\nstopping: what was finished is stored …\n");
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return { signal: stop.signal, end: () => { process.off("SIGINT", interrupt); process.off("SIGTERM", interrupt); } };
}

/** What the search does at the moment, on a line that rewrites itself; silent where no person reads. */
function progressLine(io: Io): { readonly step: (phase: string, done: number, total: number) => void; readonly end: () => void } {
  const start = Date.now();
  let last = 0;
  return {
    step: (phase, done, total) => {
      if (!io.errIsTerminal || (Date.now() - last < 100 && done < total)) return;
      last = Date.now();
      io.err(`\r\x1b[K${((last - start) / 1000).toFixed(0)} s: ${phase}, ${done} of ${total} candidates`);
    },
    end: () => { if (last > 0) io.err("\r\x1b[K"); },
  };
}

async function write(out: string, { report, chosen }: FitResult): Promise<readonly string[]> {
  const page = join(out, "fit.html");
  await writeText(page, paretoPage(report));
  if (!chosen) return [page];
  const graph = join(out, `${chosen.graph.name}.graph.json`);
  await writeText(graph, writeGraph(chosen.graph));
  return [page, graph, ...await writeFiles(out, chosen.files)];
}

function exitOf(r: FitReport): ExitCode {
  if (r.stopped === "interrupted") return exit.failure;
  return r.best ? exit.ok : r.candidates.length + r.pruned.length > 0 ? exit.doesNotFit : exit.failure;
}

export const verb = defineVerb({
  name: "fit",
  about: "Searches families of models, their hyper-parameters and forms for the best one that fits the board. The better ones are\nreally compiled and run on the simulated chip. Models are chosen by cross-validation on the training rows; the test rows only\nmeasure. Finished candidates are kept in DIR/fit.sqlite: the same search again goes on where it stopped.",
  positional: { name: "DATA", doc: "training rows: CSV, NPY, NPZ, or a folder of CSV files", min: 1, max: 1 },
  options: {
    board: { value: "B", short: "b", required: true, doc: "see coincell boards" },
    test: { value: "test.csv", doc: "rows that only measure (default: a quarter of DATA, by hash)" },
    label: { value: "NAME", doc: "column that holds the label (default: the last)" },
    group: { value: "NAME", doc: "column whose equal values stay in one part: person, device, recording" },
    split: { value: "0.25|NAME", doc: "share of DATA that only measures, by hash; or a column that says train or test" },
    ignore: { value: "A,B", doc: "columns that are left away" },
    missing: { choices: ["fail", "drop"], doc: "rows with missing or bad values: name the first (default), or leave them away" },
    task: { choices: ["classification", "regression"], doc: "default: by the label column" },
    flash: { value: "6k", doc: "flash of the whole program, start-up included" },
    ram: { value: "200", doc: "RAM of the whole program, input row and stack included" },
    stack: { value: "100", doc: "deepest stack of a call, bytes" },
    latency: { value: "5ms", doc: "time of the slowest call" },
    battery: { value: "\"CR2032, 10 per second, 6 months\"", doc: "battery, how often, least life (typical currents)" },
    first: { doc: "best to worst, and stop at the first that fits, instead of the whole Pareto front" },
    models: { value: "forest,svm", doc: "families to search (default: all for the task)" },
    budget: { value: "45s", doc: "wall time; a shorter search sees less of the same list" },
    seed: { value: "1", doc: "the same seed gives the same answer" },
    jobs: { value: "N", short: "j", doc: "processes (default: all cores)" },
    out: { value: "DIR", short: "o", doc: "folder for fit.sqlite, fit.html, the graph and the C files (default: coincell-fit)" },
  },
  examples: [
    "coincell fit train.csv --board attiny85 --test test.csv --first",
    "coincell fit train.csv --board attiny85 --flash 6k --ram 200 --latency 5ms --budget 45s --json",
    "coincell fit gestures/ --board uno --battery \"CR2032, 10 per second, 6 months\" --models forest,svm -o out/",
  ],
  async run({ positionals: [data = ""], options: o }, io) {
    const limits: Limits = {
      flash: limit(o.flash, (t) => parseBytes("--flash", t)), ram: limit(o.ram, (t) => parseBytes("--ram", t)), stack: limit(o.stack, (t) => parseBytes("--stack", t)),
      latency: limit(o.latency, (t) => parseTime("--latency", t)), battery: limit(o.battery, parseBattery),
    };
    const out = o.out ?? "coincell-fit";
    const budget = limit(o.budget, (t) => parseDuration(/^\d+(\.\d+)?$/.test(t) ? `${t}s` : t) ?? fail("cli/bad-value", "--budget", `"${t}" is no time`, "Write 45s or 5min."));
    const read = { ...(o.label === undefined ? {} : { label: o.label }), ...(o.group === undefined ? {} : { group: o.group }), ...(o.split === undefined || isShare(o.split) ? {} : { part: o.split }), ...(o.ignore === undefined ? {} : { ignore: list(o.ignore) }) };
    const interrupt = onInterrupt(io);
    const counter = progressLine(io);
    const options: FitOptions = {
      board: o.board, limits, mode: o.first ? "first" : "front", seed: whole("--seed", o.seed ?? "1", 0, 2 ** 32 - 1), read, out, signal: interrupt.signal,
      jobs: o.jobs === undefined ? availableParallelism() : whole("--jobs", o.jobs, 1, 256), onProgress: counter.step,
      ...(o.test === undefined ? {} : { test: o.test }), ...(o.split !== undefined && isShare(o.split) ? { share: Number(o.split) } : {}), ...(o.missing === undefined ? {} : { missing: o.missing }), ...(o.task === undefined ? {} : { task: o.task }),
      ...(budget === null ? {} : { budget }), ...(o.models === undefined ? {} : { models: list(o.models) }),
    };
    const result = await fit(data, options).finally(() => { counter.end(); interrupt.end(); });
    const paths = await write(out, result);
    if (o.json) printJson(io, { ...result.report, files: paths });
    else io.out(paretoText(result.report, { colour: useColour(io), columns: io.columns }));
    io.err(`wrote ${paths.join(", ")}\n`);
    return exitOf(result.report);
  },
});
