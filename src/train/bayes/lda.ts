/** Linear discriminant analysis: one covariance for all classes, shrunk towards independent features where asked. Source: Hastie et al., Elements of Statistical Learning, 4.3. */
import { makeGraph } from "../graph.js";
import type { Learner } from "../learner.js";
import { classesOf, type Classes } from "../scale/classes.js";
import { decide, tick } from "../scale/decide.js";
import { componentsHyper, makeFront, scalingHyper, type Matrix } from "../scale/front.js";
import { eigen, scatter } from "../scale/matrix.js";
import { checkData, readHyper } from "../check.js";
import { exactLog } from "../exact-math.js";
import { momentsOf } from "./naive-bayes.js";

/** Directions in which the rows vary less than this part of their deviation within the classes are left out, as scikit-learn's svd does. */
const FLAT = 1e-8;

/** w_c = S^-1 m_c, b_c = log prior - m_c' w_c / 2; two classes: the difference of the second and the first. */
export function fitLda(x: Float64Array, features: number, c: Classes, shrinkage: number): Matrix {
  const k = c.counts.length;
  const { mean } = momentsOf(x, features, c);
  const centred = x.map((v, at) => v - mean[c.y[Math.floor(at / features)]! * features + (at % features)]!);
  const rows = c.y.length;
  const s = scatter(centred, rows, features, Math.max(1, rows - k));
  const spread = Float64Array.from({ length: features }, (_, j) => s[j * (features + 1)]!).reduce((a, v) => a + v, 0) / features;
  for (let i = 0; i < features; i++) for (let j = 0; j < features; j++) s[i * features + j] = (1 - shrinkage) * s[i * features + j]! + (i === j ? shrinkage * spread : 0);
  // Units of the deviation within the classes, so that "flat" has a meaning.
  const unit = Float64Array.from({ length: features }, (_, j) => (s[j * (features + 1)]! > 0 ? 1 / Math.sqrt(s[j * (features + 1)]!) : 1));
  const { values, vectors } = eigen(s.map((v, at) => v * unit[Math.floor(at / features)]! * unit[at % features]!), features);
  const rank = values.filter((v) => v > FLAT).length;
  const w = new Float64Array(k * features);
  const b = new Float64Array(k);
  for (let cls = 0; cls < k; cls++) {
    for (let e = 0; e < rank; e++) {
      let along = 0;
      for (let j = 0; j < features; j++) along += vectors[e * features + j]! * unit[j]! * mean[cls * features + j]!;
      for (let j = 0; j < features; j++) w[cls * features + j]! += (along / values[e]!) * vectors[e * features + j]! * unit[j]!;
    }
    b[cls] = exactLog(c.counts[cls]! / rows);
    for (let j = 0; j < features; j++) b[cls]! -= 0.5 * mean[cls * features + j]! * w[cls * features + j]!;
  }
  if (k > 2) return { rows: k, cols: features, w, b };
  return { rows: 1, cols: features, w: Float64Array.from({ length: features }, (_, j) => w[features + j]! - w[j]!), b: Float64Array.of(b[1]! - b[0]!) };
}

const hyper = {
  shrinkage: { default: 0, values: [0, 0.01, 0.1, 0.3], doc: "0: the covariance as measured; 1: features taken as independent; between for few rows" },
  scaling: scalingHyper,
  components: componentsHyper,
} as const;

export const lda: Learner = {
  name: "lda",
  title: "Linear discriminant analysis",
  tasks: ["classification"],
  hyper,
  learn: (data, task, values, options) => {
    checkData(data, task);
    const h = readHyper("lda", hyper, values);
    tick(options, 0);
    const classes = classesOf(data);
    const front = makeFront(data, h);
    const m = fitLda(front.x, front.features, classes, h.number("shrinkage", 0, 1));
    const g = makeGraph({ learner: "lda", task, featureNames: data.features, labels: classes.labels });
    decide(g, front.addLinear(g, m), classes, { one: "logistic_pair", many: "softmax" });
    tick(options, 1);
    return g.finish();
  },
};
