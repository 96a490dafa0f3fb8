/** Rows for the search: what is trained on, what is kept apart, and the parts on which candidates are compared. */
import { taskOf } from "../data/describe.js";
import { classesOf, foldOf, select, splitOf, splitRows, type Dataset } from "../data/index.js";
import type { Table } from "../data/table.js";
import { fail } from "../ir/diagnostics.js";
import type { FitTask } from "../report/pareto-types.js";
import type { TrainingSet } from "../train/learner.js";
import { makeRandom, range, shuffle } from "../train/random.js";
import { normalSet, normalsOf, type Strange, type ThresholdRule } from "./anomaly.js";
import { NORMAL, STRANGE } from "./score.js";

export type { FitTask } from "../report/pareto-types.js";

/** All a worker needs to know of the data. */
export interface Rows {
  readonly task: FitTask;
  /** Anomaly tasks: the normal rows alone. */
  readonly train: TrainingSet;
  /** Anomaly tasks only. */
  readonly strange: Strange | null;
  readonly test: Table;
  /** Fold of each training row; equal rows, and rows of one group, share theirs. */
  readonly folds: Int32Array;
  /** How the rows kept apart were chosen. */
  readonly by: string;
  readonly notes: readonly string[];
}

export interface RowOptions {
  readonly seed: number;
  readonly task?: FitTask;
  /** Part of the rows that are kept apart where there is no test file. */
  readonly share?: number;
  /** Label of the normal rows: asks for an anomaly task. */
  readonly normal?: string;
  readonly threshold?: ThresholdRule;
}

const labelOf = (d: Dataset, r: number): string => d.labels?.[r] ?? "";
const rowOf = (d: Dataset, r: number): Float64Array => d.x.slice(r * d.features.length, (r + 1) * d.features.length);

function trainingSet(d: Dataset, task: FitTask): TrainingSet {
  const labels = d.labels ?? [];
  const named = task === "classification" ? classesOf(labels) : { classes: [], y: Float64Array.from(labels, Number) };
  return { features: d.features, x: d.x, rows: d.rows, y: named.y, classes: named.classes };
}

const tableOf = (d: Dataset): Table => ({ features: d.features, rows: Array.from({ length: d.rows }, (_, r) => rowOf(d, r)), labels: Array.from({ length: d.rows }, (_, r) => labelOf(d, r)) });

/** Part of the rows that are kept apart where no test file is given. */
const HOLD_OUT = 0.25;

/** Folds of the last rung: small data need more of them for a steady figure. */
const foldCount = (rows: number): number => (rows <= 600 ? 5 : rows <= 6000 ? 3 : 2);

function checkColumns(train: Dataset, test: Dataset): void {
  if (train.features.length !== test.features.length) fail("data/wrong-width", test.file, `${test.features.length} feature columns, the training rows have ${train.features.length}`, "Give both files the same columns.");
  const i = train.features.findIndex((f, k) => f !== test.features[k]);
  if (i >= 0) fail("data/other-columns", test.file, `column ${i + 1} is "${test.features[i]}", in the training rows "${train.features[i]}"`, "Give both files the same columns in the same order.");
}

function checkLabels(d: Dataset, task: FitTask): void {
  if (!d.labels) return fail("fit/no-label", d.file, "there is no label column", "Name it with --label NAME, or write it last; --task anomaly learns from rows without labels, all taken as normal.");
  if (task === "regression") d.labels.forEach((l, r) => { if (!Number.isFinite(Number(l)) || l === "") fail("data/text", d.places[r] ?? d.file, `the target "${l.slice(0, 40)}" is no number`, "Write numbers as the target, or choose --task classification."); });
}

function checkClasses(set: TrainingSet, file: string): void {
  const k = set.classes.length;
  if (k < 2) fail("train/one-class", file, `every row is of class "${set.classes[0]}"`, `Give rows of at least two classes; or search for models that find what is unlike these rows: --normal ${JSON.stringify(String(set.classes[0] ?? ""))} (or --task anomaly).`);
  if (set.rows <= k) fail("fit/too-few-rows", file, `${set.rows} rows for ${k} classes`, "Give several rows of each class; is the label column really the label? --label NAME says which it is, --task regression makes numbers a target.");
}

const tableIf = (d: Dataset, labels: readonly string[] | null): Table => ({ ...tableOf(d), labels });

/** The rows to learn from and those kept apart. */
function parted(train: Dataset, test: Dataset | null, o: RowOptions): { readonly learn: Dataset; readonly kept: Dataset; readonly by: string } {
  if (test) return { learn: train, kept: test, by: `the file ${test.file}` };
  const split = splitOf(train) ?? splitRows(train, { share: o.share ?? HOLD_OUT, seed: o.seed });
  return { learn: select(train, split.train), kept: select(train, split.test), by: split.by };
}

/** A single group can be learnt from, but not be compared on. */
function checkFolds(learn: Dataset): void {
  const groups = learn.groups && new Set(learn.groups);
  if (groups?.size === 1) fail("data/one-group", "--group", `all rows to learn from are of the group "${[...groups][0] ?? ""}", so that nothing can be validated on another one`, "Give rows of at least two groups to learn from, or leave --group away.");
}

function anomalyRows(train: Dataset, test: Dataset | null, o: RowOptions): Rows {
  const { learn, kept, by } = parted(train, test, o);
  const { normal, strange, notes } = normalsOf(learn, o.seed, o.normal, o.threshold);
  checkFolds(normal);
  const labels = strange.normal === null || !kept.labels ? null : kept.labels.map((l) => (l === strange.normal ? NORMAL : STRANGE));
  const blind = labels === null || new Set(labels).size < 2 ? ["the rows kept apart are not of both kinds, so that no tested figure can be given"] : [];
  return { task: "anomaly", train: normalSet(normal), strange, test: tableIf(kept, labels), folds: foldOf(normal, foldCount(normal.rows), o.seed), by, notes: [...notes, ...blind] };
}

/** @throws CoincellError where labels are missing, or too few rows are there to learn and to test */
export function makeRows(train: Dataset, test: Dataset | null, o: RowOptions): Rows {
  const task = o.task ?? (o.normal === undefined ? taskOf(train.labels ?? []) : "anomaly");
  if (task !== "anomaly" && (o.normal !== undefined || o.threshold !== undefined)) fail("cli/usage", o.normal === undefined ? "--threshold" : "--normal", `this is for anomalies, the task is ${task}`, "Write --task anomaly, or leave it away.");
  if (test) checkColumns(train, test);
  if (task === "anomaly") return anomalyRows(train, test, o);
  checkLabels(train, task);
  if (test) checkLabels(test, task);
  // Before the split, so that a file of one class is called that.
  if (task === "classification") checkClasses(trainingSet(train, task), train.file);
  const { learn, kept, by } = parted(train, test, o);
  checkFolds(learn);
  const set = trainingSet(learn, task);
  if (task === "classification") checkClasses(set, train.file);
  return { task, train: set, strange: null, test: tableOf(kept), folds: foldOf(learn, foldCount(learn.rows), o.seed), by, notes: [] };
}

export function selectRows(set: TrainingSet, rows: ArrayLike<number>): TrainingSet {
  const width = set.features.length;
  const x = new Float64Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) x.set(set.x.subarray((rows[i] ?? 0) * width, ((rows[i] ?? 0) + 1) * width), i * width);
  return { ...set, x, rows: rows.length, y: set.y && Float64Array.from(rows, (r) => set.y?.[r] ?? 0) };
}

export const rowAt = (set: TrainingSet, r: number): Float64Array => set.x.subarray(r * set.features.length, (r + 1) * set.features.length);

export const rowsOf = (set: Pick<TrainingSet, "x" | "rows" | "features">): readonly Float64Array[] => {
  const width = set.features.length;
  return Array.from({ length: set.rows }, (_, r) => set.x.subarray(r * width, (r + 1) * width));
};

export interface Split { readonly learn: readonly number[]; readonly judge: readonly number[] }

/** Rows of the first rung: enough to tell good from bad. */
const FIRST_LEARN = 400;
const FIRST_JUDGE = 400;

/** A shuffled order in which every class comes as often as in the whole, so that any beginning of it is a fair sample. */
function dealt({ train, task }: Rows, seed: number): readonly number[] {
  const order = shuffle(range(train.rows), makeRandom(seed));
  if (task !== "classification") return [...order];
  const seen = new Float64Array(train.classes.length);
  const total = new Float64Array(train.classes.length);
  train.y?.forEach((c) => { total[c]! += 1; });
  const part = new Float64Array(train.rows);
  for (const r of order) { const c = train.y?.[r] ?? 0; part[r] = (seen[c]! += 1) / total[c]!; }
  return [...order].sort((a, b) => part[a]! - part[b]!);
}

/** Rung 0: one cheap split over a part of the rows. Rung 1: cross-validation over all of them. */
export function splitsOf(rows: Rows, rung: 0 | 1, seed: number): readonly Split[] {
  const order = dealt(rows, seed);
  const folds = [...new Set(rows.folds)].sort((a, b) => a - b);
  const split = (f: number): Split => ({ learn: order.filter((r) => rows.folds[r] !== f), judge: order.filter((r) => rows.folds[r] === f) });
  const splits = folds.map(split).filter((s) => s.learn.length > 1 && s.judge.length > 0);
  if (rung === 1) return splits;
  return splits.slice(0, 1).map((s) => ({ learn: s.learn.slice(0, Math.max(FIRST_LEARN, Math.floor(order.length / 4))), judge: s.judge.slice(0, FIRST_JUDGE) }));
}
