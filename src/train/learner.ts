/** What a learner is: data and hyper-parameters in, a float graph out. One folder per family; the list is generated. */
import type { Graph, Task } from "../ir/types.js";

/** Rows ready for learning: no text, no gaps. Values are float32 numbers held in doubles, as a device would see them. */
export interface TrainingSet {
  readonly features: readonly string[];
  /** (rows, features), row-major. */
  readonly x: Float64Array;
  readonly rows: number;
  /** Class index per row (classification), target value (regression), or absent (anomaly, clustering). */
  readonly y: Float64Array | null;
  /** Names of the classes by index; empty in regression. */
  readonly classes: readonly (string | number)[];
}

/** One hyper-parameter: its default and the values a search may try, in order of growing cost. */
export interface Hyper {
  readonly default: number | string;
  readonly doc: string;
  readonly values: readonly (number | string)[];
}

export type HyperValues = Readonly<Record<string, number | string>>;

export interface LearnOptions {
  readonly seed: number;
  /** Called now and then with the part done, 0..1. */
  readonly onProgress?: (part: number) => void;
  /** Learning stops with an AbortError when it is aborted. */
  readonly signal?: AbortSignal;
}

export interface Learner {
  /** kebab-case, as on the command line: `forest`, `svm`, `bonsai`. */
  readonly name: string;
  readonly title: string;
  readonly tasks: readonly Task[];
  readonly hyper: Readonly<Record<string, Hyper>>;
  /**
   * Deterministic for a seed, on every machine. The graph takes raw features: scalers are nodes of it.
   * @throws CoincellError where the data cannot be learnt from (one class only, too few rows, constant target …).
   */
  learn(data: TrainingSet, task: Task, hyper: HyperValues, options: LearnOptions): Graph;
}
