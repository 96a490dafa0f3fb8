/** Order, fronts, bounds and the space of configurations. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Graph } from "../ir/types.js";
import type { FitCandidate } from "../report/pareto-types.js";
import { learners } from "../train/all.generated.js";
import { graphBound, graphBytes } from "./bounds.js";
import { inherited } from "./pool.js";
import { byScore, dominates, layers, mixed, pairedError, places, ranked, survivors, withFront } from "./rank.js";
import { alsoGood, whyNotBetter } from "./why.js";
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

test("by score: validated, then cycles, then flash; what does not fit is not on the front", () => {
  const list = [candidate("a", 0.9, 100, 50), candidate("b", 0.92, 400, 90), candidate("c", 0.88, 100, 10), candidate("d", 0.9, 100, 40), candidate("e", 0.99, 9999, 9, { fits: false })];
  assert.deepEqual(list.toSorted(byScore).map((c) => c.id), ["e", "b", "d", "a", "c"]);
  assert.deepEqual(withFront(list).filter((c) => c.front).map((c) => c.id), ["b", "c", "d"]);
});

const trial = (family: string, score: number, bytes = 100) => ({ config: { family, hyper: {} }, score, error: 0.01, bytes });

test("places: near equals of one good model do not push out other families; fronts have theirs too", () => {
  const svms = Array.from({ length: 20 }, (_, i) => trial("svm", 0.96 - i / 10_000));
  const forest = trial("forest", 0.945);
  assert.equal(mixed([...svms, forest]).indexOf(forest), 2);
  assert.deepEqual(mixed([forest, trial("svm", 0.99)]).map((t) => t.config.family), ["svm", "forest"]);
  // Trees of every size: a long front.
  const trees = Array.from({ length: 40 }, (_, i) => trial("tree", 0.8 + i / 1000, 20 + i));
  const kept = places([...svms, ...trees, forest], (t) => [t.score, -t.bytes], 24);
  assert.equal(kept.length, new Set(kept).size);
  assert.ok(kept.includes(forest) && kept.filter((t) => t.config.family === "tree").length <= 4 && kept.some((t) => t.bytes < 60));
});

const bits = (right: readonly number[]): string => Buffer.from(right).toString("base64");

test("the standard error of a difference counts only the rows on which one alone is right", () => {
  assert.equal(pairedError(bits([255, 3]), bits([255, 3]), 16), 0);
  // 3 rows of the one, 1 of the other: variance (4 - 2² / 16) / 16².
  assert.ok(Math.abs(pairedError(bits([0b1110_0000, 0]), bits([0b0001_0000, 0]), 16) - Math.sqrt(4 - 4 / 16) / 16) < 1e-12);
  assert.equal(pairedError(null, bits([1]), 8), 0);
});

const doubt = (error: number) => ({ between: () => error, of: () => error });

test("within one standard error energy decides, ten times of it against one standard error; beyond, accuracy; never what is dominated", () => {
  const svm = candidate("svm", 0.96, 1500, 39_000);
  const forest = candidate("forest", 0.957, 7000, 500);
  const order = (list: readonly FitCandidate[], error: number): readonly string[] => ranked(list, doubt(error)).map((c) => c.id);
  assert.deepEqual(order([svm, forest], 0.005), ["forest", "svm"]);
  assert.deepEqual(order([svm, forest], 0.002), ["svm", "forest"]);
  assert.deepEqual(order([svm, forest], 0), ["svm", "forest"]);
  // A third less energy is not worth nearly a standard error; nor is anything below what a call costs anyway.
  assert.deepEqual(order([svm, candidate("b", 0.9555, 1000, 26_000)], 0.005), ["svm", "b"]);
  assert.deepEqual(order([candidate("a", 0.96, 900, 90), candidate("b", 0.957, 800, 9)], 0.005), ["a", "b"]);
  assert.deepEqual(order([svm, forest, candidate("worse", 0.956, 7100, 600)], 0.005)[0], "forest");
  const large = candidate("large", 0.99, 9999, 1, { fits: false });
  const all = ranked([svm, forest, large], doubt(0.005));
  assert.deepEqual(all.map((c) => [c.id, Math.round(c.behind * 1000), c.doubt]), [["large", -30, 0.005], ["forest", 3, 0.005], ["svm", 0, 0]]);
  const best = all[1] as FitCandidate;
  const named = all.map((c) => ({ ...c, family: c.id, hyper: {}, energy: null, tested: null }));
  assert.deepEqual(whyNotBetter(best, named.slice(1), []), ["1 that fits validates better, within one standard error, and needs more energy"]);
  assert.match(alsoGood(best, named)[0] ?? "", /^validates best, by 0.3 %, with a standard error of 0.5 %: svm .*39,000 cycles \(78 times more\)/);
  assert.deepEqual(ranked([large], doubt(0)).map((c) => c.id), ["large"]);
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
  assert.deepEqual(near.filter((n) => n.hyper["criterion"] === "gini" && n.hyper["minLeaf"] === 1).map((n) => n.hyper["depth"]).filter((d) => d !== 8), [6, 10]);
  const some = neighbourConfigs(a, families, new Set(a.map(configKey)), 5, 1);
  assert.equal(some.length, 5);
  assert.ok(some.every((c) => !a.some((b) => configKey(b) === configKey(c))));
});

test("kernel machines: what the kernel does not read is neither tried nor listed", () => {
  const families = familiesFor(learners, "classification", ["svm"]);
  const configs = firstConfigs(families, 40, 3);
  for (const { hyper } of configs) assert.deepEqual(["gamma", "degree", "coef0"].filter((k) => k in hyper), hyper["kernel"] === "linear" ? [] : hyper["kernel"] === "rbf" ? ["gamma"] : ["gamma", "degree", "coef0"]);
  const linear = configs.find((c) => c.hyper["kernel"] === "linear");
  const near = linear && families[0] ? neighbours(linear, families[0]) : [];
  assert.ok(near.length > 3 && near.every((c) => c.hyper["kernel"] !== "linear" || !("gamma" in c.hyper)));
  assert.ok(near.some((c) => c.hyper["kernel"] === "rbf" && "gamma" in c.hyper));
});

test("workers get loaders, never the parent's script or test runner", () => {
  assert.deepEqual(inherited(["--import", "tsx", "--test", "-e", "boom()", "--input-type=module", "--import=x", "--max-old-space-size=99", "--inspect"]), ["--import", "tsx", "--import=x", "--max-old-space-size=99"]);
});
