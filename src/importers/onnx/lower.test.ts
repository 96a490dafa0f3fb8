/** ONNX files of skl2onnx against the answers of scikit-learn. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { evaluate } from "../../passes/evaluate.js";
import { compare, fixtures, importFile, near, readRows, readTruth, shared, type Truth } from "../testing.js";

const folder = fixtures("onnx");
for (const file of readdirSync(folder).filter((f) => f.endsWith(".truth.json"))) {
  const truth = readTruth(new URL(file, folder));
  test(truth.case, () => {
    const graph = importFile(new URL(truth.file, folder));
    compare(graph, truth, readRows(new URL(truth.csv, folder)));
    assert.equal(graph.task, truth.task);
  });
}

test("KMeans prints the distance to every centre", () => {
  const truth = readTruth(new URL("kmeans.truth.json", folder)) as Truth & { readonly distance: readonly number[] };
  const graph = importFile(new URL(truth.file, folder));
  readRows(new URL(truth.csv, folder)).forEach((row, i) => near([Math.min(...evaluate(graph, row).scores)], [truth.distance[i] ?? NaN], 1e-5, `row ${i}`));
});

const sk191 = shared("classical/sk191/");
for (const set of ["iris", "rgb", "wine"]) {
  for (const model of ["dt", "rf", "et", "gb", "lsvc", "svcl", "svcr", "svcp", "gnb", "lr", "mlp", "lda", "knn"]) {
    const at = sk191 ? new URL(`${set}/`, sk191) : null;
    test(`shared ${set}/${model}.onnx`, { skip: at === null || !existsSync(new URL(`${model}.onnx`, at)) }, () => {
      if (at === null) return;
      const pred = readRows(new URL(`${model}.pred.csv`, at));
      const rows = readRows(new URL(["dt", "rf", "et", "gb"].includes(model) ? "test_raw.csv" : "test_scaled.csv", at)).map((r) => r.slice(0, -1));
      const truth: Truth = { case: `${set}/${model}`, file: model, csv: "", task: null, expect: "same", label: pred.map((r) => r[0] ?? -1), proba: pred.map((r) => r.slice(1)) };
      compare(importFile(new URL(`${model}.onnx`, at)), truth, rows, 1e-4);
    });
  }
}
