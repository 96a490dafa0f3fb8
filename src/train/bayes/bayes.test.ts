import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../passes/evaluate.js";
import { classesOf } from "../scale/classes.js";
import { clouds, rowsOf, seeded } from "../scale/testing.js";
import { fitLda } from "./lda.js";
import { naiveBayes } from "./naive-bayes.js";

const near = (a: number, b: number, by = 1e-9): void => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);
const tiny = { features: ["x"], x: Float64Array.of(0, 2, 5, 7, 9), rows: 5, y: Float64Array.of(0, 0, 1, 1, 1), classes: ["low", "high"] };

const density = (v: number, mean: number, variance: number): number => Math.exp(-((v - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);

test("naive Bayes by hand: means 1 and 7, variances 1 and 8/3, priors 2/5 and 3/5", () => {
  const g = naiveBayes.learn(tiny, "classification", { smoothing: 1e-15 }, seeded);
  for (const v of [0, 2.5, 3, 4, 10]) {
    const [a, b] = [0.4 * density(v, 1, 1), 0.6 * density(v, 7, 8 / 3)];
    const { label, scores } = evaluate(g, [v]);
    near(scores[1]!, b / (a + b));
    assert.equal(label, b > a ? 1 : 0);
  }
});

test("smoothing adds a part of the largest variance", () => {
  const g = naiveBayes.learn(tiny, "classification", { smoothing: 0.01 }, seeded);
  const { r } = g.nodes[0]!.attrs as { r: Float64Array };
  // Variance of 0, 2, 5, 7, 9 is 10.64.
  near(1 / (2 * r[0]! ** 2), 1 + 0.1064, 1e-9);
});

test("linear discriminants by hand: one feature, the border between the means shifted by the priors", () => {
  const m = fitLda(tiny.x, 1, classesOf(tiny), 0);
  // Pooled variance (2 + 8) / (5 - 2); w = (7 - 1) / variance; b = -(49 - 1) / 2 / variance + log(3 / 2).
  const variance = 10 / 3;
  near(m.w[0]!, 6 / variance);
  near(m.b[0]!, -24 / variance + Math.log(1.5));
});

test("discriminants do not change with the units of the features, and stand a doubled one", () => {
  const d = clouds(60, 3, 3, 1, 2);
  const c = classesOf(d);
  const plain = fitLda(d.x, 3, c, 0);
  const units = fitLda(d.x.map((v, at) => v * 10 ** (at % 3)), 3, c, 0);
  plain.w.forEach((v, at) => near(units.w[at]! * 10 ** (at % 3), v, 1e-6 * Math.max(1, Math.abs(v))));
  const doubled = fitLda(Float64Array.from(rowsOf(d).flatMap((r) => [...r, r[0]!])), 4, c, 0);
  rowsOf(d).forEach((r) => {
    const score = (m: typeof plain, x: readonly number[], k: number): number => x.reduce((s, v, j) => s + v * m.w[k * m.cols + j]!, m.b[k]!);
    near(score(doubled, [...r, r[0]!], 1) - score(doubled, [...r, r[0]!], 0), score(plain, [...r], 1) - score(plain, [...r], 0), 1e-6);
  });
});

test("full shrinkage takes the features as independent and alike", () => {
  const d = clouds(40, 2, 2, 1, 7);
  const m = fitLda(d.x, 2, classesOf(d), 1);
  const mean = (k: number, j: number): number => { let s = 0; for (let r = 0; r < 40; r++) if (d.y![r] === k) s += d.x[r * 2 + j]! / 20; return s; };
  near(m.w[0]! / m.w[1]!, (mean(1, 0) - mean(0, 0)) / (mean(1, 1) - mean(0, 1)), 1e-9);
});
