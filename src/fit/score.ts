/** How good answers are: one figure for each task, larger is better, and what else is worth saying of them. */
import type { FitFigure, FitTask } from "../report/pareto-types.js";
import { rocOf } from "../train/index.js";

/** Answer to a row: a label; a value; or how strange the row is. */
export type Answer = string | number;

/** Label of rows that are no anomalies, as scikit-learn writes it. */
export const NORMAL = "1";
export const STRANGE = "-1";

const isStrange = (want: readonly Answer[]): readonly boolean[] => want.map((w) => String(w) === STRANGE);

/** 1 less the squared error as a part of the variance. */
function rSquared(got: readonly number[], want: readonly number[]): number {
  const mean = want.reduce((a, b) => a + b, 0) / want.length;
  const [rest, total] = want.reduce(([r, t], v, i) => [r + (v - (got[i] ?? NaN)) ** 2, t + (v - mean) ** 2], [0, 0]);
  return total > 0 ? 1 - rest / total : rest > 0 ? 0 : 1;
}

/**
 * Share of right labels; R², never below -1, so that one wild fold does not drown the others; or the area under the ROC curve.
 * Null where the rows do not tell: anomalies need both kinds.
 */
export function scoreOf(task: FitTask, got: readonly Answer[], want: readonly Answer[]): number | null {
  if (want.length === 0) return null;
  if (task === "classification") return got.filter((g, i) => String(g) === String(want[i])).length / want.length;
  if (task === "anomaly") return rocOf(got.map(Number), isStrange(want), want.map(() => false), "anomaly")?.auc.value ?? null;
  const r = rSquared(got.map(Number), want.map(Number));
  return Number.isFinite(r) ? Math.max(-1, r) : -1;
}

/** How far the integer model answers as the float model does; labels of the rows are not asked. */
export function agreementOf(task: FitTask, got: readonly Answer[], float: readonly Answer[]): number {
  if (float.length === 0) return 1;
  if (task === "regression") return Math.max(0, rSquared(got.map(Number), float.map(Number)));
  return got.filter((g, i) => g === float[i]).length / float.length;
}

const share = (of: readonly boolean[], where: (i: number) => boolean): number | null => {
  const some = of.filter((_, i) => where(i));
  return some.length === 0 ? null : some.filter(Boolean).length / some.length;
};

/** @param called anomaly tasks: rows that the model calls anomalies at its threshold */
export function figuresOf(task: FitTask, got: readonly Answer[], want: readonly Answer[], called: readonly boolean[]): readonly FitFigure[] {
  if (task === "regression") return want.length === 0 ? [] : [{ name: "RMSE", value: Math.sqrt(want.reduce((s: number, v, i) => s + (Number(v) - Number(got[i])) ** 2, 0) / want.length), unit: "target" }];
  if (task !== "anomaly" || want.length === 0) return [];
  const strange = isStrange(want);
  const [found, alarms] = [share(called, (i) => strange[i] === true), share(called, (i) => strange[i] !== true)];
  return [
    ...(found === null || alarms === null ? [] : [{ name: "balanced accuracy", value: (found + 1 - alarms) / 2, unit: "share" as const }]),
    ...(found === null ? [] : [{ name: "anomalies found", value: found, unit: "share" as const }]),
    ...(alarms === null ? [] : [{ name: "false alarms", value: alarms, unit: "share" as const }]),
  ];
}
