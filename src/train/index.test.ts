import assert from "node:assert/strict";
import { it } from "node:test";
import { CoincellError } from "../ir/diagnostics.js";
import { chooseTask, findLearner, learners, parseHyper, taskFor, trainingSet } from "./index.js";
import type { Dataset } from "../data/dataset.js";

const wrong = (code: string, text: RegExp) => (e: unknown): boolean => e instanceof CoincellError && e.diagnostic.code === code && text.test(e.message);

const data = (labels: readonly string[] | null): Dataset => {
  const rows = labels?.length ?? 4;
  return { file: "d.csv", features: ["a"], rows, x: Float64Array.from({ length: rows }, (_, i) => i), label: labels && "label", labels, groups: null, parts: null, places: Array.from({ length: rows }, (_, i) => `d.csv: line ${i + 2}`), problems: [] };
};

it("every learner has a name of its own and defaults among plain values", () => {
  assert.equal(new Set(learners.map((l) => l.name)).size, learners.length);
  for (const l of learners) assert.ok(/^[a-z][a-z0-9-]*$/.test(l.name) && l.tasks.length > 0 && l.title !== "", l.name);
});

it("near names are offered", () => {
  assert.throws(() => findLearner("forrest"), wrong("train/unknown-model", /Did you mean forest/));
  const forest = findLearner("forest");
  assert.throws(() => parseHyper(forest, { dept: "3" }), wrong("train/unknown-hyper", /Did you mean depth/));
  assert.deepEqual(parseHyper(forest, { DEPTH: "3", criterion: "gini" }), { depth: 3, criterion: "gini" });
  assert.throws(() => taskFor(forest, "anomaly"), wrong("train/wrong-task", /isolation-forest/));
});

it("the task follows the labels", () => {
  const forest = findLearner("forest");
  assert.equal(chooseTask(forest, data(["x", "y", "x", "y"])).task, "classification");
  assert.equal(chooseTask(forest, data(["0.5", "1", "2", "3"])).task, "regression");
  assert.deepEqual(chooseTask(findLearner("isolation-forest"), data(["ok", "bad", "bad", "ok"])).normal, "ok");
  assert.equal(chooseTask(findLearner("isolation-forest"), data(["0", "1", "1", "-1"]), undefined, "0").normal, "0");
  assert.throws(() => chooseTask(findLearner("isolation-forest"), data(["a", "b"]), undefined, "c"), wrong("train/no-normal", /Labels: a, b/));
});

const choice = (task: "classification" | "regression") => ({ task, normal: null, notes: [] });

it("what cannot be learnt from is said with its line", () => {
  assert.throws(() => trainingSet(data(["x", "x"]), choice("classification")), wrong("train/one-class", /"x"/));
  assert.throws(() => trainingSet(data(["a", "b", "c"]), choice("classification")), wrong("train/too-few-rows", /3 rows for 3 classes/));
  assert.throws(() => trainingSet(data(["1", "b"]), choice("regression")), wrong("train/text-target", /line 3/));
  assert.throws(() => trainingSet(data(null), choice("regression")), wrong("train/no-target", /--label/));
  const normal = trainingSet(data(["ok", "bad", "ok"]), { task: "anomaly", normal: "ok", notes: [] });
  assert.deepEqual([normal.rows, [...normal.x], normal.y], [2, [0, 2], null]);
});
