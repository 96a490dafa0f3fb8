/** Losses of boosting: where the sums start, and the slope and curvature of the loss at each row. Source: Friedman, Greedy function approximation (2001). */
import type { Task } from "../../../ir/types.js";
import type { TrainingSet } from "../../learner.js";
import { exactExp, exactLog } from "../../exact-math.js";

export interface Loss {
  /** Raw scores of a row. */
  readonly outputs: number;
  /** The sums before the first tree. */
  readonly base: Float64Array;
  /** The curvature is 1 everywhere. */
  readonly flat: boolean;
  /** From raw scores (outputs, rows) to slopes and curvatures of the same shape. */
  slopes(raw: Float64Array, g: Float64Array, h: Float64Array): void;
  /** Mean loss of some rows. */
  mean(raw: Float64Array, rows: Int32Array): number;
}

function squares(y: Float64Array, rows: Int32Array): Loss {
  let base = 0;
  for (const i of rows) base += y[i]! / rows.length;
  return {
    outputs: 1, flat: true, base: Float64Array.of(base),
    slopes: (raw, g) => { for (let i = 0; i < y.length; i++) g[i] = raw[i]! - y[i]!; },
    mean: (raw, part) => {
      let sum = 0;
      for (const i of part) sum += (raw[i]! - y[i]!) * (raw[i]! - y[i]!);
      return sum / part.length;
    },
  };
}

/** Shares of the classes among some rows, none below what a missing class would need for a finite logarithm. */
function priors(y: Float64Array, rows: Int32Array, classes: number): Float64Array {
  const p = new Float64Array(classes);
  for (const i of rows) p[y[i]!]! += 1 / rows.length;
  return p.map((v) => Math.min(1 - 1.2e-7, Math.max(1.2e-7, v)));
}

function logistic(y: Float64Array, rows: Int32Array): Loss {
  const p = priors(y, rows, 2);
  return {
    outputs: 1, flat: false, base: Float64Array.of(exactLog(p[1]! / p[0]!)),
    slopes: (raw, g, h) => {
      for (let i = 0; i < y.length; i++) {
        const q = 1 / (1 + exactExp(-raw[i]!));
        g[i] = q - y[i]!;
        h[i] = q * (1 - q);
      }
    },
    mean: (raw, part) => {
      let sum = 0;
      for (const i of part) {
        const v = y[i]! > 0 ? -raw[i]! : raw[i]!;
        sum += v > 0 ? v + exactLog(1 + exactExp(-v)) : exactLog(1 + exactExp(v));
      }
      return sum / part.length;
    },
  };
}

/** Fills `e` with exp(raw - largest) of row i; gives their sum and the largest. */
function exponentials(raw: Float64Array, n: number, i: number, e: Float64Array): readonly [sum: number, top: number] {
  let top = raw[i]!;
  for (let k = 1; k < e.length; k++) if (raw[k * n + i]! > top) top = raw[k * n + i]!;
  let sum = 0;
  for (let k = 0; k < e.length; k++) {
    const v = exactExp(raw[k * n + i]! - top);
    e[k] = v;
    sum += v;
  }
  return [sum, top];
}

function softmax(y: Float64Array, rows: Int32Array, classes: number): Loss {
  const n = y.length;
  const e = new Float64Array(classes);
  return {
    outputs: classes, flat: false, base: priors(y, rows, classes).map(exactLog),
    slopes: (raw, g, h) => {
      for (let i = 0; i < n; i++) {
        const [sum] = exponentials(raw, n, i, e);
        for (let k = 0; k < classes; k++) {
          const q = e[k]! / sum;
          g[k * n + i] = y[i] === k ? q - 1 : q;
          h[k * n + i] = q * (1 - q);
        }
      }
    },
    mean: (raw, part) => {
      let total = 0;
      for (const i of part) {
        const [sum, top] = exponentials(raw, n, i, e);
        total += exactLog(sum) + top - raw[y[i]! * n + i]!;
      }
      return total / part.length;
    },
  };
}

/** @param rows the rows that are learnt from; they set the base. */
export function lossOf(data: TrainingSet, task: Task, rows: Int32Array): Loss {
  const y = data.y ?? new Float64Array(0);
  if (task === "regression") return squares(y, rows);
  return data.classes.length === 2 ? logistic(y, rows) : softmax(y, rows, data.classes.length);
}
