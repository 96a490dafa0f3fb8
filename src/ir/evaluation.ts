/** How well answers agree with the truth: what `train` computes and `report` draws. */

/** A figure with the ends of its 95 % confidence interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface ClassQuality {
  readonly label: string | number;
  /** Rows of the class. */
  readonly rows: number;
  /** Null where nothing was answered so, or no row is so. */
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/** One place on the curve: rows whose score is above `threshold` are called positive. */
export interface RocPoint {
  readonly threshold: number;
  /** Share of negatives called positive. */
  readonly falsePositive: number;
  /** Share of positives called positive. */
  readonly truePositive: number;
}

export interface Roc {
  /** What counts as positive: the second class, or an anomaly. */
  readonly positive: string | number;
  readonly auc: Interval;
  /** From (0, 0) to (1, 1). */
  readonly points: readonly RocPoint[];
  /** Where the model's own decision stands. */
  readonly own: RocPoint;
  /** Thresholds that a user may want instead, each with its reason. */
  readonly choices: readonly (RocPoint & { readonly why: string })[];
}

export interface ClassificationQuality {
  readonly kind: "classification";
  readonly rows: number;
  readonly accuracy: Interval;
  /** Mean recall of the classes that have rows. */
  readonly balanced: number;
  /** Mean F1 of the classes that have rows. */
  readonly f1: number;
  readonly labels: readonly (string | number)[];
  /** confusion[true][answered] */
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly ClassQuality[];
  readonly roc: Roc | null;
}

export interface RegressionQuality {
  readonly kind: "regression";
  readonly rows: number;
  readonly meanAbsolute: Interval;
  readonly rootMeanSquare: Interval;
  /** Null where every target is the same. */
  readonly rSquared: Interval | null;
  /** (truth, answer) of at most a few hundred rows. */
  readonly points: readonly (readonly [number, number])[];
}

/** Anomalies and clusters without labels to compare with: how often each answer was given. */
export interface AnswerCounts {
  readonly kind: "counts";
  readonly rows: number;
  readonly labels: readonly (string | number)[];
  readonly answers: readonly number[];
}

export type Quality = ClassificationQuality | RegressionQuality | AnswerCounts;
