/** Order, fronts, bounds and the space of configurations. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Graph } from "../ir/types.js";
import type { FitCandidate } from "../report/pareto-types.js";
import { learners } from "../train/all.generated.js";
import { graphBound, graphBytes } from "./bounds.js";
import { inherited } from "./pool.js";
import { byMerit, dominates, layers, survivors, trusted, withFront } from "./rank.js";
import { configKey, familiesFor, firstConfigs, neighbourConfigs, neighbours } from "./space.js";

const candidate = (id: string, validated: number, flash: number, cycles: number, over: Partial<FitCandidate> = {}): FitCandidate => ({
  id, validated, agreement: 1, task: "classification", fits: true, binds: [], flash: { model: flash, harness: 0, total: flash, limit: null },
  ram: { static: 0, input: 0, stack: 10, total: 10, limit: null }, cycles: { min: cycles, mean: cycles, max: cycles }, ...over,
} as unknown as FitCandidate);

test("dominance, layers and who survives", () => {
  assert.ok(dominates([1, 2], [1, 1]) && !dominates([1, 1], [1, 1]) && !dominates([2, 0], [1, 1]));
  const points: readonly (readonly [number, number])[] = [[0.9, -10], [0.8, -5], [0.7, -7], [0.95, -50], [0.6, -5]];
  assert.deepEqual(layers(points, (p) => p), [[[0.9, -10], [0.8, -5], [0.95, -50]], [[0.7, -7], [0.6, -5]]]);
  assert.deepEqual(survivors(points, (p) => p, 2), [[0.95, -50], [0.9, -10]]);
});

test("merit: validated less disagreement, then cycles, then flash; what does not fit is not on the front", () => {
  const list = [candidate("a", 0.9, 100, 50), candidate("b", 0.92, 400, 90), candidate("c", 0.93, 100, 10, { agreement: 0.95 }), candidate("d", 0.9, 100, 40), candidate("e", 0.99, 9999, 9, { fits: false })];
  assert.deepEqual(list.toSorted(byMerit).map((c) => c.id), ["e", "b", "d", "a", "c"]);
  assert.ok(Math.abs(trusted(list[2] as FitCandidate) - 0.88) < 1e-12);
  assert.deepEqual(withFront(list).filter((c) => c.front).map((c) => c.id), ["b", "c", "d"]);
});

test("constants alone rule out what cannot fit; scalers and whole numbers do not count", () => {
  const graph = { input: 0, nodes: [
    { name: "s", op: "affine", attrs: { scale: new Float64Array(500), offset: new Float64Array(500) }, inputs: [0], outputs: [1] },
    { name: "l", op: "linear", attrs: { weights: new Float64Array(1000), rows: new Int32Array(1000) }, inputs: [1], outputs: [2] },
  ] } as unknown as Graph;
  assert.equal(graphBytes(graph), 900);
  assert.equal(graphBound(graph, { flashBytes: 1000 }), null);
  assert.deepEqual(graphBound(graph, { flashBytes: 600 }), { limit: "flash", unit: "bytes", value: 900, allowed: 600, over: 300 });
});

test("the space: the default first, families in turns, the same for a seed, nothing twice", () => {
  const families = familiesFor(learners, "classification", ["forest", "tree"]);
  const a = firstConfigs(families, 10, 7);
  assert.deepEqual(a, firstConfigs(families, 10, 7));
  assert.notDeepEqual(a, firstConfigs(families, 10, 8));
  assert.equal(a.length, 20);
  assert.deepEqual(a.slice(0, 4).map((c) => c.family), ["forest", "tree", "forest", "tree"]);
  assert.equal(a[0]?.hyper["trees"], families[0]?.hyper["trees"]?.default);
  assert.equal(new Set(a.map(configKey)).size, 20);
  assert.throws(() => familiesFor(learners, "classification", ["oracle"]), /forest/);
  const [tree] = families.filter((f) => f.name === "tree");
  const near = neighbours({ family: "tree", hyper: { depth: 8, criterion: "gini" } }, tree as NonNullable<typeof tree>);
  assert.deepEqual(near.filter((n) => n.hyper["criterion"] === "gini" && n.hyper["minLeaf"] === undefined).map((n) => n.hyper["depth"]).filter((d) => d !== 8), [6, 10]);
  const some = neighbourConfigs(a, families, new Set(a.map(configKey)), 5, 1);
  assert.equal(some.length, 5);
  assert.ok(some.every((c) => !a.some((b) => configKey(b) === configKey(c))));
});

test("workers get loaders, never the parent's script or test runner", () => {
  assert.deepEqual(inherited(["--import", "tsx", "--test", "-e", "boom()", "--input-type=module", "--import=x", "--max-old-space-size=99", "--inspect"]), ["--import", "tsx", "--import=x", "--max-old-space-size=99"]);
});
