/** Gaussian naive Bayes: a mean and a variance per class and feature. Source: scikit-learn's GaussianNB, whose smoothing it shares. */
import { makeGraph } from "../graph.js";
import type { Learner } from "../learner.js";
import { classesOf, type Classes } from "../scale/classes.js";
import { decide, tick } from "../scale/decide.js";
import { checkData, readHyper } from "../check.js";
import { exactLog } from "../exact-math.js";

export interface Moments {
  /** (classes, features) */
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Means and variances of every class. */
export function momentsOf(x: Float64Array, features: number, c: Classes): Moments {
  const k = c.counts.length;
  const mean = new Float64Array(k * features);
  const variance = new Float64Array(k * features);
  c.y.forEach((cls, r) => { for (let j = 0; j < features; j++) mean[cls * features + j]! += x[r * features + j]! / c.counts[cls]!; });
  c.y.forEach((cls, r) => { for (let j = 0; j < features; j++) variance[cls * features + j]! += (x[r * features + j]! - mean[cls * features + j]!) ** 2 / c.counts[cls]!; });
  return { mean, variance };
}

/** Largest variance of any feature over all rows. */
function largestVariance(x: Float64Array, rows: number, features: number): number {
  let top = 0;
  for (let j = 0; j < features; j++) {
    let [mean, sum] = [0, 0];
    for (let r = 0; r < rows; r++) mean += x[r * features + j]! / rows;
    for (let r = 0; r < rows; r++) sum += (x[r * features + j]! - mean) ** 2 / rows;
    top = Math.max(top, sum);
  }
  return top;
}

const hyper = {
  smoothing: { default: 1e-9, values: [1e-9, 1e-6, 1e-4, 1e-2], doc: "part of the largest variance that is added to all of them" },
} as const;

export const naiveBayes: Learner = {
  name: "naive-bayes",
  title: "Gaussian naive Bayes",
  tasks: ["classification"],
  hyper,
  learn: (data, task, values, options) => {
    checkData(data, task);
    const h = readHyper("naive-bayes", hyper, values);
    tick(options, 0);
    const classes = classesOf(data);
    const d = data.features.length;
    const { mean, variance } = momentsOf(data.x, d, classes);
    const extra = h.number("smoothing", 1e-15, 1) * largestVariance(data.x, data.rows, d);
    const b = Float64Array.from(classes.counts, (n, c) => {
      let sum = exactLog(n / data.rows);
      for (let j = 0; j < d; j++) sum -= 0.5 * exactLog(2 * Math.PI * (variance[c * d + j]! + extra));
      return sum;
    });
    const g = makeGraph({ learner: "naive-bayes", task, featureNames: data.features, labels: classes.labels });
    const z = g.add("gaussian", { rows: classes.labels.length, features: d, power: 2, pick: false, m: mean, r: variance.map((v) => 1 / Math.sqrt(2 * (v + extra))), b }, [g.x]);
    decide(g, z, classes, { one: "", many: "softmax" });
    tick(options, 1);
    return g.finish();
  },
};
