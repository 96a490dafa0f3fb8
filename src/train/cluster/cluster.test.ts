import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { evaluate } from "../../passes/evaluate.js";
import { makeRandom } from "../random.js";
import { clouds, rowsOf, seeded } from "../scale/testing.js";
import { learners } from "./index.js";
import { kMeans, squaredDistance } from "./k-means.js";

const [kmeans] = learners;
const data = clouds(120, 2, 3, 6, 5);

test("two groups on a line, by hand", () => {
  const found = kMeans({ x: Float64Array.of(0, 1, 10, 11, 12), rows: 5, features: 1 }, 2, 3, makeRandom(2), () => undefined);
  assert.deepEqual([...found.centres].sort((a, b) => a - b), [0.5, 11]);
  assert.equal(found.inertia, 2.5);
});

test("every row is at its nearest centre, every centre the mean of its rows", () => {
  const found = kMeans({ x: data.x, rows: 120, features: 2 }, 5, 4, makeRandom(1), () => undefined);
  for (let r = 0; r < 120; r++) {
    const d = Array.from({ length: 5 }, (_, c) => squaredDistance(data.x, r, found.centres, c * 2, 2));
    assert.equal(found.of[r], d.indexOf(Math.min(...d)));
  }
  for (let c = 0; c < 5; c++) for (let j = 0; j < 2; j++) {
    const own = rowsOf(data).filter((_, r) => found.of[r] === c);
    assert.ok(Math.abs(own.reduce((s, row) => s + row[j]!, 0) / own.length - found.centres[c * 2 + j]!) < 1e-9);
  }
});

test("as many centres as rows, and rows that repeat", () => {
  const found = kMeans({ x: Float64Array.of(1, 1, 1, 2), rows: 4, features: 1 }, 4, 1, makeRandom(1), () => undefined);
  assert.equal(found.inertia, 0);
  assert.throws(() => kmeans!.learn({ ...data, rows: 3, x: data.x.slice(0, 6), y: null }, "clustering", { clusters: 4 }, seeded), CoincellError);
});

test("separate clouds become clusters of one class each", () => {
  const g = kmeans!.learn(data, "clustering", { clusters: 3 }, seeded);
  const seen = new Map<number, Set<number>>();
  rowsOf(data).forEach((r, i) => { const c = evaluate(g, r).label; seen.set(c, (seen.get(c) ?? new Set()).add(data.y![i]!)); });
  assert.equal(seen.size, 3);
  assert.ok([...seen.values()].every((s) => s.size === 1));
});

test("the border leaves the asked share of rows outside", () => {
  const g = kmeans!.learn({ ...data, y: null }, "anomaly", { contamination: 0.05 }, seeded);
  assert.equal(rowsOf(data).filter((r) => g.labels[evaluate(g, r).label] === -1).length, 6);
});
