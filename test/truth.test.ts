/** Every fixture model, imported and evaluated in double precision, against the library that made it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { importModel } from "../src/importers/index.js";
import type { AnyNode, Attrs, Graph } from "../src/ir/types.js";
import { assertDiagnostic, assertTruth, refusal } from "./support/compare.js";
import { allFixtures, badFiles, graphOf, rowsOf, type Fixture } from "./support/fixtures.js";

/** Cases of `expect: same` that are refused on purpose; all others must be answered. Case to reason. */
const REFUSED: ReadonlyMap<string, string> = new Map();

for (const f of allFixtures()) {
  test(f.id, (t) => {
    let graph: Graph | null = null;
    const refused = refusal(() => { graph = graphOf(f); });
    if (refused) assertDiagnostic(refused, f.id);
    if (f.truth.expect === "refuse") return assert.ok(refused, `${f.id}: was accepted`);
    if (refused && f.truth.expect === "either") return;
    if (refused) return t.skip(`${refused.code}: ${refused.what}${REFUSED.has(f.truth.case) ? "" : " (NOT SUPPORTED YET)"}`);
    assertTruth(graph as unknown as Graph, f.truth, rowsOf(f));
  });
}

for (const url of badFiles()) {
  test(`refused: ${url.pathname.split("/").at(-1)}`, () => {
    const d = refusal(() => importModel(readFileSync(url), url.pathname));
    assert.ok(d, "was accepted");
    assertDiagnostic(d, url.pathname);
  });
}
