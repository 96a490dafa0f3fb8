import assert from "node:assert/strict";
import { test } from "node:test";
import { predictionsCsv } from "./predictions.js";

test("labels, then scores, with every digit and with what CSV needs quoted", () => {
  assert.equal(predictionsCsv([{ answer: "dark, \"red\"", scores: [0.1, 1 / 3] }, { answer: 7, scores: [-0, 1e-20] }], true),
    'label,score_0,score_1\n"dark, ""red""",0.1,0.3333333333333333\n7,0,1e-20\n');
});

test("a regression has values only", () => {
  assert.equal(predictionsCsv([{ answer: 1.5, scores: [1.5] }], false), "value\n1.5\n");
  assert.equal(predictionsCsv([], true), "label\n");
});
