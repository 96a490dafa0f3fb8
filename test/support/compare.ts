/** A graph's answers against the answers of the library that trained it. */
import assert from "node:assert/strict";
import { CoincellError, type Diagnostic } from "../../src/ir/diagnostics.js";
import type { Graph } from "../../src/ir/types.js";
import { evaluate } from "../../src/passes/evaluate.js";
import type { Truth } from "./fixtures.js";

type Column = readonly (number | readonly number[])[];

/** True equals 1 in Python; a file may hold either. */
const text = (v: string | number | boolean | undefined): string => (v === true || v === "true" || v === "True" ? "1" : v === false || v === "false" || v === "False" ? "0" : String(v));

const list = (v: number | readonly number[]): readonly number[] => (typeof v === "number" ? [v] : v);

/** What the scores of a graph stand for: what `predict_proba`, `predict` or `decision_function` prints, in this order. */
function wantedScores(t: Truth): Column | null {
  if (t.proba) return t.proba;
  if (t.task === "regression" || t.task === "transform") return t.value ?? null;
  return t.decision ?? t.distance ?? null;
}

/** Largest |wanted| of each score over all rows: a score near zero is judged by what its column can hold. */
const sizes = (want: Column): number[] => want.map(list).reduce<number[]>((s, row) => row.map((v, k) => Math.max(s[k] ?? 0, Math.abs(v))), []);

function compareScores(got: Float64Array, want: readonly number[], size: readonly number[], tolerance: number, where: string): void {
  // k-means gives the distance to every centre, its truth only the nearest.
  const scores = got.length > 1 && want.length === 1 ? [Math.min(...got)] : [...got];
  assert.equal(scores.length, want.length, `${where}: number of scores`);
  want.forEach((w, k) => {
    const g = scores[k] ?? NaN;
    assert.ok(Math.abs(g - w) <= tolerance * Math.max(Math.abs(w), size[k] ?? 0), `${where}: score ${k} is ${g}, the truth is ${w}`);
  });
}

/** Fails where labels differ (rows in `close` excepted), or any score by more than `tolerance` of its size. */
export function assertTruth(graph: Graph, t: Truth, rows: readonly Float64Array[], tolerance = 1e-5): void {
  const features = graph.tensors[graph.input]?.shape[0];
  assert.equal(rows[0]?.length, features, `${t.case}: number of features`);
  if (t.task !== null) assert.equal(graph.task, t.task, `${t.case}: task`);
  if (t.classes) assert.deepEqual(graph.labels.map(text), t.classes.map(text), `${t.case}: class labels`);
  const want = wantedScores(t);
  const size = want ? sizes(want) : [];
  assert.ok(want !== null || t.label !== undefined, `${t.case}: the truth holds no answers`);
  assert.equal((want ?? t.label)?.length, rows.length, `${t.case}: rows of the truth`);
  rows.forEach((row, i) => {
    if (t.close?.includes(i)) return;
    const where = `${t.case} row ${i}`;
    const got = evaluate(graph, row);
    const w = want?.[i];
    if (w !== undefined) compareScores(got.scores, list(w), size, tolerance, where);
    if (t.label) assert.equal(text(graph.labels[got.label]), text(t.label[i]), `${where}: label`);
  });
}

/** A refusal as a user must see it: all four fields say something. */
export function assertDiagnostic(d: Diagnostic, where: string): void {
  assert.match(d.code, /^[a-z0-9-]+\/[a-z0-9-]+$/, `${where}: code "${d.code}"`);
  for (const field of ["where", "what", "cure"] as const) assert.ok(d[field].trim().length > 0, `${where}: ${d.code} has an empty "${field}"`);
  assert.ok(d.cure.length >= 10, `${where}: ${d.code} has no real cure: "${d.cure}"`);
}

/** The diagnostic a call throws, or null where it passes; any other error is a fault and goes on. */
export function refusal(run: () => unknown): Diagnostic | null {
  try {
    run();
    return null;
  } catch (e) {
    if (e instanceof CoincellError) return e.diagnostic;
    throw e;
  }
}
