/** Answers of a model, float or integer, against the truth of the test rows. */
import type { Quality } from "../ir/evaluation.js";
import type { Task } from "../ir/types.js";
import { meanOf, perClass, regressionErrors, rocOf, wilson } from "./metrics.js";

export interface Answers {
  /** Label index per row, -1 where the task has none. */
  readonly labels: ArrayLike<number>;
  /** Printed scores per row. */
  readonly scores: readonly Float64Array[];
}

export interface Truth {
  readonly task: Task;
  /** Text of each row's label; null where there is none. */
  readonly labels: readonly string[] | null;
  /** Label of the normal rows (anomaly tasks). */
  readonly normal: string | null;
  readonly seed: number;
}

const asTexts = (labels: readonly (string | number)[]): ReadonlyMap<string, number> => new Map(labels.map((l, i) => [String(l), i]));

/** Label index of each text; numbers are found by value too; -1 for a class the model does not know. */
function indices(texts: readonly string[], labels: readonly (string | number)[]): Int32Array {
  const byText = asTexts(labels);
  const byNumber = new Map(labels.filter((l) => String(l).trim() !== "" && Number.isFinite(Number(l))).map((l) => [Number(l), labels.indexOf(l)]));
  return Int32Array.from(texts, (t) => byText.get(t) ?? (t.trim() === "" ? -1 : byNumber.get(Number(t))) ?? -1);
}

function classification(truth: Int32Array, answers: ArrayLike<number>, labels: readonly (string | number)[], roc: ReturnType<typeof rocOf>): Quality {
  const confusion = labels.map(() => labels.map(() => 0));
  let hits = 0;
  truth.forEach((t, i) => {
    const a = answers[i] ?? -1;
    if (t >= 0 && t === a) hits++;
    const row = confusion[t];
    if (row && a >= 0 && a < row.length) row[a]! += 1;
  });
  const classes = perClass(confusion, labels);
  return { kind: "classification", rows: truth.length, accuracy: wilson(hits, truth.length), balanced: meanOf(classes, "recall"), f1: meanOf(classes, "f1"), labels, confusion, classes, roc };
}

/** One score of a row that grows towards the second of two classes, or where a row is strange. */
export function orientedScore(task: Task, s: Float64Array): number {
  if (task === "anomaly") return -(s[0] ?? 0);
  return s.length > 1 ? (s[1] ?? 0) - (s[0] ?? 0) : (s[0] ?? 0);
}

const oriented = (task: Task, scores: readonly Float64Array[]): Float64Array => Float64Array.from(scores, (s) => orientedScore(task, s));

/** Labels -1 and 1 as scikit-learn gives them; the score falls where rows are strange. */
function anomaly(labels: readonly (string | number)[], answers: Answers, truth: Truth): Quality {
  const names = ["normal", "anomaly"] as const;
  const strange = Array.from(answers.labels, (a) => labels[a] === -1 || labels[a] === "anomaly");
  if (truth.labels === null || truth.normal === null) return { kind: "counts", rows: strange.length, labels: names, answers: [strange.filter((s) => !s).length, strange.filter(Boolean).length] };
  const real = truth.labels.map((l) => l !== truth.normal);
  const roc = rocOf(oriented("anomaly", answers.scores), real, strange, "anomaly");
  return classification(Int32Array.from(real, Number), strange.map(Number), names, roc);
}

const MAX_POINTS = 600;

function regression(truth: readonly string[], scores: readonly Float64Array[], seed: number): Quality {
  const wanted = Float64Array.from(truth, Number);
  const values = Float64Array.from(scores, (s) => s[0] ?? 0);
  const { meanAbsolute, rootMeanSquare, rSquared } = regressionErrors(wanted, values, seed);
  const none = { value: NaN, low: NaN, high: NaN };
  const step = Math.max(1, wanted.length / MAX_POINTS);
  const points = Array.from({ length: Math.min(MAX_POINTS, wanted.length) }, (_, i) => Math.floor(i * step)).map((i) => [wanted[i] ?? 0, values[i] ?? 0] as const);
  return { kind: "regression", rows: wanted.length, meanAbsolute: meanAbsolute ?? none, rootMeanSquare: rootMeanSquare ?? none, rSquared, points };
}

function counts(labels: readonly (string | number)[], answers: Answers): Quality {
  const found = labels.map(() => 0);
  for (const a of Array.from(answers.labels)) if (a >= 0 && a < found.length) found[a]! += 1;
  return { kind: "counts", rows: answers.scores.length, labels, answers: found };
}

/** @param labels the graph's labels, by index */
export function evaluateAnswers(labels: readonly (string | number)[], answers: Answers, truth: Truth): Quality {
  if (truth.task === "anomaly") return anomaly(labels, answers, truth);
  if (truth.labels === null || truth.task === "clustering" || truth.task === "transform") return counts(labels, answers);
  if (truth.task === "regression") return regression(truth.labels, answers.scores, truth.seed);
  const real = indices(truth.labels, labels);
  const roc = labels.length === 2 ? rocOf(oriented("classification", answers.scores), Array.from(real, (t) => t === 1), Array.from(answers.labels, (a) => a === 1), labels[1] ?? 1) : null;
  return classification(real, answers.labels, labels, roc);
}
