/** From a CSV to the best model that fits a chip: the public face of the search. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { findBoard } from "../boards/index.js";
import { currentsOf, energyFormula } from "../boards/energy.js";
import { clean, leakage, readDataset, type ReadOptions } from "../data/index.js";
import { fail } from "../ir/diagnostics.js";
import type { Graph } from "../ir/types.js";
import { compile, emit } from "../pipeline.js";
import { figure } from "../report/format.js";
import { daysText, energyText, validatedText } from "../report/pareto.js";
import { measures, type FitCandidate, type FitReport } from "../report/pareto-types.js";
import { learners } from "../train/all.generated.js";
import { makeAsker } from "./ask.js";
import type { Setting } from "./jobs.js";
import { basesOf, hashOfRows } from "./keys.js";
import { plainLimits, type Limits } from "./limits.js";
import { Pool } from "./pool.js";
import { makeRows, rowsOf, type RowOptions, type Rows } from "./rows.js";
import { search, type Found, type OnProgress } from "./search.js";
import { familiesFor, forRows } from "./space.js";
import { noStore, openStore, type Store } from "./store.js";
import { learnAll } from "./work.js";
import { alsoGood, whyNothing, whyNotBetter } from "./why.js";

export { parseBattery, parseBytes, parseDuration, parseTime, type Limits } from "./limits.js";

export interface FitOptions extends RowOptions {
  readonly board: string;
  readonly test?: string;
  readonly read?: ReadOptions;
  /** What to do with rows that hold no number where one is needed. */
  readonly missing?: "fail" | "drop";
  readonly limits: Limits;
  readonly mode: "first" | "front";
  /** Names of families, or all for the task. */
  readonly models?: readonly string[];
  /** Scales the number of configurations; 1, the usual search, when absent. */
  readonly effort?: number;
  /** Seconds of wall time. */
  readonly budget?: number;
  /** Processes; all cores when absent. */
  readonly jobs?: number;
  /** Folder of the store `fit.sqlite`; nothing is kept when absent. */
  readonly out?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** The chosen model, ready to be written. */
export interface Chosen {
  readonly graph: Graph;
  /** C files by path. */
  readonly files: ReadonlyMap<string, string>;
}

export interface FitResult {
  readonly report: FitReport;
  readonly chosen: Chosen | null;
  /** Hash of all rows, labels and parts. */
  readonly dataHash: string;
}

async function load(file: string, o: FitOptions): Promise<Rows> {
  const train = clean(await readDataset(file, o.read), o.missing);
  const test = o.test === undefined ? null : clean(await readDataset(o.test, o.read), o.missing);
  const shared = test ? leakage(train.data, test.data).rows : 0;
  const leak = shared > 0 ? [`${shared} of ${test?.data.rows ?? 0} test rows stand in the training rows too: the tested figure is too good by them`] : [];
  const rows = makeRows(train.data, test?.data ?? null, o);
  return { ...rows, notes: [...train.notes, ...(test?.notes ?? []), ...leak, ...rows.notes] };
}

/** The model as it was measured, made again: learners are deterministic. */
function deliver(file: string, c: FitCandidate, s: Setting): Chosen {
  const learner = learners.find((l) => l.name === c.family);
  if (!learner) return fail("fit/no-learner", c.family, "there is no such family", "Run the search again.");
  const graph = learnAll(s, learner, c);
  const compiled = compile(graph, { rows: rowsOf(s.rows.train), ...(c.input === "auto" ? {} : { inputType: c.input }) });
  const measured = { board: c.board, flashBytes: c.flash.model, ramBytes: c.ram.static, stackBytes: c.ram.stack, cycles: c.cycles?.max ?? null };
  // The C files hang on the model alone, so that equal models stay equal bytes; the notes go with the graph.
  return { graph: { ...graph, notes: [...graph.notes, ...origin(file, c)] }, files: emit(compiled, c.choice.form === "inline" ? "inline" : "table", measured) };
}

/** What a page of the chosen model alone should say of where it comes from and what it costs. */
function origin(file: string, c: FitCandidate): readonly string[] {
  const life = c.energy?.battery;
  return [
    `chosen by coincell fit from ${file} for ${c.board}: ${validatedText(c)}`,
    ...(c.energy ? [`energy: about ${energyText(c)} per inference${life ? `; ${life.name} at ${figure(life.perSecond)} per second: about ${daysText(life.days.typical)} (${daysText(life.days.low)} to ${daysText(life.days.high)})` : ""}`] : []),
  ];
}

/** The chosen one under a name that tells a reader of its own page which rows it was learnt from. */
const named = (file: string, c: FitCandidate): FitCandidate => ({ ...c, model: `${c.family} of ${file.split(/[/\\]/).slice(-2).join("/")}`, notes: [...origin(file, c), ...c.notes] });

function reportOf(file: string, o: FitOptions, rows: Rows, found: Found, rest: Pick<FitReport, "counts" | "seconds" | "stopped">): FitReport {
  const board = findBoard(o.board);
  const currents = currentsOf(board);
  return {
    board: board.name, data: file, test: o.test ?? null, task: rows.task, measure: measures[rows.task], mode: o.mode, seed: o.seed, rows: { train: rows.train.rows, test: rows.test.rows.length }, limits: plainLimits(o.limits), ...found, best: found.best && named(file, found.best),
    why: found.best ? whyNotBetter(found.best, found.candidates, found.pruned) : whyNothing(found.candidates, found.pruned), also: found.best ? alsoGood(found.best, found.candidates) : [], ...rest,
    energyBasis: currents ? [energyFormula, ...currents.basis] : [],
    notes: [`rows kept apart: ${rows.by}; they choose nothing`, ...rows.notes],
  };
}

/** Aborts at the user's word or at the end of the budget, and says which it was. */
function stopper(o: FitOptions, end: number): { readonly signal: AbortSignal; readonly why: () => FitReport["stopped"]; readonly clear: () => void } {
  const own = new AbortController();
  let why: FitReport["stopped"] = null;
  const stop = (reason: FitReport["stopped"]): void => { why ??= reason; own.abort(); };
  const timer = end === Infinity ? undefined : setTimeout(() => stop("budget"), Math.max(0, end - Date.now()));
  const interrupted = (): void => stop("interrupted");
  if (o.signal?.aborted) interrupted();
  o.signal?.addEventListener("abort", interrupted, { once: true });
  return { signal: own.signal, why: () => why, clear: () => { clearTimeout(timer); o.signal?.removeEventListener("abort", interrupted); } };
}

async function searchWith(store: Store, s: Setting, o: FitOptions, start: number): Promise<{ readonly found: Found; readonly rest: Pick<FitReport, "counts" | "stopped"> }> {
  const end = o.budget === undefined ? Infinity : start + o.budget * 1000;
  const jobs = Math.max(1, o.jobs ?? availableParallelism());
  const stop = stopper(o, end);
  let pool: Pool | null = null;
  const started = (): Pool => (pool ??= new Pool(s, jobs));
  const closing = (): void => pool?.close();
  stop.signal.addEventListener("abort", closing, { once: true });
  try {
    const asker = makeAsker(started, store, await basesOf(s), stop.signal, jobs + 1);
    const families = familiesFor(learners, s.rows.task, o.models ?? null).map((l) => forRows(l, s.rows.train.features.length));
    const found = await search({ mode: o.mode, setting: s, families, asker, signal: stop.signal, start, end, jobs, effort: o.effort ?? 1, ...(o.onProgress ? { onProgress: o.onProgress } : {}) });
    return { found, rest: { counts: asker.counts, stopped: stop.why() ?? (asker.cut() ? "budget" : null) } };
  } finally {
    stop.clear();
    closing();
  }
}

function checkLimits(o: FitOptions): void {
  const board = findBoard(o.board);
  if (o.limits.battery && !currentsOf(board)) fail("cli/bad-limit", "--battery", `no currents of ${board.name} are published here, so that no battery life can be estimated`, "Choose a board whose currents coincell boards --json lists, or leave --battery away.");
  if (o.limits.latency !== null && board.cycles === "none") fail("cli/bad-limit", "--latency", `times on ${board.name} are those of this computer`, "Choose a microcontroller, or leave --latency away.");
}

/**
 * Searches for the best model of the rows in `file` that fits a board.
 * @throws CoincellError where the rows, the options, the store or the compiler are at fault; nothing finished is lost
 */
export async function fit(file: string, o: FitOptions): Promise<FitResult> {
  const start = Date.now();
  checkLimits(o);
  const rows = await load(file, o);
  const setting: Setting = { rows, board: findBoard(o.board).name, limits: o.limits, seed: o.seed };
  familiesFor(learners, rows.task, o.models ?? null);
  const store = o.out === undefined ? noStore : openStore(join(o.out, "fit.sqlite"));
  try {
    const { found, rest } = await searchWith(store, setting, o, start);
    const report = reportOf(file, o, rows, found, { ...rest, seconds: (Date.now() - start) / 1000 });
    return { report, chosen: found.best && deliver(file, found.best, setting), dataHash: hashOfRows(rows) };
  } finally {
    store.close();
  }
}
