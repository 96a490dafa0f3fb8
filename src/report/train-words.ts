/** The figures of a training by name, the same for terminal and page. */
import type { Interval, Quality } from "../ir/evaluation.js";
import { figure, percent, plural, short, whole } from "./format.js";
import type { Folds, TrainReport } from "./train-types.js";

export interface Headline {
  readonly name: string;
  readonly value: number;
  readonly interval: Interval | null;
  readonly kind: "share" | "number";
  readonly meaning: string;
}

export function headlines(q: Quality): readonly Headline[] {
  const of = (name: string, interval: Interval, kind: Headline["kind"], meaning: string): Headline => ({ name, value: interval.value, interval, kind, meaning });
  if (q.kind === "counts") return [];
  if (q.kind === "regression") {
    return [
      of("mean error", q.meanAbsolute, "number", "absolute, in the target's units"),
      of("RMS error", q.rootMeanSquare, "number", "root of the mean square"),
      ...(q.rSquared ? [of("R²", q.rSquared, "number", "share of the target's variance explained")] : []),
    ];
  }
  return [
    of("accuracy", q.accuracy, "share", `right answers in ${q.rows} rows`),
    { name: "balanced", value: q.balanced, interval: null, kind: "share", meaning: "mean recall of the classes" },
    { name: "mean F1", value: q.f1, interval: null, kind: "share", meaning: "of precision and recall, over the classes" },
    ...(q.roc ? [of("ROC area", q.roc.auc, "number" as const, `chance that a row of "${short(String(q.roc.positive), 24)}" scores above another`)] : []),
  ];
}

export const hyperText = (r: Pick<TrainReport, "hyper">): string => Object.entries(r.hyper).map(([k, v]) => `${k} ${typeof v === "number" ? figure(v) : v}`).join(", ");

/** Mean and deviation of the folds; shares as percent. */
export function foldText(f: Folds): string {
  return f.figure === "accuracy" ? `${figure(f.mean * 100)} ± ${percent(f.deviation, 1)}` : `${figure(f.mean)} ± ${figure(f.deviation)}`;
}

/** Rows and features; anomaly models learn from the normal rows alone. */
export function learntText(r: TrainReport): string {
  const all = `${plural(r.data.rows, "row")} of ${plural(r.data.features, "feature")}`;
  return r.training.rows === r.data.rows ? all : `${whole(r.training.rows)} normal of ${all}`;
}
