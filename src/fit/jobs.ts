/** What a worker is asked and what it answers: plain data that crosses process borders. */
import type { Diagnostic } from "../ir/diagnostics.js";
import type { Bind, FitFigure } from "../report/pareto-types.js";
import type { RunReport } from "../report/types.js";
import type { Config } from "./space.js";
import type { Limits } from "./limits.js";
import type { Rows } from "./rows.js";

export type InputChoice = "auto" | "u8" | "i16" | "f32";

export interface ValidateJob {
  readonly kind: "validate";
  readonly config: Config;
  readonly rung: 0 | 1;
  /** Asks for the integer model with these inputs instead of the float model: as each fold's model would be compiled from the fold's own rows. */
  readonly integer?: InputChoice;
}

/** `thin`: as many test rows on the board as a fixed number of cycles allows; `all`: every one. */
export interface MeasureJob {
  readonly kind: "measure";
  readonly config: Config;
  readonly input: InputChoice;
  readonly goal: "size" | "speed";
  readonly rows: "thin" | "all";
}

export type Job = ValidateJob | MeasureJob;

export interface Validated {
  /** Mean over the splits: share of right labels, R², or area under the ROC curve. */
  readonly score: number;
  /** Standard error of the mean. */
  readonly error: number;
  /** The input is read by operators that take float32 without float arithmetic. */
  readonly readsF32: boolean;
  /** Equal where the models of all splits are the same. */
  readonly print: string;
  /** Lower bound on the constants, bytes. */
  readonly bytes: number;
  /** Roughly how many constants one answer reads, trees a path each: what cycles grow with. */
  readonly work: number;
  /** Classification: a bit for each row to learn from that was answered right, base64; models are compared row by row. */
  readonly right: string | null;
}

export interface Measured {
  /** Null where a bound said that no compiler need be asked. */
  readonly report: RunReport | null;
  readonly bound: Bind | null;
  /** Score of the integer model on all rows kept apart; null where their labels do not tell. */
  readonly tested: number | null;
  readonly testRows: number;
  /** Share of those rows on which it answers as the float model does; values: R² against the float model's. */
  readonly agreement: number;
  readonly figures: readonly FitFigure[];
}

export type Result<J extends Job = Job> = J extends ValidateJob ? Validated : Measured;

/** A finished job: what came out, or why nothing can. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Diagnostic };

/** What every worker is told once. */
export interface Setting {
  readonly rows: Rows;
  readonly board: string;
  readonly limits: Limits;
  readonly seed: number;
}

export type ToWorker = { readonly type: "setting"; readonly setting: Setting } | { readonly type: "job"; readonly id: number; readonly job: Job };
export type FromWorker = { readonly type: "ready" } | { readonly type: "done"; readonly id: number; readonly outcome: Outcome<Validated | Measured> };
