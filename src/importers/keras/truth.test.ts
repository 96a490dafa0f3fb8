/** Networks of Keras 2 and 3 and of TensorFlow.js against Keras' own answers (`bench/fixtures/make_keras.py`). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { evaluateAll } from "../../passes/evaluate.js";
import { importFile, near } from "../testing.js";

const folder = new URL("../../../test/fixtures/keras/", import.meta.url);

interface Row { readonly x: readonly number[]; readonly y: readonly (readonly number[])[] }

for (const major of [2, 3]) {
  const truth = JSON.parse(readFileSync(new URL(`truth_${major}.json`, folder), "utf8")) as Readonly<Record<string, readonly Row[]>>;
  for (const [file, rows] of Object.entries(truth)) {
    test(file, () => {
      const graph = importFile(new URL(file, folder));
      const outputs = graph.outputs.filter((o) => o.role !== "label").map((o) => o.tensor);
      for (const [i, { x, y }] of rows.entries()) {
        const values = evaluateAll(graph, x);
        assert.equal(outputs.length, y.length, "outputs");
        outputs.forEach((t, k) => near(values[t] ?? [], y[k] ?? [], 1e-5, `${file} row ${i} output ${k}`));
      }
    });
  }
}
