/** Least squares with an L2 penalty in closed form, for values and, by targets of +1 and -1, for classes. */
import { fail } from "../../ir/diagnostics.js";
import { makeGraph } from "../graph.js";
import type { Learner } from "../learner.js";
import { classesOf } from "../scale/classes.js";
import { decide, tick } from "../scale/decide.js";
import { componentsHyper, makeFront, scalingHyper, type Matrix } from "../scale/front.js";
import { cholesky, scatter, solveCholesky } from "../scale/matrix.js";
import { checkData, readHyper } from "../check.js";

/** Minimises sum (w x + b - t)^2 + alpha |w|^2 for each target; `targets` (outputs, rows). */
export function fitRidge(x: Float64Array, rows: number, features: number, targets: readonly Float64Array[], alpha: number): Matrix {
  const mean = new Float64Array(features);
  for (let r = 0; r < rows; r++) for (let j = 0; j < features; j++) mean[j]! += x[r * features + j]! / rows;
  const centred = x.map((v, at) => v - mean[at % features]!);
  const normal = scatter(centred, rows, features, 1);
  for (let j = 0; j < features; j++) normal[j * features + j]! += alpha;
  const l = cholesky(normal, features);
  if (l === null) fail("train/singular", "ridge.alpha", "features depend on each other, so that no weights are best", "Give an alpha above 0, for example 1.");
  const w = new Float64Array(targets.length * features);
  const b = new Float64Array(targets.length);
  targets.forEach((t, k) => {
    const level = t.reduce((s, v) => s + v, 0) / rows;
    const right = new Float64Array(features);
    for (let r = 0; r < rows; r++) for (let j = 0; j < features; j++) right[j]! += centred[r * features + j]! * (t[r]! - level);
    const one = solveCholesky(l, features, right);
    w.set(one, k * features);
    b[k] = level - one.reduce((s, v, j) => s + v * mean[j]!, 0);
  });
  return { rows: targets.length, cols: features, w, b };
}

const hyper = {
  alpha: { default: 1, values: [0.01, 0.1, 1, 10, 100], doc: "strength of the penalty on large weights" },
  scaling: scalingHyper,
  components: componentsHyper,
} as const;

export const ridge: Learner = {
  name: "ridge",
  title: "Ridge regression",
  tasks: ["regression", "classification"],
  hyper,
  learn: (data, task, values, options) => {
    checkData(data, task);
    const h = readHyper("ridge", hyper, values);
    tick(options, 0);
    const front = makeFront(data, h);
    const alpha = h.number("alpha", 0, 1e12);
    const fit = (targets: readonly Float64Array[]): Matrix => fitRidge(front.x, data.rows, front.features, targets, alpha);
    if (task === "regression") {
      const g = makeGraph({ learner: "ridge", task, featureNames: data.features, labels: [] });
      g.output("scores", front.addLinear(g, fit([data.y ?? new Float64Array(data.rows)])));
      tick(options, 1);
      return g.finish();
    }
    const classes = classesOf(data);
    const outputs = classes.labels.length === 2 ? [1] : classes.labels.map((_, k) => k);
    const m = fit(outputs.map((k) => Float64Array.from(classes.y, (c) => (c === k ? 1 : -1))));
    const g = makeGraph({ learner: "ridge", task, featureNames: data.features, labels: classes.labels });
    decide(g, front.addLinear(g, m), classes, { one: "none", many: "none" });
    tick(options, 1);
    return g.finish();
  },
};
