/** Multinomial logistic regression with an L2 penalty; the bias is free. The same minimum as scikit-learn's LogisticRegression(C). */
import type { Task } from "../../ir/types.js";
import { makeGraph } from "../graph.js";
import type { Learner, LearnOptions, TrainingSet } from "../learner.js";
import { classesOf } from "../scale/classes.js";
import { decide, tick } from "../scale/decide.js";
import { componentsHyper, makeFront, scalingHyper, type Matrix } from "../scale/front.js";
import { checkData, readHyper } from "../check.js";
import { exactExp } from "../exact-math.js";
import { BlockProducts } from "../svm/products.js";
import { minimise } from "./lbfgs.js";

/** `x` (rows, features), `y` a class index per row. */
export interface LogisticProblem {
  readonly x: Float64Array;
  readonly y: Int32Array;
  readonly features: number;
  readonly classes: number;
  readonly c: number;
}

/** Probabilities minus truth, in place of scores `z` (one row); one score alone stands for the second of two classes. */
function residual(z: Float64Array, truth: number): void {
  if (z.length === 1) {
    z[0] = 1 / (1 + exactExp(-z[0]!)) - truth;
    return;
  }
  let top = -Infinity;
  for (let k = 0; k < z.length; k++) top = Math.max(top, z[k]!);
  let sum = 0;
  for (let k = 0; k < z.length; k++) sum += z[k] = exactExp(z[k]! - top);
  for (let k = 0; k < z.length; k++) z[k]! /= sum;
  z[truth]! -= 1;
}

/** (features, rows) */
function transposed(x: Float64Array, rows: number, features: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let r = 0; r < rows; r++) for (let j = 0; j < features; j++) out[j * rows + r] = x[r * features + j]!;
  return out;
}

export interface LogisticGradient {
  /** Gradient of mean loss + |w|^2 / (2 C rows); `w` (scores, features + 1), the bias last. */
  at(w: Float64Array, g: Float64Array): void;
  /** Ends the use of this object. */
  release(): void;
}

export function logisticGradient(p: LogisticProblem): LogisticGradient {
  const { y, features: d } = p;
  const rows = y.length;
  const scores = p.classes === 2 ? 1 : p.classes;
  const byRow = new BlockProducts(p.x, d, [0, rows]);
  const byFeature = new BlockProducts(transposed(p.x, rows, d), rows, [0, d]);
  /** Scores, then residuals, of each class over all rows. */
  const all = Array.from({ length: scores }, () => new Float64Array(rows));
  const z = new Float64Array(scores);
  const pull = 1 / (p.c * rows);
  return {
    at: (w, g) => {
      all.forEach((own, k) => own.set(byRow.times(w.subarray(k * (d + 1), k * (d + 1) + d), 0).subarray(0, rows)));
      for (let r = 0; r < rows; r++) {
        for (let k = 0; k < scores; k++) z[k] = all[k]![r]! + w[k * (d + 1) + d]!;
        residual(z, y[r]!);
        for (let k = 0; k < scores; k++) all[k]![r] = z[k]!;
      }
      all.forEach((own, k) => {
        const first = k * (d + 1);
        const sums = byFeature.times(own, 0);
        for (let j = 0; j < d; j++) g[first + j] = sums[j]! / rows + pull * w[first + j]!;
        let sum = 0;
        for (let r = 0; r < rows; r++) sum += own[r]!;
        g[first + d] = sum / rows;
      });
    },
    release: () => { byRow.release(); byFeature.release(); },
  };
}

const FARTHEST = 5e-4;

/** Ends where the weights are provably within 5e-4 of the minimum: the function is 1 / (C rows)-strongly convex in them. */
export function fitLogistic(p: LogisticProblem, options: LearnOptions): Matrix {
  const scores = p.classes === 2 ? 1 : p.classes;
  const d = p.features;
  const tolerance = Math.min(1e-4, Math.max(1e-9, FARTHEST / (p.c * p.y.length)));
  const gradient = logisticGradient(p);
  const start = new Float64Array(scores * (d + 1));
  let w: Float64Array = start;
  try {
    w = minimise({ gradient: gradient.at, tolerance, maxIterations: 3000, onIteration: (i) => tick(options, i / (i + 60)) }, start).w;
  } finally {
    gradient.release();
  }
  const m = new Float64Array(scores * d);
  const b = new Float64Array(scores);
  for (let k = 0; k < scores; k++) {
    m.set(w.subarray(k * (d + 1), k * (d + 1) + d), k * d);
    b[k] = w[k * (d + 1) + d]!;
  }
  return { rows: scores, cols: d, w: m, b };
}

const hyper = {
  C: { default: 1, values: [0.01, 0.1, 1, 10, 100], doc: "inverse strength of the penalty on large weights" },
  scaling: scalingHyper,
  components: componentsHyper,
} as const;

export const logistic: Learner = {
  name: "logistic",
  title: "Logistic regression",
  tasks: ["classification"],
  hyper,
  learn: (data: TrainingSet, task: Task, values, options) => {
    checkData(data, task);
    const h = readHyper("logistic", hyper, values);
    const classes = classesOf(data);
    const front = makeFront(data, h);
    tick(options, 0);
    const m = fitLogistic({ x: front.x, y: classes.y, features: front.features, classes: classes.labels.length, c: h.number("C", 1e-9, 1e9) }, options);
    const g = makeGraph({ learner: "logistic", task, featureNames: data.features, labels: classes.labels });
    decide(g, front.addLinear(g, m), classes, { one: "logistic_pair", many: "softmax" });
    tick(options, 1);
    return g.finish();
  },
};
