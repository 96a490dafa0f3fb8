/** What a search found: the document `coincell fit --json` prints, and the table and page are drawn from. */
import type { RunReport } from "./types.js";

export type FitTask = "classification" | "regression" | "anomaly";

/** What candidates are compared by, for each task; larger is better. */
export const measures: Readonly<Record<FitTask, string>> = { classification: "accuracy", regression: "R²", anomaly: "ROC AUC" };

/** A further figure of the integer model on the rows kept apart: a share, or in the unit of the target. */
export interface FitFigure { readonly name: string; readonly value: number; readonly unit: "share" | "target" }

/** An estimate with its bounds. */
export interface Estimate { readonly low: number; readonly typical: number; readonly high: number }

export interface FitEnergy {
  /** uJ of one inference: supply times active current times time. */
  readonly microjoules: Estimate;
  /** Null where no battery was named. */
  readonly battery: { readonly name: string; readonly perSecond: number; readonly days: Estimate; readonly duty: number; readonly microamps: Estimate } | null;
}

/** A limit that a candidate breaks. */
export interface Bind {
  readonly limit: "flash" | "ram" | "stack" | "latency" | "battery";
  readonly unit: "bytes" | "µs" | "days";
  readonly value: number;
  readonly allowed: number;
  /** How far beyond the limit: bytes or microseconds too many, days too few. */
  readonly over: number;
}

/** One model, trained, compiled and run on the simulated board; the measures are those of `coincell run`. */
export interface FitCandidate extends RunReport {
  readonly id: string;
  readonly task: FitTask;
  readonly family: string;
  readonly hyper: Readonly<Record<string, number | string>>;
  /** Type of the device's inputs as it was asked for. */
  readonly input: "auto" | "u8" | "i16" | "f32";
  /** What the compiler aimed at: least flash, or least cycles within the limits. */
  readonly goal: "size" | "speed";
  /** Cross-validated on the training rows, of the integer model where it answers otherwise than the float model: what the choice is made by. {@link measures}. */
  readonly validated: number;
  /** The same measure of the integer model on the rows kept apart, which choose nothing; null where their labels do not tell. */
  readonly tested: number | null;
  readonly figures: readonly FitFigure[];
  /** Rows behind `tested`; `samples` of them ran on the board. */
  readonly testRows: number;
  readonly energy: FitEnergy | null;
  readonly binds: readonly Bind[];
  /** No other fitting candidate is at least as good in everything. */
  readonly front: boolean;
  /** How far `validated` is behind the best that fits (below 0: ahead of it, and does not fit). */
  readonly behind: number;
  /** Standard error of `behind`: both models answered the same rows, so only those on which one alone is right count. */
  readonly doubt: number;
}

/** A model that was not compiled, because a bound says it cannot fit; or that could not be made. */
export interface FitPruned {
  readonly family: string;
  readonly hyper: Readonly<Record<string, number | string>>;
  readonly validated: number | null;
  readonly why: string;
  readonly bind: Bind | null;
}

export interface FitLimits {
  readonly flash: number | null;
  readonly ram: number | null;
  readonly stack: number | null;
  /** Microseconds. */
  readonly latency: number | null;
  readonly battery: { readonly name: string; readonly perSecond: number; readonly days: number } | null;
}

export interface FitReport {
  readonly board: string;
  readonly data: string;
  readonly test: string | null;
  readonly task: FitTask;
  /** What `validated` and `tested` are: accuracy, R², or ROC AUC. */
  readonly measure: string;
  readonly mode: "first" | "front";
  readonly seed: number;
  readonly rows: { readonly train: number; readonly test: number };
  readonly limits: FitLimits;
  readonly best: FitCandidate | null;
  /** Why nothing better fits, or why nothing fits at all. */
  readonly why: readonly string[];
  /** Other good choices: the one that validates best, the one that needs least energy. */
  readonly also: readonly string[];
  /** Best to worst. */
  readonly candidates: readonly FitCandidate[];
  readonly pruned: readonly FitPruned[];
  readonly counts: { readonly trained: number; readonly measured: number; readonly fromStore: number; readonly failed: number };
  readonly seconds: number;
  /** Null where the search came to its end. */
  readonly stopped: "budget" | "interrupted" | null;
  /** Formula, currents, their source and bounds. */
  readonly energyBasis: readonly string[];
  readonly notes: readonly string[];
}
