/** Linear support vector machine, one class against the rest, by dual coordinate descent. Source: Hsieh et al., ICML 2008; liblinear's solve_l2r_l1l2_svc. */
import { makeGraph } from "../graph.js";
import type { Learner, LearnOptions } from "../learner.js";
import { makeRandom, range, type Random } from "../random.js";
import { classesOf } from "../scale/classes.js";
import { decide, tick } from "../scale/decide.js";
import { componentsHyper, makeFront, scalingHyper, type Matrix } from "../scale/front.js";
import { checkData, readHyper } from "../check.js";

/** `sign` is +1 for rows of the class and -1 for the rest; the bias is one more feature, always 1, as in liblinear. */
export interface LinearProblem {
  readonly x: Float64Array;
  readonly features: number;
  readonly sign: Int8Array;
  readonly c: number;
  readonly squared: boolean;
}

const TOLERANCE = 1e-4;
const MOST_ROUNDS = 500;

function shufflePart(items: Int32Array, count: number, random: Random): void {
  for (let i = 0; i < count; i++) {
    const j = i + random.below(count - i);
    const kept = items[i]!;
    items[i] = items[j]!;
    items[j] = kept;
  }
}

/** State of one descent: alpha of the rows, and w = sum of alpha * sign * (x, 1). */
interface Descent { readonly alpha: Float64Array; readonly w: Float64Array; readonly norm: Float64Array; readonly order: Int32Array; active: number }

/** Optimal alpha of one row with all others fixed. Gives the projected gradient, or null where the row is left out from now on. */
function visit(p: LinearProblem, s: Descent, i: number, high: number, low: number): number | null {
  const { x, features: d } = p;
  const [at, y, a] = [i * d, p.sign[i]!, s.alpha[i]!];
  const [upper, diagonal] = p.squared ? [Infinity, 0.5 / p.c] : [p.c, 0];
  let g = s.w[d]!;
  for (let j = 0; j < d; j++) g += s.w[j]! * x[at + j]!;
  g = g * y - 1 + a * diagonal;
  let projected = g;
  if (a === 0) {
    if (g > high) return null;
    projected = Math.min(g, 0);
  } else if (a === upper) {
    if (g < low) return null;
    projected = Math.max(g, 0);
  }
  if (Math.abs(projected) > 1e-12) {
    const next = Math.min(Math.max(a - g / (s.norm[i]! + diagonal), 0), upper);
    s.alpha[i] = next;
    const step = (next - a) * y;
    for (let j = 0; j < d; j++) s.w[j]! += step * x[at + j]!;
    s.w[d]! += step;
  }
  return projected;
}

/** (features + 1): weights and bias of the hyperplane. */
export function fitHyperplane(p: LinearProblem, random: Random, onRound: (round: number) => void): Float64Array {
  const rows = p.sign.length;
  const d = p.features;
  const s: Descent = { alpha: new Float64Array(rows), w: new Float64Array(d + 1), norm: new Float64Array(rows).fill(1), order: range(rows), active: rows };
  for (let i = 0; i < rows; i++) for (let j = 0; j < d; j++) s.norm[i]! += p.x[i * d + j]! ** 2;
  let [high, low] = [Infinity, -Infinity];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    onRound(round);
    shufflePart(s.order, s.active, random);
    let [top, bottom] = [-Infinity, Infinity];
    for (let k = 0; k < s.active; k++) {
      const i = s.order[k]!;
      const g = visit(p, s, i, high, low);
      if (g === null) {
        s.active--;
        s.order[k] = s.order[s.active]!;
        s.order[s.active] = i;
        k--;
        continue;
      }
      top = Math.max(top, g);
      bottom = Math.min(bottom, g);
    }
    if (top - bottom <= TOLERANCE || s.active === 0) {
      if (s.active === rows) break;
      // What was left out is looked at once more.
      s.active = rows;
      [high, low] = [Infinity, -Infinity];
      continue;
    }
    high = top > 0 ? top : Infinity;
    low = bottom < 0 ? bottom : -Infinity;
  }
  return s.w;
}

/** One row for two classes (above zero is the second), else one per class. */
export function fitLinearSvm(x: Float64Array, y: Int32Array, features: number, classes: number, c: number, squared: boolean, options: LearnOptions): Matrix {
  const rows = classes === 2 ? 1 : classes;
  const w = new Float64Array(rows * features);
  const b = new Float64Array(rows);
  for (let k = 0; k < rows; k++) {
    const own = classes === 2 ? 1 : k;
    const sign = Int8Array.from(y, (v) => (v === own ? 1 : -1));
    const plane = fitHyperplane({ x, features, sign, c, squared }, makeRandom(options.seed).stream(k), (round) => tick(options, (k + round / (round + 50)) / rows));
    w.set(plane.subarray(0, features), k * features);
    b[k] = plane[features]!;
  }
  return { rows, cols: features, w, b };
}

const hyper = {
  C: { default: 1, values: [0.01, 0.1, 1, 10], doc: "price of a row on the wrong side" },
  loss: { default: "squared_hinge", values: ["squared_hinge", "hinge"], doc: "squared_hinge: smooth; hinge: the support vector machine's own" },
  scaling: scalingHyper,
  components: componentsHyper,
} as const;

export const linearSvm: Learner = {
  name: "linear-svm",
  title: "Linear support vector machine",
  tasks: ["classification"],
  hyper,
  learn: (data, task, values, options) => {
    checkData(data, task);
    const h = readHyper("linear-svm", hyper, values);
    const classes = classesOf(data);
    const front = makeFront(data, h);
    const squared = h.word("loss", ["squared_hinge", "hinge"]) === "squared_hinge";
    const m = fitLinearSvm(front.x, classes.y, front.features, classes.labels.length, h.number("C", 1e-9, 1e9), squared, options);
    const g = makeGraph({ learner: "linear-svm", task, featureNames: data.features, labels: classes.labels });
    decide(g, front.addLinear(g, m), classes, { one: "none", many: "none" });
    tick(options, 1);
    return g.finish();
  },
};
