/** `coincell fit`: from rows to the best model that fits a board, each candidate really compiled and run. */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fail } from "../../ir/diagnostics.js";
import { fit, parseBattery, parseBytes, parseDuration, parseTime, type FitOptions, type FitResult, type Limits } from "../../fit/index.js";
import { writeGraph } from "../../importers/graph/index.js";
import { paretoPage } from "../../report/pareto-html.js";
import { paretoText } from "../../report/pareto.js";
import { measures, type FitReport, type FitTask } from "../../report/pareto-types.js";
import { readProject, type TrainOptions } from "../../pipeline.js";
import { hashOfFiles, keepLock, LOCK_FILE, type LockEntry } from "../../stages/train-lock.js";
import { parseThreshold } from "../../stages/train-threshold.js";
import { exit, type ExitCode } from "../exit.js";
import { writeFiles, writeText } from "../files.js";
import { printJson, useColour, type Io } from "../io.js";
import type { OptionTable, Values } from "../options.js";
import { projectFile } from "../train-options.js";
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

type OnProgress = NonNullable<FitOptions["onProgress"]>;

/** What a program wants to know of a finished job: the same names as in the JSON document. */
function jobFields(last: Parameters<OnProgress>[3]): Readonly<Record<string, unknown>> {
  if (!last) return {};
  const { job, outcome } = last;
  const base = { family: job.config.family, hyper: job.config.hyper };
  if (outcome === null) return { ...base, result: "given up" };
  if (!outcome.ok) return { ...base, result: "failed", error: outcome.error };
  const v = outcome.value;
  if ("score" in v) return { ...base, result: "trained", validated: v.score };
  const r = v.report;
  if (!r) return { ...base, result: "too large", bind: v.bound };
  return { ...base, result: "measured", tested: v.tested, flash: r.flash.total, ram: r.ram.total, stack: r.ram.stack, cycles: r.cycles?.mean ?? null, equal: r.equal };
}

/** Progress for programs: an object a line, one for each phase and each finished job, then one for the end. */
function eventLines(io: Io, to: string | undefined): { readonly step: OnProgress; readonly end: (e: Readonly<Record<string, unknown>>) => void } {
  const start = Date.now();
  let phase = "";
  if (to === undefined) return { step: () => {}, end: () => {} };
  const put = (text: string, flag: "a" | "w"): void => {
    if (to === "-") return io.err(text);
    try {
      writeFileSync(to, text, { flag });
    } catch (e) {
      fail("file/unwritable", to, e instanceof Error ? e.message : String(e), "Give --events a file that can be written, or - for stderr.");
    }
  };
  put("", "w");
  const line = (event: string, fields: Readonly<Record<string, unknown>>): void => put(`${JSON.stringify({ event, seconds: (Date.now() - start) / 1000, ...fields })}\n`, "a");
  return {
    step: (now, done, total, last) => {
      if (now !== phase) line("phase", { phase: now, total });
      phase = now;
      line("job", { phase: now, done, total, ...jobFields(last) });
    },
    end: (fields) => line("end", fields),
  };
}

/** What the search does at the moment, on a line that rewrites itself; silent where no person reads. */
function progressLine(io: Io): { readonly step: OnProgress; readonly end: () => void } {
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
  if (r.best) return exit.ok;
  // Where nothing could be trained it is not the chip that is too small.
  return r.candidates.some((c) => c.binds.length > 0) || r.pruned.some((p) => p.bind !== null) ? exit.doesNotFit : exit.failure;
}

const table = {
  board: { value: "B", short: "b", doc: "see coincell boards; needed, unless coincell.json names it" },
  test: { value: "test.csv", doc: "rows that only measure (default: a quarter of DATA, by hash)" },
  label: { value: "NAME", doc: "column that holds the label (default: the last)" },
  group: { value: "NAME", doc: "column whose equal values stay in one part: person, device, recording" },
  split: { value: "0.25|NAME", doc: "share of DATA that only measures, by hash; or a column that says train or test" },
  ignore: { value: "A,B", doc: "columns that are left away" },
  missing: { choices: ["fail", "drop"], doc: "rows with missing or bad values: name the first (default), or leave them away" },
  task: { choices: ["classification", "regression", "anomaly"], doc: "default: by the label column" },
  normal: { value: "LABEL", doc: "anomalies: the label of the normal rows, which alone are learnt from" },
  threshold: { value: "RULE", doc: "anomalies: youden, alarms=0.01 (share of false alarms), or a score" },
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
  events: { value: "FILE|-", doc: "progress as NDJSON, a line for each phase and candidate: to FILE, or - for stderr" },
  out: { value: "DIR", short: "o", doc: "folder for fit.sqlite, fit.html, the graph and the C files (default: coincell-fit)" },
} as const satisfies OptionTable;

type FitValues = Values<typeof table>;

interface Project {
  readonly data: string;
  /** What the project says; what is typed wins. */
  readonly fields: Partial<TrainOptions>;
  readonly lock: string | null;
}

async function projectOf(data: string | undefined): Promise<Project> {
  const file = projectFile(data);
  if (file === null) return data === undefined ? fail("cli/usage", "coincell fit", "DATA is missing, and there is no coincell.json here", "Write coincell fit DATA --board attiny85. See coincell fit --help.") : { data, fields: {}, lock: null };
  const fields = await readProject(file);
  return { data: fields.data ?? "", fields, lock: join(dirname(file), LOCK_FILE) };
}

function limitsOf(o: FitValues, p: NonNullable<TrainOptions["fit"]>): Limits {
  return {
    flash: limit(o.flash ?? p.flash, (t) => parseBytes("--flash", t)), ram: limit(o.ram ?? p.ram, (t) => parseBytes("--ram", t)), stack: limit(o.stack ?? p.stack, (t) => parseBytes("--stack", t)),
    latency: limit(o.latency ?? p.latency, (t) => parseTime("--latency", t)), battery: limit(o.battery ?? p.battery, parseBattery),
  };
}

const isFitTask = (t: string): t is FitTask => Object.hasOwn(measures, t);

function taskOf(o: FitValues, p: Partial<TrainOptions>): FitTask | undefined {
  const task = o.task ?? p.task;
  return task === undefined || isFitTask(task) ? task : fail("cli/bad-value", "coincell.json: task", `"${task}" has no score to search by`, `Supported by fit: ${Object.keys(measures).join(", ")}.`);
}

/** Rows and how they are split. */
function rowOptions(o: FitValues, p: Partial<TrainOptions>): Pick<FitOptions, "read" | "test" | "share" | "missing"> {
  // What is typed of the test rows replaces what the project says of them.
  const isTyped = o.test !== undefined || o.split !== undefined;
  const test = isTyped ? o.test : p.test;
  const split = isTyped ? (o.split === undefined ? undefined : isShare(o.split) ? Number(o.split) : o.split) : p.split;
  const [label, group, missing, ignore] = [o.label ?? p.label, o.group ?? p.group, o.missing ?? p.missing, o.ignore === undefined ? p.ignore : list(o.ignore)];
  return {
    read: { ...(label === undefined ? {} : { label }), ...(group === undefined ? {} : { group }), ...(typeof split === "string" ? { part: split } : {}), ...(ignore === undefined ? {} : { ignore }) },
    ...(test === undefined ? {} : { test }), ...(typeof split === "number" ? { share: split } : {}), ...(missing === undefined ? {} : { missing }),
  };
}

function optionsOf(o: FitValues, p: Partial<TrainOptions>): FitOptions {
  const board = o.board ?? p.board ?? fail("cli/usage", "coincell fit", "--board B is missing", "See coincell fit --help and coincell boards.");
  const budget = limit(o.budget, (t) => parseDuration(/^\d+(\.\d+)?$/.test(t) ? `${t}s` : t) ?? fail("cli/bad-value", "--budget", `"${t}" is no time`, "Write 45s or 5min."));
  const [task, normal, threshold, models] = [taskOf(o, p), o.normal ?? p.normal, o.threshold ?? p.threshold, o.models === undefined ? p.fit?.models : list(o.models)];
  return {
    board, limits: limitsOf(o, p.fit ?? {}), mode: o.first || p.fit?.first === true ? "first" : "front", seed: whole("--seed", o.seed ?? String(p.seed ?? 1), 0, 2 ** 32 - 1), ...rowOptions(o, p),
    ...(task === undefined ? {} : { task }), ...(normal === undefined ? {} : { normal }), ...(threshold === undefined ? {} : { threshold: parseThreshold(threshold) }),
    ...(budget === null ? {} : { budget }), ...(models === undefined ? {} : { models }),
  };
}

/** A longer budget or more processes finish the same list: they are no part of what a result hangs on. */
function lockEntry({ report: r, chosen, dataHash }: FitResult, o: FitOptions): LockEntry {
  const { best } = r;
  return {
    data: dataHash, seed: r.seed, complete: r.stopped === null,
    options: { board: r.board, mode: r.mode, task: r.task, models: o.models, normal: o.normal, threshold: o.threshold && { ...o.threshold }, ...r.limits, battery: r.limits.battery && { ...r.limits.battery } },
    chosen: best ? { model: best.family, hyper: best.hyper, input: best.choice.inputType, goal: best.goal, form: best.choice.form } : {}, c: chosen && hashOfFiles(chosen.files),
  };
}

export const verb = defineVerb({
  name: "fit",
  about: "Searches families of models, their hyper-parameters and forms for the best one that fits the board. The better ones are\nreally compiled and run on the simulated chip. Models are chosen by cross-validation on the training rows; the test rows only\nmeasure. Finished candidates are kept in DIR/fit.sqlite: the same search again goes on where it stopped.",
  positional: { name: "DATA", doc: "training rows: CSV, NPY, NPZ, a folder of CSV files, or a coincell.json project (default: ./coincell.json)", min: 0, max: 1 },
  options: table,
  examples: [
    "coincell fit train.csv --board attiny85 --test test.csv --first",
    "coincell fit train.csv --board attiny85 --flash 6k --ram 200 --latency 5ms --budget 45s --json",
    "coincell fit gestures/ --board uno --battery \"CR2032, 10 per second, 6 months\" --models forest,svm -o out/",
    "coincell fit fan.csv --board attiny85 --normal ok --threshold alarms=0.01 --json --events progress.ndjson",
  ],
  async run({ positionals: [data], options: o }, io) {
    const project = await projectOf(data);
    const out = o.out ?? "coincell-fit";
    const interrupt = onInterrupt(io);
    const counter = progressLine(o.events === "-" ? { ...io, errIsTerminal: false } : io);
    const events = eventLines(io, o.events);
    const onProgress: OnProgress = (...p) => { counter.step(...p); events.step(...p); };
    const search = { ...optionsOf(o, project.fields), out, signal: interrupt.signal, jobs: o.jobs === undefined ? availableParallelism() : whole("--jobs", o.jobs, 1, 256), onProgress };
    const result = await fit(project.data, search).finally(() => { counter.end(); interrupt.end(); });
    const notes = project.lock === null ? [] : await keepLock(project.lock, "fit", lockEntry(result, search));
    const report: FitReport = { ...result.report, notes: [...result.report.notes, ...notes] };
    const paths = await write(out, { ...result, report });
    if (o.json) printJson(io, { ...report, files: paths });
    else io.out(paretoText(report, { colour: useColour(io), columns: io.columns }));
    events.end({ best: report.best?.id ?? null, stopped: report.stopped, counts: report.counts, files: paths });
    if (o.events !== "-") io.err(`wrote ${paths.join(", ")}\n`);
    return exitOf(report);
  },
});
