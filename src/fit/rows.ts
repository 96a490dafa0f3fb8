/** Rows for the search: what is trained on, what is kept apart, and the parts on which candidates are compared. */
import { taskOf } from "../data/describe.js";
import { classesOf, foldOf, select, splitOf, splitRows, type Dataset } from "../data/index.js";
import type { Table } from "../data/table.js";
import { fail } from "../ir/diagnostics.js";
import type { Task } from "../ir/types.js";
import type { TrainingSet } from "../train/learner.js";
import { makeRandom, range, shuffle } from "../train/random.js";

export type FitTask = "classification" | "regression";

/** All a worker needs to know of the data. */
export interface Rows {
  readonly task: Task;
  readonly train: TrainingSet;
  readonly test: Table;
  /** Fold of each training row; equal rows, and rows of one group, share theirs. */
  readonly folds: Int32Array;
  /** How the rows kept apart were chosen. */
  readonly by: string;
}

const labelOf = (d: Dataset, r: number): string => d.labels?.[r] ?? "";
const rowOf = (d: Dataset, r: number): Float64Array => d.x.slice(r * d.features.length, (r + 1) * d.features.length);

function trainingSet(d: Dataset, task: Task): TrainingSet {
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

function checkLabels(d: Dataset, task: Task): void {
  if (!d.labels) return fail("fit/no-label", d.file, "there is no label column", "Name it with --label NAME, or write it last.");
  if (task === "regression") d.labels.forEach((l, r) => { if (!Number.isFinite(Number(l)) || l === "") fail("data/text", d.places[r] ?? d.file, `the target "${l.slice(0, 40)}" is no number`, "Write numbers as the target, or choose --task classification."); });
}

function checkClasses(set: TrainingSet, file: string): void {
  const k = set.classes.length;
  if (k < 2) fail("train/one-class", file, `every row is of class "${set.classes[0]}"`, "Give rows of at least two classes.");
  if (set.rows <= k) fail("fit/too-few-rows", file, `${set.rows} rows for ${k} classes`, "Give several rows of each class; is the label column really the label? --label NAME says which it is, --task regression makes numbers a target.");
}

/** @throws CoincellError where labels are missing, or too few rows are there to learn and to test */
export function makeRows(train: Dataset, test: Dataset | null, seed: number, wanted?: FitTask, share = HOLD_OUT): Rows {
  const task = wanted ?? taskOf(train.labels ?? []);
  checkLabels(train, task);
  if (test) {
    checkColumns(train, test);
    checkLabels(test, task);
  }
  // Before the split, so that a file of one class is called that.
  if (task === "classification") checkClasses(trainingSet(train, task), train.file);
  const split = test ? null : (splitOf(train) ?? splitRows(train, { share, seed }));
  const learn = split ? select(train, split.train) : train;
  const set = trainingSet(learn, task);
  if (task === "classification") checkClasses(set, train.file);
  return { task, train: set, test: tableOf(split ? select(train, split.test) : (test ?? train)), folds: foldOf(learn, foldCount(learn.rows), seed), by: split?.by ?? `the file ${test?.file ?? ""}` };
}

export function selectRows(set: TrainingSet, rows: ArrayLike<number>): TrainingSet {
  const width = set.features.length;
  const x = new Float64Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) x.set(set.x.subarray((rows[i] ?? 0) * width, ((rows[i] ?? 0) + 1) * width), i * width);
  return { ...set, x, rows: rows.length, y: set.y && Float64Array.from(rows, (r) => set.y?.[r] ?? 0) };
}

export const rowAt = (set: TrainingSet, r: number): Float64Array => set.x.subarray(r * set.features.length, (r + 1) * set.features.length);

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
