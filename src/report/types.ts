/** What a run measured: the document `--json` prints and every report is drawn from. */

export interface Spread { readonly min: number; readonly mean: number; readonly max: number }

/** First place where the device and the reference differ. */
export interface Difference {
  readonly row: number;
  readonly what: "answer" | "scores";
  readonly index: number;
  readonly device: number;
  readonly reference: number;
}

export interface RunReport {
  readonly model: string;
  readonly source: string;
  readonly task: string;
  readonly board: string;
  readonly samples: number;
  /** Share of right labels; null without labels. Regression: null (see `error`). */
  readonly accuracy: number | null;
  /** Share of answers equal to the float model's (regression: within 0.5 % of its range). */
  readonly agreement: number;
  /** Regression only, in the model's units, against the labels (null without labels) and against the float model. */
  readonly error: { readonly meanAbsolute: number | null; readonly rSquared: number | null; readonly againstFloat: number } | null;
  /** Every byte of every row equals the TypeScript reference. */
  readonly equal: boolean;
  readonly difference: Difference | null;
  /** Bytes. `model`: emitted code, data and what they pull from the C library; `harness`: start-up and test frame. */
  readonly flash: { readonly model: number; readonly harness: number; readonly total: number; readonly limit: number | null };
  /** Bytes. `static`: the model's own; `input`: the row of inputs; `stack`: deepest, of the whole call. */
  readonly ram: { readonly static: number; readonly input: number; readonly stack: number | null; readonly total: number; readonly limit: number | null };
  readonly cycles: Spread | null;
  readonly microseconds: Spread | null;
  readonly fits: boolean;
  /** By how much a program that does not fit exceeds the board. */
  readonly over: { readonly flash: number; readonly ram: number };
  /** How it was made: form of the kernels, compiler optimisation, input type, arithmetic, types of every step. */
  readonly choice: { readonly form: string; readonly optimise: string; readonly inputType: string; readonly arithmetic: string; readonly steps: readonly string[] };
  readonly labels: readonly (string | number)[];
  /** confusion[true][answered]; null without labels. */
  readonly confusion: readonly (readonly number[])[] | null;
  readonly notes: readonly string[];
}

export interface Prediction {
  /** Label, or the value of a regression. */
  readonly answer: string | number;
  readonly scores: readonly number[];
}
