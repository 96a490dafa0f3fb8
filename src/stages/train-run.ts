/** `coincell train` as one call: files in; the graph, its integer program, the judgement and, where a board is named, the run out. */
import { findBoard, type Board } from "../boards/index.js";
import { clean, leakage, readDataset, select, splitOf, splitRows, type Dataset, type ReadOptions } from "../data/index.js";
import { classesOf } from "../data/dataset.js";
import type { Table } from "../data/table.js";
import type { Task } from "../ir/types.js";
import type { InputType } from "../passes/quantise/input.js";
import type { TrainReport } from "../report/train-types.js";
import { findLearner, parseHyper } from "../train/index.js";
import { emit, type Goal } from "./candidates.js";
import { run, type RunOutcome } from "./run.js";
import { rowsOf, type Trained, type TrainProgress } from "./train.js";
import { hashOf, hashOfFiles, keepLock, type LockEntry } from "./train-lock.js";
import { parseThreshold } from "./train-threshold.js";
import { trainApart } from "./train-process.js";

/** What only `coincell fit` reads: limits and families, as they are typed. */
export interface ProjectFit {
  readonly flash?: string;
  readonly ram?: string;
  readonly stack?: string;
  readonly latency?: string;
  readonly battery?: string;
  readonly models?: readonly string[];
  readonly first?: boolean;
}

export interface TrainOptions {
  /** File or folder of rows, see {@link readDataset}. */
  readonly data: string;
  /** Rows for the test; else a part of `data` is kept for it. */
  readonly test?: string;
  /** Share of the rows for the test (0.3), or the name of a column that says train or test. */
  readonly split?: number | string;
  readonly label?: string;
  readonly group?: string;
  readonly ignore?: readonly string[];
  /** What is done with rows that have bad cells. */
  readonly missing?: "fail" | "drop";
  readonly model: string;
  readonly task?: Task;
  readonly normal?: string;
  readonly set?: Readonly<Record<string, string | number>>;
  readonly seed?: number;
  readonly inputType?: InputType;
  readonly folds?: number;
  /** `youden`, `alarms=0.01` or a score, see {@link parseThreshold}. */
  readonly threshold?: string;
  readonly board?: string;
  readonly goal?: Goal;
  /** For `coincell fit` alone: a project may serve both. */
  readonly fit?: ProjectFit;
  /** Path of the project's lock file, which this run must agree with; none when absent. */
  readonly lock?: string;
  readonly onProgress?: TrainProgress;
  readonly onBoardProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface TrainOutcome {
  readonly trained: Trained;
  readonly report: TrainReport;
  /** The run on the board, where one was named. */
  readonly outcome: RunOutcome | null;
}

const DEFAULT_SHARE = 0.3;

export interface Parts {
  readonly train: Dataset;
  readonly test: Dataset;
  /** How the test rows were found, in words. */
  readonly how: string;
  readonly notes: readonly string[];
}

type PartOptions = Pick<TrainOptions, "data" | "test" | "split" | "label" | "group" | "ignore" | "missing" | "seed">;

const readOptions = (o: PartOptions): ReadOptions => ({
  ...(o.label === undefined ? {} : { label: o.label }), ...(o.group === undefined ? {} : { group: o.group }),
  ...(o.ignore === undefined ? {} : { ignore: o.ignore }), ...(typeof o.split === "string" ? { part: o.split } : {}),
});

/** Columns that only the training file has are no obstacle to reading the test file. */
const testOptions = (o: PartOptions): ReadOptions => readOptions({ ...o, ...(typeof o.split === "string" ? { split: 0 } : {}) });

/** Reads, cleans and splits. The same files, share and seed give the same parts on every machine. */
export async function readParts(o: PartOptions): Promise<Parts> {
  const { data, notes } = clean(await readDataset(o.data, readOptions(o)), o.missing);
  if (o.test !== undefined) {
    const test = clean(await readDataset(o.test, testOptions(o)), o.missing);
    return { train: data, test: test.data, how: o.test, notes: [...notes, ...test.notes] };
  }
  const own = typeof o.split === "number" ? null : splitOf(data);
  const split = own ?? splitRows(data, { share: typeof o.split === "number" ? o.split : DEFAULT_SHARE, seed: o.seed ?? 0 });
  return { train: select(data, split.train), test: select(data, split.test), how: split.by, notes };
}

const bytesIn = (v: unknown): number => (ArrayBuffer.isView(v) ? v.byteLength : 0);

/** Anomaly models answer 1 and -1, whatever the file calls its rows. */
function tableOf(test: Dataset, t: Trained): Table {
  const { task, normal } = t.choice;
  const labels = task === "clustering" || task === "transform" || test.labels === null ? null : task !== "anomaly" ? test.labels : normal === null ? null : test.labels.map((l) => (l === normal ? "1" : "-1"));
  return { features: test.features, rows: rowsOf(test), labels };
}

function classRows(d: Dataset, task: Task): TrainReport["data"]["classes"] {
  if (!d.labels || (task !== "classification" && task !== "anomaly")) return [];
  const { classes, y } = classesOf(d.labels);
  const counts = classes.map(() => 0);
  y.forEach((c) => { counts[c]! += 1; });
  return classes.map((name, i) => ({ name, rows: counts[i] ?? 0 }));
}

const partsOf = (d: Dataset): readonly (string | ArrayBufferView | null)[] => [JSON.stringify([d.features, d.labels, d.groups]), d.x];

/** What the lock says of this run. */
function lockEntry(o: TrainOptions, parts: Parts, t: Trained): LockEntry {
  const { seed = 0, task, normal, inputType, threshold, folds } = o;
  return {
    data: hashOf([...partsOf(parts.train), ...partsOf(parts.test)]), seed, options: { model: o.model, set: o.set, task, normal, inputType, threshold, folds },
    chosen: { model: o.model, hyper: t.hyper, inputType: t.compiled.program.tensors[t.compiled.program.input]?.dtype ?? "" }, c: hashOfFiles(emit(t.compiled, "table")), complete: true,
  };
}

function reportOf(o: TrainOptions, parts: Parts, t: Trained, outcome: RunOutcome | null, more: readonly string[]): TrainReport {
  const p = t.compiled.labelProgram ?? t.compiled.program;
  const leak = leakage(parts.train, parts.test);
  const leaks = leak.rows > 0 ? [`${leak.rows} test row${leak.rows === 1 ? " stands" : "s stand"} in the training rows too (${leak.examples[0]?.test ?? ""}), so the figures flatter the model`] : [];
  return {
    model: o.model, title: findLearner(o.model).title, task: t.choice.task, hyper: t.hyper, seed: o.seed ?? 0,
    data: {
      file: o.data, test: parts.how, features: parts.train.features.length, rows: parts.train.rows, testRows: parts.test.rows, leaked: leak.rows,
      classes: classRows(parts.train, t.choice.task),
    },
    integer: t.integer, float: t.float, training: t.training, agreement: t.agreement, folds: t.folds,
    inputType: t.compiled.program.tensors[t.compiled.program.input]?.dtype ?? "",
    steps: p.steps.map((s) => `${s.op} -> ${s.outputs.map((i) => p.tensors[i]?.dtype).join(", ")}`),
    constants: p.steps.reduce((sum, s) => sum + Object.values(s.params).reduce((n: number, v) => n + bytesIn(v), 0), 0),
    run: outcome?.report ?? null, notes: [...new Set([...t.graph.notes, ...parts.notes, ...t.notes, ...leaks, ...more])],
  };
}

async function onBoard(board: Board, o: TrainOptions, parts: Parts, t: Trained): Promise<RunOutcome> {
  return run({ compiled: t.compiled, board, table: tableOf(parts.test, t), goal: o.goal ?? "auto", ...(o.onBoardProgress ? { onProgress: o.onBoardProgress } : {}) });
}

/**
 * Reads, splits, learns, turns into integers, judges, and runs on the board where one is named.
 * @throws CoincellError where files, options or data are at fault; the signal's reason when it is aborted
 */
export async function train(o: TrainOptions): Promise<TrainOutcome> {
  // What was mistyped is said before anything is read.
  const learner = findLearner(o.model);
  const hyper = parseHyper(learner, o.set ?? {});
  const board = o.board === undefined ? null : findBoard(o.board);
  const threshold = o.threshold === undefined ? {} : { threshold: parseThreshold(o.threshold) };
  const parts = await readParts(o);
  const trained = await trainApart({
    train: parts.train, test: parts.test, model: o.model, hyper, seed: o.seed ?? 0, ...threshold,
    ...(o.task === undefined ? {} : { task: o.task }), ...(o.normal === undefined ? {} : { normal: o.normal }),
    ...(o.inputType === undefined ? {} : { inputType: o.inputType }), ...(o.folds === undefined ? {} : { folds: o.folds }),
  }, { ...(o.onProgress ? { onProgress: o.onProgress } : {}), ...(o.signal ? { signal: o.signal } : {}) });
  o.signal?.throwIfAborted();
  const outcome = board ? await onBoard(board, o, parts, trained) : null;
  const locked = o.lock === undefined ? [] : await keepLock(o.lock, "train", lockEntry(o, parts, trained));
  return { trained, report: reportOf(o, parts, trained, outcome, locked), outcome };
}
