/** Support vector machines of scikit-learn: labels and scores of the fixtures, nine versions, and what is refused. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { CoincellError } from "../../../ir/diagnostics.js";
import { evaluate } from "../../../passes/evaluate.js";
import { fixtures, importFile, near, readRows, readTruth, type Truth } from "../../../importers/testing.js";

function check(truth: Truth, folder: URL): void {
  const graph = importFile(new URL(truth.file, folder));
  const wanted = truth.proba ?? truth.decision ?? truth.value;
  readRows(new URL(truth.csv, folder)).forEach((row, i) => {
    const got = evaluate(graph, row);
    const where = `${truth.case}, row ${i}`;
    if (truth.label && truth.close?.includes(i) !== true) assert.equal(String(graph.labels[got.label]), String(truth.label[i]), where);
    const w = wanted?.[i];
    if (w !== undefined) near(got.scores, typeof w === "number" ? [w] : w, 1e-7, where);
  });
}

test("labels and scores are scikit-learn's", () => {
  const folder = fixtures("sklearn");
  const names = readdirSync(folder).filter((n) => /^(svc|nusvc|svr|nusvr|ocsvm|pipe_\w*(svc|svr|ocsvm))\w*\.truth\.json$/.test(n) && n !== "svc_precomputed.truth.json");
  assert.ok(names.length >= 20);
  for (const n of names) check(readTruth(new URL(n, folder)), folder);
});

test("nine versions of scikit-learn", () => {
  const root = fixtures("versions");
  for (const v of readdirSync(root, { withFileTypes: true }).filter((d) => d.isDirectory())) {
    const folder = new URL(`${v.name}/`, root);
    for (const c of ["svc_rbf", "svc_proba", "pipe_svc"]) {
      const file = new URL(`${c}.truth.json`, folder);
      if (existsSync(file)) check({ ...readTruth(file), file: `${c}.pkl` }, folder);
    }
  }
});

test("a linear kernel has no support vectors on the device", () => {
  const graph = importFile(new URL("svc_linear_multi.joblib", fixtures("sklearn")));
  assert.deepEqual(graph.nodes.map((n) => n.op).filter((o) => o === "linear" || o === "kernel_machine"), ["linear"]);
});

test("a precomputed kernel is refused with a cure", () => {
  assert.throws(() => importFile(new URL("svc_precomputed.pkl", fixtures("sklearn"))), (e) => e instanceof CoincellError && e.diagnostic.code === "sklearn/unsupported-kernel" && e.diagnostic.cure.includes("rbf"));
});
