/** Figures of quality and their uncertainty: accuracy, ROC, regression errors. Nothing here knows a model. */
import type { ClassQuality, Interval, Roc, RocPoint } from "../ir/evaluation.js";
import { makeRandom } from "./random.js";

/** Of the normal distribution, for 95 %. */
const Z = 1.959963984540054;

/** A share with Wilson's interval (Wilson 1927): right also for few rows and shares near 0 and 1. */
export function wilson(hits: number, n: number): Interval {
  if (n === 0) return { value: 0, low: 0, high: 1 };
  const p = hits / n;
  const z2 = Z * Z;
  const middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { value: p, low: hits === 0 ? 0 : Math.max(0, middle - half), high: hits === n ? 1 : Math.min(1, middle + half) };
}

const ratio = (a: number, b: number): number | null => (b === 0 ? null : a / b);

export function perClass(confusion: readonly (readonly number[])[], labels: readonly (string | number)[]): readonly ClassQuality[] {
  return labels.map((label, c) => {
    const hits = confusion[c]?.[c] ?? 0;
    const rows = (confusion[c] ?? []).reduce((a, b) => a + b, 0);
    const answered = confusion.reduce((n, row) => n + (row[c] ?? 0), 0);
    return { label, rows, precision: ratio(hits, answered), recall: ratio(hits, rows), f1: ratio(2 * hits, rows + answered) };
  });
}

/** Mean over the classes that have rows; what was never answered counts as 0. */
export function meanOf(classes: readonly ClassQuality[], figure: "recall" | "f1"): number {
  const present = classes.filter((c) => c.rows > 0);
  return present.length === 0 ? 0 : present.reduce((n, c) => n + (c[figure] ?? 0), 0) / present.length;
}

/** The curve keeps at most this many points. */
const MAX_POINTS = 200;

/** All places of the curve, one per distinct score, from nothing called positive to all. */
function curve(scores: ArrayLike<number>, positive: readonly boolean[]): readonly RocPoint[] {
  const order = Array.from({ length: scores.length }, (_, i) => i).toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const [p, n] = [positive.filter(Boolean).length, positive.filter((v) => !v).length];
  const points: RocPoint[] = [{ threshold: Infinity, falsePositive: 0, truePositive: 0 }];
  let [hits, misses] = [0, 0];
  order.forEach((i, k) => {
    if (positive[i]) hits++; else misses++;
    const [here, next] = [scores[i] ?? 0, k + 1 < order.length ? (scores[order[k + 1] ?? 0] ?? 0) : -Infinity];
    // Above the threshold is positive: halfway to the next lower score, so that rounding changes no answer.
    if (next < here) points.push({ threshold: Number.isFinite(next) ? (here + next) / 2 : next, falsePositive: misses / n, truePositive: hits / p });
  });
  return points;
}

const area = (points: readonly RocPoint[]): number =>
  points.reduce((sum, q, i) => { const before = points[i - 1]; return before ? sum + ((q.falsePositive - before.falsePositive) * (q.truePositive + before.truePositive)) / 2 : sum; }, 0);

/** Area with the interval of Hanley and McNeil (1982). */
function areaInterval(auc: number, p: number, n: number): Interval {
  const [q1, q2] = [auc / (2 - auc), (2 * auc * auc) / (1 + auc)];
  const deviation = Math.sqrt(Math.max(0, (auc * (1 - auc) + (p - 1) * (q1 - auc * auc) + (n - 1) * (q2 - auc * auc)) / (p * n)));
  return { value: auc, low: Math.max(0, auc - Z * deviation), high: Math.min(1, auc + Z * deviation) };
}

/** At most `most` points: ends, and those nearest to equal steps along the curve. */
function thin(points: readonly RocPoint[], most: number): readonly RocPoint[] {
  if (points.length <= most) return points;
  const step = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => points[Math.round(i * step)] as RocPoint);
}

const best = (points: readonly RocPoint[], by: (p: RocPoint) => number): RocPoint => points.reduce((a, b) => (by(b) > by(a) ? b : a));

/** False alarms a user may be ready to bear. */
const ALARMS = [0.01, 0.05] as const;

/**
 * @param scores higher is more positive
 * @param own what the model itself calls positive
 * @returns null where one of the two kinds has no rows
 */
export function rocOf(scores: ArrayLike<number>, positive: readonly boolean[], own: readonly boolean[], name: string | number): Roc | null {
  const [p, n] = [positive.filter(Boolean).length, positive.filter((v) => !v).length];
  if (p === 0 || n === 0) return null;
  const points = curve(scores, positive);
  const called = Array.from(scores).filter((_, i) => own[i] === true);
  const free = Array.from(scores).filter((_, i) => own[i] !== true);
  const [least, most] = [called.reduce((a, b) => Math.min(a, b), Infinity), free.reduce((a, b) => Math.max(a, b), -Infinity)];
  const between = Number.isFinite(least) && Number.isFinite(most) ? (least + most) / 2 : Number.isFinite(least) ? -Infinity : Infinity;
  const shares = (wanted: boolean): number => own.filter((v, i) => v && positive[i] === wanted).length;
  const choices = [
    { ...best(points, (q) => q.truePositive - q.falsePositive), why: "most found beyond false alarms (Youden)" },
    ...ALARMS.filter((a) => a * n >= 1).map((a) => ({ ...best(points.filter((q) => q.falsePositive <= a), (q) => q.truePositive), why: `at most ${a * 100} % false alarms` })),
  ];
  return {
    positive: name, auc: areaInterval(area(points), p, n), points: thin(points, MAX_POINTS),
    own: { threshold: between, falsePositive: shares(false) / n, truePositive: shares(true) / p }, choices,
  };
}

export interface Errors {
  readonly meanAbsolute: number;
  readonly rootMeanSquare: number;
  readonly rSquared: number;
}

/** Errors over the rows that `pick` names (all, or a resample). */
function errorsOver(truth: ArrayLike<number>, answers: ArrayLike<number>, pick: ArrayLike<number>): Errors {
  const n = pick.length;
  let [absolute, squares, sum, sumOfSquares] = [0, 0, 0, 0];
  const shift = truth[pick[0] ?? 0] ?? 0;
  for (let k = 0; k < n; k++) {
    const i = pick[k] ?? 0;
    const [t, e] = [(truth[i] ?? 0) - shift, (truth[i] ?? 0) - (answers[i] ?? 0)];
    absolute += Math.abs(e);
    squares += e * e;
    sum += t;
    sumOfSquares += t * t;
  }
  const total = sumOfSquares - (sum * sum) / n;
  return { meanAbsolute: absolute / n, rootMeanSquare: Math.sqrt(squares / n), rSquared: total > 0 ? 1 - squares / total : NaN };
}

const RESAMPLES = 1000;
/** Products rows × resamples beyond which fewer resamples are drawn. */
const MAX_DRAWS = 5_000_000;

/** Regression errors with bootstrap intervals (percentiles of seeded resamples). */
export function regressionErrors(truth: ArrayLike<number>, answers: ArrayLike<number>, seed: number): { readonly [K in keyof Errors]: Interval | null } {
  const n = truth.length;
  const random = makeRandom(seed);
  const whole = errorsOver(truth, answers, Int32Array.from({ length: n }, (_, i) => i));
  const times = Math.max(100, Math.min(RESAMPLES, Math.floor(MAX_DRAWS / Math.max(1, n))));
  const drawn = Array.from({ length: times }, () => errorsOver(truth, answers, Int32Array.from({ length: n }, () => random.below(n))));
  const interval = (key: keyof Errors): Interval | null => {
    if (!Number.isFinite(whole[key])) return null;
    const sorted = drawn.map((d) => d[key]).filter(Number.isFinite).toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? whole[key];
    return { value: whole[key], low: at(0.025), high: at(0.975) };
  };
  return { meanAbsolute: interval("meanAbsolute"), rootMeanSquare: interval("rootMeanSquare"), rSquared: interval("rSquared") };
}
