/** Every fixture model, imported and evaluated in double precision, against the library that made it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { importModel } from "../src/importers/index.js";
import type { AnyNode, Attrs, Graph } from "../src/ir/types.js";
import { assertDiagnostic, assertTruth, refusal } from "./support/compare.js";
import { allFixtures, badFiles, fixture, graphOf, rowsOf } from "./support/fixtures.js";

/** Cases of `expect: same` that are refused all the same: fixture, code of the refusal, reason. Nothing else may be. */
const REFUSED: readonly (readonly [RegExp, string, string])[] = [
  [/versions\/1\.[1-5]\.\d\/ada$/, "sklearn/unsupported-estimator", "AdaBoost's SAMME.R is gone since scikit-learn 1.6"],
  [/sklearn\/dummy_/, "sklearn/unsupported-estimator", "a constant needs no model"],
  [/sklearn\/lr_ovr$/, "sklearn/unsupported-estimator", "OneVsRestClassifier"],
  [/sklearn\/pipe_minmax_clip$/, "sklearn/unsupported-option", "no operator limits values yet"],
  [/\.(bz2|xz|lzma)\.joblib$/, "sklearn/unsupported-compression", "no small library for it"],
];

for (const f of allFixtures()) {
  test(f.id, (t) => {
    let graph: Graph | null = null;
    const refused = refusal(() => { graph = graphOf(f); });
    if (refused) assertDiagnostic(refused, f.id);
    if (f.truth.expect === "refuse") return assert.ok(refused, `${f.id}: was accepted`);
    if (refused && f.truth.expect === "either") return;
    if (!refused) return assertTruth(graph as unknown as Graph, f.truth, rowsOf(f));
    const listed = REFUSED.find(([id]) => id.test(f.id));
    assert.equal(refused.code, listed?.[1] ?? "an answer", `${f.id}: ${refused.what}`);
    t.skip(`${refused.code}: ${listed?.[2]}`);
  });
}

/** Every array of numbers that decides a score. */
function* faults(graph: Graph): Generator<readonly [string, Graph]> {
  for (const [n, node] of graph.nodes.entries()) {
    for (const [name, v] of Object.entries(node.attrs)) {
      if (!(v instanceof Float64Array) || name === "threshold" || !v.some((x) => x !== 0)) continue;
      const attrs: Attrs = { ...node.attrs, [name]: v.map((x) => x * 1.001) };
      yield [`${node.op}.${name}`, { ...graph, nodes: graph.nodes.map((m, k): AnyNode => (k === n ? { ...m, attrs } : m)) }];
    }
  }
}

/** Numbers that move no answer as long as they move little: the same neighbours stay nearest. */
const INSENSITIVE = new Set(["knnr neighbours.points"]);

test("an importer that gives other numbers is caught", () => {
  let checked = 0;
  for (const id of ["dtr", "rf_str", "gbr", "lr_multi", "ridge", "pipe_standard_lr", "svc_rbf_binary", "svr_rbf", "gnb_multi", "mlpr_tanh", "kmeans", "knnr", "ocsvm_rbf", "qda_multi", "lda_svd_multi"]) {
    const f = fixture(`sklearn/${id}`);
    const rows = rowsOf(f);
    const graph = graphOf(f);
    for (const [what, wrong] of faults(graph)) {
      if (INSENSITIVE.has(`${id} ${what}`)) continue;
      assert.throws(() => assertTruth(wrong, f.truth, rows), { name: "AssertionError" }, `${id}: ${what} was changed by 0.1 % and nobody saw it`);
      checked++;
    }
    if (graph.labels.length < 2) continue;
    assert.throws(() => assertTruth({ ...graph, labels: [...graph.labels].reverse() }, f.truth, rows), { name: "AssertionError" });
  }
  assert.ok(checked >= 15, `${checked} faults`);
});

for (const url of badFiles()) {
  test(`refused: ${url.pathname.split("/").at(-1)}`, () => {
    const d = refusal(() => importModel(readFileSync(url), url.pathname));
    assert.ok(d, "was accepted");
    assertDiagnostic(d, url.pathname);
  });
}
