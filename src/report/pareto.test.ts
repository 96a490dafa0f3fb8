/** What a reader of a search sees: figures that line up, why this one was chosen, and a page that breaks where it may. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { paretoPage } from "./pareto-html.js";
import { paretoText, scoreText, validatedText } from "./pareto.js";
import type { FitCandidate, FitReport } from "./pareto-types.js";

const candidate = (over: Partial<FitCandidate>): FitCandidate => ({
  id: "a", model: "svm", board: "attiny85", task: "classification", family: "svm", hyper: { kernel: "linear" }, goal: "speed", input: "auto", choice: { inputType: "u8" }, fits: true, equal: true, difference: null, binds: [], front: true,
  flash: { model: 900, harness: 44, total: 944, limit: 8192 }, ram: { static: 0, input: 3, stack: 9, total: 12, limit: 512 }, cycles: { min: 1, mean: 480, max: 500 }, microseconds: { min: 1, mean: 60, max: 63 },
  samples: 70, testRows: 70, validated: 0.9579, tested: 0.97, figures: [], energy: { microjoules: { low: 0.4, typical: 0.44, high: 0.6 }, battery: null }, behind: 0.0013, doubt: 0.005, ...over,
} as unknown as FitCandidate);

const best = candidate({});
const report: FitReport = {
  board: "attiny85", data: "examples/gesture/train.csv", test: null, task: "classification", measure: "accuracy", mode: "front", seed: 1, rows: { train: 784, test: 70 },
  limits: { flash: null, ram: null, stack: null, latency: null, battery: null }, best, why: ["1 that fits validates better"], also: ["validates best, by 0.13 %: <svm>"],
  candidates: [best, candidate({ id: "b", validated: 0.96, tested: 1, front: false, behind: 0, doubt: 0 })], pruned: [], counts: { trained: 2, measured: 2, fromStore: 0, failed: 0 }, seconds: 1, stopped: null, energyBasis: [], notes: [],
};

test("shares have two decimals, and only what is all of it reads 100", () => {
  assert.deepEqual([0.95, 0.9592, 1, 0.999_99].map((v) => scoreText("classification", v)), ["95.00 %", "95.92 %", "100.00 %", "99.99 %"]);
  assert.equal(scoreText("regression", 0.5), "R² 0.5000");
});

test("the figure that ranks, its distance from the best, and the other good choices are said", () => {
  assert.equal(validatedText(best), "95.79 % cross-validated, 0.13 % behind the best with a standard error of 0.50 %");
  assert.equal(validatedText(candidate({ behind: 0 })), "95.79 % cross-validated");
  const text = paretoText(report, { colour: false, columns: 120 });
  assert.match(text, /why not better 1 that fits validates better\n +also +validates best, by 0\.13 %: <svm>/);
  assert.match(text, /95\.79 % +97\.00 %.*\n.*96\.00 % +100\.00 %/);
});

test("the page: the path breaks after slashes, the other choices are escaped, the plot starts with what decides", () => {
  const page = paretoPage(report);
  assert.match(page, /<h1>examples\/<wbr>gesture\/<wbr>train\.csv<wbr> on attiny85<\/h1>/);
  assert.match(page, /Other good choices.*0\.13 %: &lt;svm&gt;/s);
  assert.match(page, /<option value="energy" selected>/);
  assert.match(paretoPage({ ...report, best: candidate({ energy: null }) }), /<option value="flash" selected>/);
  assert.doesNotMatch(paretoPage({ ...report, also: [] }), /Other good choices/);
});
