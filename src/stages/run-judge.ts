/** How good the device's answers are: against the float model, and against the labels where there are some. */
import { labelIndex, type Table } from "../data/table.js";
import type { Answer } from "../passes/evaluate.js";
import type { RunReport } from "../report/types.js";
import type { Compiled } from "./compile.js";

export interface Judged { readonly accuracy: number | null; readonly agreement: number; readonly error: RunReport["error"]; readonly confusion: RunReport["confusion"] }

function judgeLabels(c: Compiled, answers: readonly number[], truth: readonly Answer[], table: Table): Judged {
  const { labels } = c.graph;
  const agreement = answers.filter((a, i) => a === truth[i]?.label).length / answers.length;
  if (!table.labels) return { accuracy: null, agreement, error: null, confusion: null };
  const wanted = table.labels.map((l) => labelIndex(labels, l));
  const confusion = labels.map(() => labels.map(() => 0));
  wanted.forEach((w, i) => { const row = confusion[w]; const a = answers[i] ?? -1; if (row && a in row) row[a] = (row[a] ?? 0) + 1; });
  return { accuracy: answers.filter((a, i) => a === wanted[i]).length / answers.length, agreement, error: null, confusion };
}

function judgeValues(values: readonly number[], truth: readonly Answer[], table: Table): Judged {
  const float = truth.map((t) => t.scores[0] ?? 0);
  const range = Math.max(...float) - Math.min(...float);
  const close = values.filter((v, i) => Math.abs(v - (float[i] ?? 0)) <= 0.005 * range + 1e-9).length / values.length;
  const againstFloat = Math.max(...values.map((v, i) => Math.abs(v - (float[i] ?? 0))));
  const wanted = table.labels?.map(Number);
  if (!wanted) return { accuracy: null, agreement: close, error: { meanAbsolute: null, rSquared: null, againstFloat }, confusion: null };
  const mean = wanted.reduce((a, b) => a + b, 0) / wanted.length;
  const [total, rest, absolute] = values.reduce(([t, r, m], v, i) => [t + ((wanted[i] ?? 0) - mean) ** 2, r + ((wanted[i] ?? 0) - v) ** 2, m + Math.abs((wanted[i] ?? 0) - v)], [0, 0, 0]);
  return { accuracy: null, agreement: close, error: { meanAbsolute: absolute / values.length, rSquared: total > 0 ? 1 - rest / total : null, againstFloat }, confusion: null };
}

/** @param answers label indices @param scores dequantised scores, per row */
export const judge = (c: Compiled, answers: readonly number[], scores: readonly Float64Array[], truth: readonly Answer[], table: Table): Judged =>
  c.program.label === null ? judgeValues(scores.map((s) => s[0] ?? 0), truth, table) : judgeLabels(c, answers, truth, table);
