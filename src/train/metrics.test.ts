import assert from "node:assert/strict";
import { it } from "node:test";
import { evaluateAnswers } from "./evaluate.js";
import { regressionErrors, rocOf, wilson } from "./metrics.js";
import { makeRandom } from "./random.js";

const near = (a: number, b: number, by = 1e-4): void => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);

it("Wilson's interval as in the literature", () => {
  // Newcombe 1998, table I: 81 of 263, 0 of 20, 1 of 29.
  const [a, b, c] = [wilson(81, 263), wilson(0, 20), wilson(1, 29)];
  near(a.low, 0.2553); near(a.high, 0.3662);
  near(b.low, 0); near(b.high, 0.1611);
  near(c.low, 0.0061); near(c.high, 0.1718);
  assert.deepEqual([wilson(5, 5).high, wilson(0, 0).high], [1, 1]);
});

it("the area under the curve counts pairs in the right order, ties half", () => {
  const r = makeRandom(3);
  const scores = Array.from({ length: 80 }, () => Math.round(r.normal() * 4));
  const positive = scores.map((s) => s + r.normal() * 4 > 1);
  let [right, pairs] = [0, 0];
  scores.forEach((a, i) => scores.forEach((b, j) => { if (positive[i] && !positive[j]) { pairs++; right += a > b ? 1 : a === b ? 0.5 : 0; } }));
  const roc = rocOf(scores, positive, scores.map((s) => s > 0), "yes");
  near(roc?.auc.value ?? 0, right / pairs, 1e-12);
  assert.ok((roc?.auc.low ?? 1) < right / pairs && (roc?.auc.high ?? 0) > right / pairs);
  const own = roc?.points.find((p) => p.threshold === 0.5);
  assert.deepEqual([roc?.own.truePositive, roc?.own.falsePositive], [own?.truePositive, own?.falsePositive]);
  assert.equal(rocOf([1, 2], [true, true], [true, true], ""), null);
});

it("choices hold what they promise", () => {
  const scores = Array.from({ length: 300 }, (_, i) => i);
  const roc = rocOf(scores, scores.map((s) => s >= 200 || s % 50 === 7), scores.map(() => false), 1);
  for (const c of roc?.choices ?? []) {
    const alarms = /at most (\d+) %/.exec(c.why)?.[1];
    if (alarms) assert.ok(c.falsePositive <= Number(alarms) / 100);
  }
  assert.equal(roc?.own.truePositive, 0);
});

it("bootstrap intervals are seeded and hold the figure", () => {
  const r = makeRandom(9);
  const truth = Array.from({ length: 60 }, () => r.normal() * 5);
  const answers = truth.map((t) => t + r.normal());
  const [a, b] = [regressionErrors(truth, answers, 4), regressionErrors(truth, answers, 4)];
  assert.deepEqual(a, b);
  for (const i of [a.meanAbsolute, a.rootMeanSquare, a.rSquared]) assert.ok(i && i.low < i.value && i.value < i.high);
  assert.equal(regressionErrors([3, 3, 3], [1, 2, 3], 0).rSquared, null);
  near(a.meanAbsolute?.value ?? 0, truth.reduce((s, t, i) => s + Math.abs(t - (answers[i] ?? 0)), 0) / 60, 1e-12);
});

it("labels the model does not know are wrong, numbers are found by value", () => {
  const scores = [Float64Array.of(1, 0), Float64Array.of(0, 1), Float64Array.of(0, 1)];
  const q = evaluateAnswers([1, 2], { labels: [0, 1, 1], scores }, { task: "classification", labels: ["1.0", "2", "7"], normal: null, seed: 0 });
  assert.ok(q.kind === "classification");
  near(q.accuracy.value, 2 / 3);
  assert.deepEqual(q.confusion, [[1, 0], [0, 1]]);
  assert.equal(q.classes[1]?.precision, 1);
});

it("anomalies: -1 is strange, low scores are strange", () => {
  const q = evaluateAnswers([-1, 1], { labels: [0, 1, 1], scores: [-2, 1, 2].map((v) => Float64Array.of(v)) }, { task: "anomaly", labels: ["worn", "ok", "ok"], normal: "ok", seed: 0 });
  assert.ok(q.kind === "classification" && q.roc);
  assert.deepEqual([q.accuracy.value, q.roc.auc.value, q.labels], [1, 1, ["normal", "anomaly"]]);
  assert.deepEqual(evaluateAnswers([-1, 1], { labels: [0, 1], scores: [Float64Array.of(-1), Float64Array.of(1)] }, { task: "anomaly", labels: null, normal: null, seed: 0 }), { kind: "counts", rows: 2, labels: ["normal", "anomaly"], answers: [1, 1] });
});
