/** ONNX files of skl2onnx against the answers of scikit-learn. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
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

interface Blob { readonly name: string; readonly shape: readonly number[]; readonly dtype: string; readonly offset?: number; readonly values?: readonly string[] }

/** One tensor of a shared fixture, as rows. */
function blob(b: Blob, bin: Buffer): (number | string)[][] {
  const width = b.shape.slice(1).reduce((p, d) => p * d, 1);
  const at = b.offset ?? 0;
  const read = (i: number): number | string => b.values?.[i] ?? (b.dtype === "int64" ? Number(bin.readBigInt64LE(at + 8 * i)) : bin.readFloatLE(at + 4 * i));
  return Array.from({ length: b.shape[0] ?? 0 }, (_, r) => Array.from({ length: width }, (__, c) => read(r * width + c)));
}

const onnx = shared("onnx/");
// The others are networks: network.test.ts.
for (const file of onnx ? readdirSync(onnx).filter((f) => /^(skl|xgb|lgb).*\.onnx$/.test(f)) : []) {
  test(`shared ${file}`, () => {
    if (onnx === null) return;
    const about = JSON.parse(readFileSync(new URL(file.replace(".onnx", ".json"), onnx), "utf8")) as { readonly inputs: readonly Blob[]; readonly outputs: readonly Blob[] };
    const bin = readFileSync(new URL(file.replace(".onnx", ".bin"), onnx));
    const graph = importFile(new URL(file, onnx));
    const [input] = about.inputs;
    const outs = about.outputs.map((b) => ({ b, rows: blob(b, bin) }));
    if (!input) return;
    blob(input, bin).forEach((row, i) => {
      const got = evaluate(graph, row.map(Number));
      for (const { b, rows } of outs) {
        const want = rows[i] ?? [];
        if (/label/.test(b.name)) assert.equal(String(graph.labels[got.label]), String(want[0]), `row ${i}`);
        else near(got.scores, want.map(Number), 2e-5, `row ${i}`);
      }
    });
  });
}
