import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { evaluate } from "../../passes/evaluate.js";
import { makeRandom } from "../random.js";
import { classesOf } from "../scale/classes.js";
import { scaled, scalingOf } from "../scale/front.js";
import { clouds, line, rowOf, seeded } from "../scale/testing.js";
import { minimise } from "./lbfgs.js";
import { fitHyperplane, fitLinearSvm } from "./linear-svm.js";
import { fitLogistic, logisticGradient, type LogisticProblem } from "./logistic.js";
import { fitRidge, ridge } from "./ridge.js";

const near = (a: number, b: number, by = 1e-9): void => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);

function problem(classes: number, c: number): LogisticProblem {
  const d = clouds(90, 3, classes, 0.8, classes);
  return { x: scaled(d.x, 3, scalingOf(d.x, 90, 3, false)), y: classesOf(d).y, features: 3, classes, c };
}

/** Weights and biases as the gradient takes them. */
function flat(p: LogisticProblem): Float64Array {
  const m = fitLogistic(p, seeded);
  return Float64Array.from({ length: m.rows * (m.cols + 1) }, (_, at) => {
    const [k, j] = [Math.floor(at / (m.cols + 1)), at % (m.cols + 1)];
    return j < m.cols ? m.w[k * m.cols + j]! : m.b[k]!;
  });
}

test("L-BFGS finds the minimum of a stretched bowl", () => {
  const found = minimise({ gradient: (w, g) => w.forEach((v, i) => { g[i] = 10 ** i * (v - i); }), tolerance: 1e-9, maxIterations: 200 }, new Float64Array(5));
  found.w.forEach((v, i) => near(v, i, 1e-8));
});

test("the logistic gradient is that of the loss, and zero at the optimum", () => {
  for (const classes of [2, 3]) {
    const p = problem(classes, 2);
    const size = (classes === 2 ? 1 : classes) * 4;
    const loss = (w: Float64Array): number => {
      let sum = 0;
      p.y.forEach((y, r) => {
        const z = Array.from({ length: classes === 2 ? 1 : classes }, (_, k) => w[k * 4 + 3]! + [0, 1, 2].reduce((s, j) => s + w[k * 4 + j]! * p.x[r * 3 + j]!, 0));
        sum += classes === 2 ? Math.log(1 + Math.exp(z[0]!)) - y * z[0]! : Math.log(z.reduce((s, v) => s + Math.exp(v), 0)) - z[y]!;
      });
      const squares = w.reduce((s, v, at) => s + (at % 4 === 3 ? 0 : v * v), 0);
      return sum / p.y.length + squares / (2 * p.c * p.y.length);
    };
    const at = Float64Array.from({ length: size }, (_, i) => Math.sin(i + 1));
    const g = new Float64Array(size);
    const gradient = logisticGradient(p);
    gradient.at(at, g);
    g.forEach((v, i) => near(v, (loss(at.with(i, at[i]! + 1e-5)) - loss(at.with(i, at[i]! - 1e-5))) / 2e-5, 1e-6));
    const w = flat(p);
    gradient.at(w, g);
    assert.ok(g.every((v) => Math.abs(v) < 1e-5), `${g.join()}`);
    gradient.release();
  }
});

test("logistic regression of one feature by hand: symmetric rows have no bias", () => {
  const m = fitLogistic({ x: Float64Array.of(-1, 1), y: Int32Array.of(0, 1), features: 1, classes: 2, c: 1 }, seeded);
  near(m.b[0]!, 0, 1e-6);
  // The slope solves w = 2 C / (1 + e^w).
  near(m.w[0]!, 2 / (1 + Math.exp(m.w[0]!)), 1e-3);
});

test("ridge solves the normal equations", () => {
  const d = line(50, [1, -2, 3], 7, 0.3, 8);
  for (const alpha of [0, 0.5, 20]) {
    const m = fitRidge(d.x, 50, 3, [d.y!], alpha);
    // (X'X + alpha I) w = X'(y - b) in the features, and a mean residual of zero.
    const residual = Float64Array.from(d.y!, (t, r) => t - m.b[0]! - [0, 1, 2].reduce((s, j) => s + m.w[j]! * d.x[r * 3 + j]!, 0));
    near(residual.reduce((s, v) => s + v, 0), 0, 1e-9);
    for (let j = 0; j < 3; j++) near(residual.reduce((s, v, r) => s + v * d.x[r * 3 + j]!, 0), alpha * m.w[j]!, 1e-8);
  }
});

test("ridge by hand, and features that depend on each other", () => {
  // Rows -1, 1 with targets -2, 2: w = 4 / (2 + alpha).
  near(fitRidge(Float64Array.of(-1, 1), 2, 1, [Float64Array.of(-2, 2)], 2).w[0]!, 1);
  const twice = { features: ["a", "b"], x: Float64Array.of(1, 2, 2, 4, 3, 6), rows: 3, y: Float64Array.of(1, 2, 2), classes: [] };
  assert.throws(() => ridge.learn(twice, "regression", { alpha: 0 }, seeded), (e) => e instanceof CoincellError && e.diagnostic.code === "train/singular");
  assert.ok(evaluate(ridge.learn(twice, "regression", { alpha: 1 }, seeded), rowOf(twice, 1)).scores.every(Number.isFinite));
});

test("dual coordinate descent ends where the primal gradient is zero", () => {
  const d = clouds(80, 3, 2, 0.8, 6);
  const x = scaled(d.x, 3, scalingOf(d.x, 80, 3, false));
  const sign = Int8Array.from(d.y!, (v) => (v === 1 ? 1 : -1));
  const w = fitHyperplane({ x, features: 3, sign, c: 0.7, squared: true }, makeRandom(1), () => undefined);
  // w = 2 C sum of y x (1 - y f) over rows inside the margin; the bias is one of the weights.
  const want = new Float64Array(4);
  sign.forEach((y, r) => {
    const f = [0, 1, 2].reduce((s, j) => s + w[j]! * x[r * 3 + j]!, w[3]!);
    const slack = Math.max(0, 1 - y * f);
    for (let j = 0; j < 4; j++) want[j]! += 2 * 0.7 * slack * y * (j < 3 ? x[r * 3 + j]! : 1);
  });
  w.forEach((v, j) => near(v, want[j]!, 2e-3));
});

test("hinge loss by hand: two rows at distance one from the border", () => {
  const m = fitLinearSvm(Float64Array.of(-1, 1), Int32Array.of(0, 1), 1, 2, 10, false, seeded);
  near(m.w[0]!, 1, 1e-3);
  near(m.b[0]!, 0, 1e-3);
});
