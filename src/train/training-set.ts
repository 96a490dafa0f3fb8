/** From a clean dataset to what learners take: which task it is, which rows are normal, and classes or targets. */
import { classesOf, isNumber, select, type Dataset } from "../data/dataset.js";
import { taskOf } from "../data/describe.js";
import { fail } from "../ir/diagnostics.js";
import type { Task } from "../ir/types.js";
import type { Learner, TrainingSet } from "./learner.js";

export interface TaskChoice {
  readonly task: Task;
  /** Anomaly tasks with labels: the label of the normal rows. */
  readonly normal: string | null;
  readonly notes: readonly string[];
}

const normalWords: ReadonlySet<string> = new Set(["normal", "ok", "good", "healthy", "inlier", "1"]);

function normalOf(labels: readonly string[], wanted: string | undefined): { readonly normal: string; readonly notes: readonly string[] } {
  const counts = new Map<string, number>();
  for (const l of labels) counts.set(l, (counts.get(l) ?? 0) + 1);
  if (wanted !== undefined) return counts.has(wanted) ? { normal: wanted, notes: [] } : fail("train/no-normal", "--normal", `no row has the label "${wanted}"`, `Labels: ${[...counts.keys()].slice(0, 20).join(", ")}.`);
  const word = [...counts.keys()].find((l) => normalWords.has(l.toLowerCase()));
  const most = [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? "";
  const normal = word ?? most;
  return { normal, notes: counts.size > 1 ? [`rows labelled "${normal}" are taken as normal, all others as anomalies (--normal names another label)`] : [] };
}

/** The task of a learner on a dataset: its only one, or the one the labels look like. */
export function chooseTask(learner: Learner, d: Dataset, wanted?: Task, normal?: string): TaskChoice {
  const guess = d.labels ? taskOf(d.labels) : null;
  const likely = guess !== null && learner.tasks.includes(guess) ? guess : learner.tasks[0];
  const task = wanted ?? (learner.tasks.length === 1 ? learner.tasks[0] : likely) ?? "classification";
  if (task !== "anomaly" || !d.labels) return { task, normal: null, notes: [] };
  return { task, ...normalOf(d.labels, normal) };
}

const targets = (d: Dataset, labels: readonly string[]): Float64Array => {
  const at = labels.findIndex((l) => !isNumber(l));
  if (at >= 0) fail("train/text-target", d.places[at] ?? d.file, `the target "${(labels[at] ?? "").slice(0, 40)}" is no number`, "Name the column of numbers that is to be predicted with --label, or choose a classification model.");
  return Float64Array.from(labels, Number);
};

/** @throws CoincellError train/… where labels are absent or cannot be the targets of the task */
export function trainingSet(all: Dataset, choice: TaskChoice): TrainingSet {
  const { task, normal } = choice;
  const d = task === "anomaly" && normal !== null && all.labels ? select(all, Array.from({ length: all.rows }, (_, r) => r).filter((r) => all.labels?.[r] === normal)) : all;
  const base = { features: d.features, x: d.x, rows: d.rows };
  if (task === "anomaly" || task === "clustering" || task === "transform") return { ...base, y: null, classes: [] };
  const { labels } = d;
  if (labels === null) return fail("train/no-target", d.file, "there is no label column", "Name it with --label, or choose an anomaly or clustering model.");
  if (task === "regression") return { ...base, y: targets(d, labels), classes: [] };
  const { classes, y } = classesOf(labels);
  if (classes.length < 2) fail("train/one-class", d.file, `all rows are of class "${String(classes[0] ?? "")}"`, "Give rows of at least two classes, or train an anomaly model: isolation-forest, one-class-svm.");
  if (classes.length > 2 && classes.length * 2 > d.rows) fail("train/too-few-rows", d.file, `${d.rows} rows for ${classes.length} classes`, `Give several rows of each class; is "${all.label ?? ""}" really the label (--label NAME), or is this --task regression?`);
  return { ...base, y, classes };
}
