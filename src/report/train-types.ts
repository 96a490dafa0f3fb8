/** What training found: the document `coincell train --json` prints and its page is drawn from. */
import type { Quality } from "../ir/evaluation.js";
import type { RunReport } from "./types.js";

/** The figure of each fold of a cross-validation: accuracy, R² or area under the ROC curve. */
export interface Folds {
  readonly figure: string;
  readonly values: readonly number[];
  readonly mean: number;
  readonly deviation: number;
}

export interface TrainReport {
  readonly model: string;
  readonly title: string;
  readonly task: string;
  /** Every hyper-parameter, defaults included. */
  readonly hyper: Readonly<Record<string, number | string>>;
  readonly seed: number;
  readonly data: {
    readonly file: string;
    /** The file of the test rows, or how they were taken from `file`. */
    readonly test: string;
    readonly features: number;
    readonly rows: number;
    readonly testRows: number;
    /** Test rows that stand in the training rows too. */
    readonly leaked: number;
    readonly classes: readonly { readonly name: string | number; readonly rows: number }[];
  };
  /** Of the integer model on the test rows: the figures that count. */
  readonly integer: Quality;
  /** Of the float model on the same rows. */
  readonly float: Quality;
  /** Of the integer model on the rows it learnt from: far better than `integer` means overfitting. */
  readonly training: Quality;
  /** Share of test rows on which both give the same answer (regression: within 0.5 % of the float model's range). */
  readonly agreement: number;
  readonly folds: Folds | null;
  readonly inputType: string;
  /** Steps of the program for the device, with the types of what they make. */
  readonly steps: readonly string[];
  /** Bytes of constants in flash; code comes on top, and is measured by a board run. */
  readonly constants: number;
  readonly run: RunReport | null;
  readonly notes: readonly string[];
}
