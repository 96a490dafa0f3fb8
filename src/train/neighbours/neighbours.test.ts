import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { evaluate } from "../../passes/evaluate.js";
import { makeRandom } from "../random.js";
import { classesOf } from "../scale/classes.js";
import { clouds, rowOf, rowsOf, seeded } from "../scale/testing.js";
import { centroid } from "./centroid.js";
import { condensed, prototypes } from "./condense.js";
import { knn } from "./knn.js";

const data = clouds(150, 3, 3, 1.5, 11);
const nothing = (): void => undefined;

test("the vote of the k nearest, counted by hand", () => {
  const g = knn.learn(data, "classification", { k: 3, scaling: "none" }, seeded);
  for (let q = 0; q < 20; q++) {
    const row = rowOf(data, q * 7).map((v) => v + 0.3);
    const near = rowsOf(data).map((r, i) => ({ i, d: r.reduce((s, v, j) => s + (v - row[j]!) ** 2, 0) })).sort((a, b) => a.d - b.d).slice(0, 3);
    const votes = [0, 1, 2].map((c) => near.filter((n) => data.y![n.i] === c).length);
    assert.equal(evaluate(g, row).label, votes.indexOf(Math.max(...votes)));
  }
});

test("condensed rows are rows, name every class and keep to the budget", () => {
  const p = { x: data.x, y: classesOf(data).y, features: 3 };
  for (const budget of [3, 10, 150]) {
    const kept = condensed(p, budget, makeRandom(1), nothing);
    assert.ok(kept.y.length <= budget);
    assert.deepEqual([...new Set(kept.y)], [0, 1, 2]);
    for (let r = 0; r < kept.y.length; r++) assert.ok(rowsOf(data).some((row, i) => data.y![i] === kept.y[r] && row.every((v, j) => v === kept.x[r * 3 + j])));
  }
});

test("prototypes meet the budget exactly and are sorted by class", () => {
  for (const budget of [3, 8, 20]) {
    const made = prototypes({ x: data.x, y: classesOf(data).y, features: 3 }, budget, makeRandom(1), nothing);
    assert.equal(made.y.length, budget);
    assert.ok(made.y.every((c, i) => i === 0 || c >= made.y[i - 1]!));
    assert.ok(made.x.every(Number.isFinite));
  }
});

/** Part of the rows that get their own class. */
function share(hyper: Record<string, number | string>): number {
  const g = knn.learn(data, "classification", hyper, seeded);
  return rowsOf(data).filter((r, i) => evaluate(g, r).label === data.y![i]).length / data.rows;
}

test("a budget loses little where classes are clouds", () => {
  const full = share({});
  assert.ok(share({ budget: 9 }) > full - 0.06);
  assert.ok(share({ budget: 30, method: "condensed" }) > full - 0.06);
});

test("a mean of neighbours in regression, and of condensed ones", () => {
  const y = Float64Array.from(rowsOf(data), (r) => 3 * r[0]! - r[1]!);
  const values = { ...data, y, classes: [] };
  const g = knn.learn(values, "regression", { k: 1 }, seeded);
  rowsOf(data).forEach((r, i) => assert.ok(Math.abs(evaluate(g, r).scores[0]! - y[i]!) < 1e-9));
  const few = knn.learn(values, "regression", { budget: 20 }, seeded);
  const spread = Math.sqrt(y.reduce((s, v) => s + v * v, 0) / 150);
  const error = Math.sqrt(rowsOf(data).reduce((s, r, i) => s + (evaluate(few, r).scores[0]! - y[i]!) ** 2, 0) / 150);
  assert.ok(error < 0.5 * spread, `${error} of ${spread}`);
});

test("budgets below the number of classes and k above the rows are refused", () => {
  for (const hyper of [{ budget: 2 }, { k: 200 }]) assert.throws(() => knn.learn(data, "classification", hyper, seeded), CoincellError);
});

test("nearest centroid: the mean that is nearest", () => {
  const g = centroid.learn(data, "classification", { scaling: "none" }, seeded);
  const means = [0, 1, 2].map((c) => [0, 1, 2].map((j) => rowsOf(data).filter((_, i) => data.y![i] === c).reduce((s, r) => s + r[j]! / 50, 0)));
  rowsOf(data).forEach((r) => {
    const d = means.map((m) => m.reduce((s, v, j) => s + (v - r[j]!) ** 2, 0));
    assert.equal(evaluate(g, r).label, d.indexOf(Math.min(...d)));
  });
});
