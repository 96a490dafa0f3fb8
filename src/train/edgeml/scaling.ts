/** Features brought to mean 0: by one common factor where they are of one kind (then few bits a weight are enough), else each by its own. */
import type { TrainingSet } from "../learner.js";

export interface Scaling {
  /** Factor per feature; 0 where a feature is constant or left out. */
  readonly factor: Float64Array;
  readonly mean: Float64Array;
  /** All factors (of features that vary) are equal. */
  readonly same: boolean;
}

/** Steps on which the compiler looks for whole numbers, the largest first: features on different ones get different scales on the device. */
const STEPS = [10, 5, 2, 1] as const;

/** Per feature: the step its values are multiples of; 0 where they are not whole numbers of 16 bits. */
function stepsOf(x: Float64Array, n: number): number[] {
  return Array.from({ length: n }, (_, j) => STEPS.find((step) => {
    for (let q = j; q < x.length; q += n) if (Math.abs(x[q]!) > 32767 || x[q]! % step !== 0) return false;
    return true;
  }) ?? 0);
}

/** Features on another step than nearly all others are left out by the common factor, if they are this few. */
const FEW = 0.1;

interface Kind { readonly same: boolean; /** Features that do not count. */ readonly out: readonly boolean[] }

/** Of one kind: raw whole numbers on one step, none reaching far beyond the middle one. */
function kindOf(data: TrainingSet, peak: Float64Array, mode: string): Kind {
  const steps = stepsOf(data.x, peak.length);
  const all = steps.map(() => false);
  if (mode === "each") return { same: false, out: all };
  const varied = steps.map((_, j) => j).filter((j) => peak[j]! > 0);
  const counts = STEPS.map((s) => varied.filter((j) => steps[j] === s).length);
  const usual = STEPS[counts.indexOf(Math.max(...counts))];
  const out = steps.map((s, j) => peak[j]! > 0 && s !== usual);
  const reach = varied.map((j) => peak[j]!).sort((a, b) => a - b);
  const alike = (reach.at(-1) ?? 1) <= (reach[Math.floor(reach.length / 2)] ?? 1) * 2.5;
  const few = out.filter(Boolean).length <= FEW * varied.length;
  if (mode === "auto") return alike && few ? { same: true, out } : { same: false, out: all };
  return { same: true, out: few ? out : all };
}

export function scalingOf(data: TrainingSet, mode: string): Scaling {
  const { x, rows } = data;
  const n = data.features.length;
  const mean = new Float64Array(n);
  const variance = new Float64Array(n);
  const peak = new Float64Array(n);
  for (let r = 0; r < rows; r++) for (let j = 0; j < n; j++) mean[j]! += x[r * n + j]! / rows;
  for (let r = 0; r < rows; r++) for (let j = 0; j < n; j++) {
    const d = x[r * n + j]! - mean[j]!;
    variance[j]! += (d * d) / rows;
    peak[j] = Math.max(peak[j]!, Math.abs(d));
  }
  for (let j = 0; j < n; j++) if (constant(x, n, j)) variance[j] = peak[j] = 0;
  const { same, out } = kindOf(data, peak, mode);
  const common = 1 / Math.sqrt(variance.reduce((s, v) => s + v, 0) / n);
  return { factor: variance.map((v, j) => (v === 0 || out[j] ? 0 : same ? common : 1 / Math.sqrt(v))), mean, same };
}

/** A mean of equal values may differ from them in the last place. */
function constant(x: Float64Array, n: number, j: number): boolean {
  for (let q = j; q < x.length; q += n) if (x[q] !== x[j]) return false;
  return true;
}

/** (rows, features): a feature without factor is 0. */
export const scaledRows = (data: TrainingSet, s: Scaling): Float64Array => {
  const n = data.features.length;
  return data.x.map((v, q) => (v - s.mean[q % n]!) * s.factor[q % n]!);
};
