/** Moves the threshold of a two-way decision to where the user wants it: chosen on the training rows, judged on the test rows. */
import type { Dataset } from "../data/index.js";
import { fail } from "../ir/diagnostics.js";
import type { AnyNode, Graph } from "../ir/types.js";
import { evaluate, evaluateAll } from "../passes/evaluate.js";
import { orientedScore, rocOf, type TaskChoice } from "../train/index.js";

/** `youden`: most found beyond false alarms; `alarms`: at most this share of false alarms; `at`: a score as the report prints it. */
export type ThresholdRule = { readonly kind: "youden" } | { readonly kind: "alarms"; readonly share: number } | { readonly kind: "at"; readonly score: number };

export function parseThreshold(text: string): ThresholdRule {
  if (text === "youden") return { kind: "youden" };
  const share = /^alarms=(.+)$/.exec(text)?.[1];
  const n = Number(share ?? (text.trim() === "" ? NaN : text));
  if (share !== undefined && n >= 0 && n < 1) return { kind: "alarms", share: n };
  return share === undefined && Number.isFinite(n) ? { kind: "at", score: n } : fail("cli/bad-value", "--threshold", `"${text.slice(0, 40)}"`, "Supported: youden, alarms=0.01 (share of false alarms), or a score as the report prints it.");
}

/** The node that makes the label by comparing one value with its attribute `at`. */
function decider(graph: Graph): AnyNode {
  const label = graph.outputs.find((o) => o.role === "label")?.tensor;
  const node = graph.nodes.find((n) => label !== undefined && n.outputs.includes(label));
  return node && typeof node.attrs["at"] === "number" && graph.labels.length === 2
    ? node
    : fail("train/no-threshold", "--threshold", `the model ${graph.name} does not decide by comparing one score with a threshold`, "Leave --threshold away, or choose a model of two classes that has one: logistic, svm, boosting, isolation-forest, kmeans.");
}

const between = (a: number, b: number): number => (Number.isFinite(a) && Number.isFinite(b) ? (a + b) / 2 : Number.isFinite(a) ? a : b);

/** Least threshold above which at most a share of the negatives lies. */
function atAlarms(negatives: readonly number[], share: number): number {
  const sorted = negatives.toSorted((a, b) => b - a);
  const k = Math.floor(share * sorted.length);
  const [above, at] = [sorted[k - 1] ?? Infinity, sorted[k] ?? -Infinity];
  // A hair above the k-th highest; halfway to the next one where there is room.
  return above > at ? between(above, at) : at;
}

interface Rows {
  /** What the decider compares, turned so that more is more positive. */
  readonly inner: readonly number[];
  /** The score as the report prints it, turned likewise. */
  readonly printed: readonly number[];
  readonly positive: readonly boolean[];
}

function find(rows: Rows, rule: ThresholdRule): number {
  if (rule.kind === "alarms") return atAlarms(rows.inner.filter((_, i) => rows.positive[i] !== true), rule.share);
  if (rule.kind === "youden") {
    const roc = rocOf(rows.inner, rows.positive, rows.positive, "");
    return roc?.choices[0]?.threshold ?? fail("train/no-threshold", "--threshold", "the training rows are all of one kind, so the two kinds cannot be told apart", "Give rows of both kinds, or --threshold alarms=0.01, which needs normal rows only.");
  }
  const [above, below] = [rows.inner.filter((_, i) => (rows.printed[i] ?? 0) > rule.score), rows.inner.filter((_, i) => (rows.printed[i] ?? 0) <= rule.score)];
  return between(above.reduce((a, b) => Math.min(a, b), Infinity), below.reduce((a, b) => Math.max(a, b), -Infinity));
}

/** A model and rows it has not learnt from. */
export interface Judged {
  readonly graph: Graph;
  readonly rows: Dataset;
}

function scoresOf({ graph, rows: d }: Judged, choice: TaskChoice, sign: number): Rows {
  const width = d.features.length;
  const node = decider(graph);
  const rows = Array.from({ length: d.rows }, (_, r) => d.x.subarray(r * width, (r + 1) * width));
  const positiveLabel = String(graph.labels[1]);
  return {
    inner: rows.map((row) => sign * (evaluateAll(graph, row)[node.inputs[0] ?? -1]?.[0] ?? 0)),
    printed: rows.map((row) => orientedScore(choice.task, evaluate(graph, row).scores)),
    positive: rows.map((_, r) => (choice.task === "anomaly" ? choice.normal !== null && d.labels?.[r] !== choice.normal : d.labels?.[r] === positiveLabel)),
  };
}

/**
 * @param folds gives models of parts of the training rows with the rows left out: scores of rows that a model has learnt
 *   by heart would put the threshold in the wrong place
 * @returns the same graph with its threshold moved, and a note that says by how much
 */
export function withThreshold(graph: Graph, rule: ThresholdRule, choice: TaskChoice, folds: () => readonly Judged[]): Graph {
  const node = decider(graph);
  const sign = choice.task !== "anomaly" || graph.labels[1] === -1 ? 1 : -1;
  const parts = folds().map((j) => scoresOf(j, choice, sign));
  const at = sign * find({ inner: parts.flatMap((p) => p.inner), printed: parts.flatMap((p) => p.printed), positive: parts.flatMap((p) => p.positive) }, rule);
  if (!Number.isFinite(at)) fail("train/no-threshold", "--threshold", "no threshold does what is asked on the training rows", "Choose another one; the report's table shows what each gives.");
  const note = `the threshold was moved from ${Number(Number(node.attrs["at"]).toPrecision(6))} to ${Number(at.toPrecision(6))}, chosen by cross-validation within the training rows`;
  return { ...graph, nodes: graph.nodes.map((n) => (n === node ? { ...n, attrs: { ...n.attrs, at } } : n)), notes: [...graph.notes, note] };
}
