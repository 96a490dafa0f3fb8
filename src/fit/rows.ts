/** Rows for the search: what is trained on, what is kept apart, and the parts on which candidates are compared. */
import { classesOf, type Dataset } from "../data/dataset.js";
import type { Table } from "../data/table.js";
import { fail } from "../ir/diagnostics.js";
import type { Task } from "../ir/types.js";
import type { TrainingSet } from "../train/learner.js";

/** All a worker needs to know of the data. */
export interface Rows {
  readonly task: Task;
  readonly train: TrainingSet;
  readonly test: Table;
  /** Hash per training row: its place in every split. */
  readonly order: Float64Array;
}

/** 32 bits of a row's values and label, mixed with the seed: equal rows get equal numbers, on every machine. */
function hashRow(x: Float64Array, label: string, seed: number): number {
  const words = new Uint32Array(x.buffer.slice(x.byteOffset, x.byteOffset + x.byteLength));
  let h = 0x811c9dc5 ^ seed;
  const mix = (w: number): void => {
    h = Math.imul(h ^ w, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  };
  words.forEach(mix);
  for (let i = 0; i < label.length; i++) mix(label.charCodeAt(i));
  return h >>> 0;
}

const rowOf = (d: Dataset, r: number): Float64Array => d.x.subarray(r * d.features.length, (r + 1) * d.features.length);
const labelOf = (d: Dataset, r: number): string => d.labels?.[r] ?? "";

/** Numbers with a fraction, or very many different ones, are a target for regression. */
export function taskOf(labels: readonly string[], wanted: "classification" | "regression" | undefined): "classification" | "regression" {
  if (wanted) return wanted;
  const distinct = new Set(labels);
  const numeric = labels.every((l) => l !== "" && Number.isFinite(Number(l)));
  return numeric && (labels.some((l) => !Number.isInteger(Number(l))) || distinct.size > Math.max(20, labels.length / 10)) ? "regression" : "classification";
}

function trainingSet(d: Dataset, task: Task, rows: readonly number[]): TrainingSet {
  const labels = rows.map((r) => labelOf(d, r));
  const named = task === "classification" ? classesOf(labels) : { classes: [], y: Float64Array.from(labels, Number) };
  const x = new Float64Array(rows.length * d.features.length);
  rows.forEach((r, i) => x.set(rowOf(d, r), i * d.features.length));
  return { features: d.features, x, rows: rows.length, y: named.y, classes: named.classes };
}

const tableOf = (d: Dataset, rows: readonly number[]): Table => ({ features: d.features, rows: rows.map((r) => rowOf(d, r).slice()), labels: rows.map((r) => labelOf(d, r)) });

const all = (d: Dataset): readonly number[] => Array.from({ length: d.rows }, (_, i) => i);

/** Part of the rows that are kept apart where no test file is given. */
const HOLD_OUT = 0.25;

/** By hash of the row; a class that would have no row left to learn from keeps all of its rows. */
function holdOut(d: Dataset, hashes: readonly number[], task: Task): { readonly train: readonly number[]; readonly test: readonly number[] } {
  const apart = hashes.map((h) => h < HOLD_OUT * 2 ** 32);
  if (task === "classification") {
    const taught = new Set(all(d).filter((r) => !apart[r]).map((r) => labelOf(d, r)));
    all(d).forEach((r) => { if (!taught.has(labelOf(d, r))) apart[r] = false; });
  }
  const test = all(d).filter((r) => apart[r]);
  if (test.length === 0) fail("fit/too-few-rows", d.file, `of ${d.rows} rows none can be kept apart to test with`, "Give more rows, or a test file with --test test.csv.");
  return { train: all(d).filter((r) => !apart[r]), test };
}

function checkFeatures(train: Dataset, test: Dataset): void {
  if (train.features.length !== test.features.length) fail("data/wrong-width", test.file, `${test.features.length} feature columns, the training rows have ${train.features.length}`, "Give both files the same columns.");
  const i = train.features.findIndex((f, k) => f !== test.features[k]);
  if (i >= 0) fail("data/other-columns", test.file, `column ${i + 1} is "${test.features[i]}", in the training rows "${train.features[i]}"`, "Give both files the same columns in the same order.");
}

/** @throws CoincellError where labels are missing, or too few rows are there to learn and to test */
export function makeRows(train: Dataset, test: Dataset | null, wanted: "classification" | "regression" | undefined, seed: number): Rows {
  if (!train.labels) return fail("fit/no-label", train.file, "there is no label column", "Name it with --label NAME, or write it last.");
  const task = taskOf(train.labels, wanted);
  if (task === "regression") train.labels.forEach((l, r) => { if (!Number.isFinite(Number(l)) || l === "") fail("data/text", `${train.places[r] ?? train.file}`, `"${l.slice(0, 40)}" is no number`, "Write numbers as the target, or choose --task classification."); });
  if (test) checkFeatures(train, test);
  if (test && !test.labels) fail("fit/no-label", test.file, "there is no label column", "Name it with --label NAME, or write it last.");
  const hashes = all(train).map((r) => hashRow(rowOf(train, r), labelOf(train, r), seed));
  const parts = test ? { train: all(train), test: all(test) } : holdOut(train, hashes, task);
  const set = trainingSet(train, task, parts.train);
  if (task === "classification") checkClasses(set, train.file);
  return { task, train: set, test: tableOf(test ?? train, parts.test), order: Float64Array.from(parts.train, (r) => hashes[r] ?? 0) };
}

function checkClasses(set: TrainingSet, file: string): void {
  const k = set.classes.length;
  if (k < 2) fail("train/one-class", file, `every row is of class "${set.classes[0]}"`, "Give rows of at least two classes.");
  if (set.rows <= k) fail("fit/too-few-rows", file, `${set.rows} rows for ${k} classes`, "Give several rows of each class; is the label column really the label? --label NAME says which it is, --task regression makes numbers a target.");
}

export function selectRows(set: TrainingSet, rows: ArrayLike<number>): TrainingSet {
  const width = set.features.length;
  const x = new Float64Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) x.set(set.x.subarray((rows[i] ?? 0) * width, ((rows[i] ?? 0) + 1) * width), i * width);
  return { ...set, x, rows: rows.length, y: set.y && Float64Array.from(rows, (r) => set.y?.[r] ?? 0) };
}

export interface Split { readonly learn: readonly number[]; readonly judge: readonly number[] }

/** Rows in the order of their hashes, dealt out class by class: any beginning of it is a fair sample. Equal rows stay neighbours. */
function dealt({ train, order, task }: Rows): readonly { readonly row: number; readonly group: number }[] {
  const byClass = new Map<number, number[]>();
  for (let r = 0; r < train.rows; r++) {
    const c = task === "classification" ? (train.y?.[r] ?? 0) : 0;
    const known = byClass.get(c);
    if (known) known.push(r);
    else byClass.set(c, [r]);
  }
  const ranked = [...byClass.values()].flatMap((rows) => {
    const sorted = rows.toSorted((a, b) => (order[a] ?? 0) - (order[b] ?? 0) || a - b);
    let group = -1;
    return sorted.map((row, i) => ({ row, group: i > 0 && order[sorted[i - 1] ?? 0] === order[row] ? group : ++group, part: i / sorted.length }));
  });
  return ranked.toSorted((a, b) => a.part - b.part || a.row - b.row);
}

/** Folds of the last rung, by size of the data: small data need more of them for a steady figure. */
const foldsOf = (rows: number): number => (rows <= 600 ? 5 : rows <= 6000 ? 3 : 2);

/** Rows the first rung learns from at most. */
const FIRST_ROWS = 400;

/** Rung 0: one cheap split over a part of the rows. Rung 1: cross-validation over all of them. */
export function splitsOf(rows: Rows, rung: 0 | 1): readonly Split[] {
  const order = dealt(rows);
  const k = foldsOf(order.length);
  const fold = (f: number, within: typeof order): Split => ({ learn: within.filter((d) => d.group % k !== f).map((d) => d.row), judge: within.filter((d) => d.group % k === f).map((d) => d.row) });
  if (rung === 1) return Array.from({ length: k }, (_, f) => fold(f, order)).filter((s) => s.judge.length > 0 && s.learn.length > 0);
  const judge = order.filter((d) => d.group % k === 0).slice(0, 2 * FIRST_ROWS);
  const learn = order.filter((d) => d.group % k !== 0).slice(0, Math.max(FIRST_ROWS, Math.floor(order.length / 4)));
  return [{ learn: learn.map((d) => d.row), judge: judge.map((d) => d.row) }];
}
