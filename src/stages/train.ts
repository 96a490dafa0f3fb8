/** Data to a proven model: learn, turn into integers, and judge the integers on rows that were never learnt from. */
import { foldOf, select, type Dataset } from "../data/index.js";
import { convertRow } from "../ir/conversion.js";
import { fail } from "../ir/diagnostics.js";
import type { Quality } from "../ir/evaluation.js";
import type { Graph, Task, Tensor } from "../ir/types.js";
import type { InputType } from "../passes/quantise/input.js";
import { evaluate, runHostChain } from "../passes/evaluate.js";
import { dequantise, runProgram } from "../passes/run-program.js";
import type { Folds } from "../report/train-types.js";
import { chooseTask, evaluateAnswers, findLearner, learn, parseHyper, taskFor, trainingSet, type Answers, type HyperValues, type TaskChoice, type TrainingSet, type Truth } from "../train/index.js";
import { compile, type Compiled } from "./compile.js";
import { withThreshold, type Judged, type ThresholdRule } from "./train-threshold.js";

/** Clean datasets and what is to be learnt from them. Plain data, so that a worker can be handed it. */
export interface TrainRequest {
  readonly train: Dataset;
  readonly test: Dataset;
  readonly model: string;
  readonly task?: Task;
  /** Anomaly tasks: label of the normal rows. */
  readonly normal?: string;
  readonly hyper: Readonly<Record<string, string | number>>;
  readonly seed: number;
  readonly inputType?: InputType;
  /** Where a two-way decision is made; the model's own place when absent. */
  readonly threshold?: ThresholdRule;
  /** Parts of a cross-validation within the training rows; none when absent. */
  readonly folds?: number;
}

export interface Trained {
  readonly graph: Graph;
  readonly compiled: Compiled;
  readonly choice: TaskChoice;
  readonly hyper: HyperValues;
  readonly integer: Quality;
  readonly float: Quality;
  readonly training: Quality;
  readonly agreement: number;
  readonly folds: Folds | null;
  readonly notes: readonly string[];
}

export type TrainStep = "learning" | "to integers" | "judging" | "cross-validation";
export type TrainProgress = (step: TrainStep, part: number) => void;

export const rowsOf = (d: Pick<TrainingSet, "x" | "rows" | "features">): readonly Float64Array[] => {
  const width = d.features.length;
  return Array.from({ length: d.rows }, (_, r) => d.x.subarray(r * width, (r + 1) * width));
};

/** More rows change neither ranges nor widths, but cost time. */
const CALIBRATION_ROWS = 2000;

function calibrationRows(d: TrainingSet): readonly Float64Array[] {
  const rows = rowsOf(d);
  const step = Math.max(1, rows.length / CALIBRATION_ROWS);
  return Array.from({ length: Math.min(rows.length, CALIBRATION_ROWS) }, (_, i) => rows[Math.floor(i * step)] as Float64Array);
}

export const floatAnswers = (graph: Graph, rows: readonly Float64Array[]): Answers => {
  const found = rows.map((r) => evaluate(graph, r));
  return { labels: Int32Array.from(found, (f) => f.label), scores: found.map((f) => f.scores) };
};

/** What the device answers: the label from the program that is flashed, scores as the host prints them. */
export function integerAnswers(c: Compiled, rows: readonly Float64Array[]): Answers {
  const input = c.program.tensors[c.program.input] as Tensor;
  const labels = new Int32Array(rows.length);
  const scores = rows.map((r, i) => {
    const q = convertRow(r, input);
    const raw = runProgram(c.program, q);
    labels[i] = c.labelProgram ? runProgram(c.labelProgram, q).label : raw.label;
    return runHostChain(c.program.host, dequantise(c.program, raw.scores));
  });
  return { labels, scores };
}

function agreementOf(a: Answers, b: Answers, hasLabels: boolean): number {
  if (hasLabels) return a.scores.length === 0 ? 1 : a.scores.filter((_, i) => a.labels[i] === b.labels[i]).length / a.scores.length;
  const float = b.scores.map((s) => s[0] ?? 0);
  const range = float.reduce((x, y) => Math.max(x, y), -Infinity) - float.reduce((x, y) => Math.min(x, y), Infinity);
  return a.scores.filter((s, i) => Math.abs((s[0] ?? 0) - (float[i] ?? 0)) <= 0.005 * range + 1e-9).length / Math.max(1, a.scores.length);
}

const truthOf = (d: Dataset, choice: TaskChoice, seed: number): Truth => ({ task: choice.task, labels: d.labels, normal: choice.normal, seed });

/** One figure to compare folds by. */
function figureOf(q: Quality): { readonly figure: string; readonly value: number } {
  if (q.kind === "regression") return { figure: "R²", value: q.rSquared?.value ?? NaN };
  if (q.kind === "counts") return { figure: "share of the commonest answer", value: Math.max(0, ...q.answers) / Math.max(1, q.rows) };
  return q.roc?.positive === "anomaly" ? { figure: "area under the ROC curve", value: q.roc.auc.value } : { figure: "accuracy", value: q.accuracy.value };
}

interface Job {
  readonly request: TrainRequest;
  readonly choice: TaskChoice;
  readonly hyper: HyperValues;
}

/** Folds in which a threshold is chosen. */
const INNER_FOLDS = 5;

/** Models of four fifths of the rows, each with the fifth it has not seen; of all where rows are few. */
function inner({ request: r, choice, hyper }: Job, train: Dataset): readonly Judged[] {
  const learnFrom = (d: Dataset): Graph => learn(findLearner(r.model), trainingSet(d, choice), choice.task, hyper, { seed: r.seed });
  if (train.rows < 20 * INNER_FOLDS) return [{ graph: learnFrom(train), rows: train }];
  const fold = foldOf(train, INNER_FOLDS, r.seed);
  const pick = (isKept: (f: number) => boolean): Dataset => select(train, Array.from(fold.keys()).filter((i) => isKept(fold[i] ?? 0)));
  return Array.from({ length: INNER_FOLDS }, (_, k) => ({ graph: learnFrom(pick((f) => f !== k)), rows: pick((f) => f === k) }));
}

/** Learns from one dataset and gives the integer model. */
function make(job: Job, train: Dataset, onProgress?: (step: TrainStep, part: number) => void): { readonly graph: Graph; readonly compiled: Compiled; readonly set: TrainingSet } {
  const { request: r, choice, hyper } = job;
  const set = trainingSet(train, choice);
  const learnt = learn(findLearner(r.model), set, choice.task, hyper, { seed: r.seed, ...(onProgress ? { onProgress: (part) => onProgress("learning", part) } : {}) });
  onProgress?.("to integers", 0);
  const graph = r.threshold ? withThreshold(learnt, r.threshold, choice, () => inner(job, train)) : learnt;
  return { graph, set, compiled: compile(graph, { rows: calibrationRows(set), ...(r.inputType ? { inputType: r.inputType } : {}) }) };
}

function crossValidate(job: Job, folds: number, onProgress?: TrainProgress): Folds {
  const { train, seed } = job.request;
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= Math.min(50, train.rows))) fail("cli/bad-value", "--folds", `"${folds}"`, "Give a whole number from 2 to 50, not above the number of rows.");
  const fold = foldOf(train, folds, seed);
  const pick = (isTest: (f: number) => boolean): Dataset => select(train, Array.from(fold.keys()).filter((i) => isTest(fold[i] ?? 0)));
  const found = Array.from({ length: folds }, (_, k) => {
    onProgress?.("cross-validation", k / folds);
    const test = pick((f) => f === k);
    if (test.rows === 0) return fail("data/empty-part", train.file, `fold ${k + 1} of ${folds} has no rows`, "Give fewer folds.");
    const { compiled, graph } = make(job, pick((f) => f !== k));
    return figureOf(evaluateAnswers(graph.labels, integerAnswers(compiled, rowsOf(test)), truthOf(test, job.choice, seed)));
  });
  const values = found.map((f) => f.value);
  const mean = values.reduce((a, b) => a + b, 0) / folds;
  return { figure: found[0]?.figure ?? "", values, mean, deviation: Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (folds - 1)) };
}

function unknownClasses(graph: Graph, test: Dataset, choice: TaskChoice): readonly string[] {
  if (choice.task !== "classification" || !test.labels) return [];
  const known = new Set(graph.labels.map(String));
  const absent = [...new Set(test.labels)].filter((l) => !known.has(l) && !(l.trim() !== "" && graph.labels.some((g) => Number(g) === Number(l))));
  const rows = test.labels.filter((l) => absent.includes(l)).length;
  return absent.length === 0 ? [] : [`${rows} test row${rows === 1 ? "" : "s"} of ${absent.slice(0, 6).map((l) => `"${l}"`).join(", ")}, of which no training row was seen: the model cannot get them right`];
}

function checkFeatures(train: Dataset, test: Dataset): void {
  if (train.features.length !== test.features.length) fail("data/other-columns", test.file, `${test.features.length} features, but ${train.file} has ${train.features.length}`, "Give the test rows the same columns as the training rows.");
  const other = train.features.findIndex((f, i) => f !== test.features[i]);
  const unnamed = test.features.every((f, i) => f === `f${i}`) || train.features.every((f, i) => f === `f${i}`);
  if (other >= 0 && !unnamed) fail("data/other-columns", test.file, `feature ${other + 1} is "${test.features[other] ?? ""}", but "${train.features[other] ?? ""}" in ${train.file}`, "Give both files the same columns in the same order.");
}

/**
 * Learns and judges in this thread.
 * @throws CoincellError where model, options or data are at fault
 */
export function trainModel(request: TrainRequest, onProgress?: TrainProgress): Trained {
  const learner = findLearner(request.model);
  const choice = chooseTask(learner, request.train, request.task, request.normal);
  taskFor(learner, choice.task);
  checkFeatures(request.train, request.test);
  const hyper = parseHyper(learner, request.hyper);
  const job: Job = { request, choice, hyper };
  const { graph, compiled, set } = make(job, request.train, onProgress);
  onProgress?.("judging", 0);
  const rows = rowsOf(request.test);
  const [integer, float, training] = [integerAnswers(compiled, rows), floatAnswers(graph, rows), integerAnswers(compiled, rowsOf(set))];
  const learnt = choice.normal === null ? request.train : { ...request.train, labels: Array.from({ length: set.rows }, () => choice.normal ?? "") };
  const folds = request.folds === undefined ? null : crossValidate(job, request.folds, onProgress);
  return {
    graph, compiled, choice, hyper: Object.fromEntries(Object.entries(learner.hyper).map(([k, h]) => [k, hyper[k] ?? h.default])),
    integer: evaluateAnswers(graph.labels, integer, truthOf(request.test, choice, request.seed)),
    float: evaluateAnswers(graph.labels, float, truthOf(request.test, choice, request.seed)),
    training: evaluateAnswers(graph.labels, training, truthOf(learnt, choice, request.seed)),
    agreement: agreementOf(integer, float, graph.labels.length > 0), folds,
    notes: [...choice.notes, ...unknownClasses(graph, request.test, choice)],
  };
}
