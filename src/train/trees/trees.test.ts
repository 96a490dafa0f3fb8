import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import { printGraph } from "../../ir/print.js";
import type { Graph, Task } from "../../ir/types.js";
import { verifyGraph } from "../../ir/verify.js";
import { knownOps } from "../../ops/registry.js";
import { evaluate, evaluateAll } from "../../passes/evaluate.js";
import { runProgram } from "../../passes/run-program.js";
import { compile } from "../../stages/compile.js";
import type { HyperValues, TrainingSet } from "../learner.js";
import { boost } from "./boosting/index.js";
import { learners } from "./index.js";
import { clouds, curve, rowOf, setOf } from "./testing.js";

const find = (name: string) => learners.find((l) => l.name === name) ?? assert.fail(name);
const learn = (name: string, d: TrainingSet, task: Task, h: HyperValues = {}, seed = 1): Graph => verifyGraph(find(name).learn(d, task, h, { seed }), knownOps);
const labels = (g: Graph, d: TrainingSet): number[] => Array.from({ length: d.rows }, (_, i) => evaluate(g, rowOf(d, i)).label);
const values = (g: Graph, d: TrainingSet): number[] => Array.from({ length: d.rows }, (_, i) => evaluate(g, rowOf(d, i)).scores[0] ?? NaN);
const accuracy = (g: Graph, d: TrainingSet): number => labels(g, d).filter((l, i) => l === d.y?.[i]).length / d.rows;
/** Everything of the graph, to the last bit. */
const bytesOf = (g: Graph): string => JSON.stringify([printGraph(g), g.nodes.map((n) => Object.values(n.attrs).map((v) => (ArrayBuffer.isView(v) ? Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString("hex") : v)))]);
const attrsOf = (g: Graph): { feature: Int32Array; threshold: Float64Array; left: Int32Array; values: Float64Array; width: number } => g.nodes[0]?.attrs as never;
const supervised = ["tree", "forest", "extra-trees", "boosting"];

/** Code of the error that `run` throws. */
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (e) {
    if (e instanceof CoincellError) {
      for (const part of ["where", "what", "cure"] as const) assert.ok(e.diagnostic[part].length > 0);
      return e.diagnostic.code;
    }
    throw e;
  }
  return "nothing";
};

describe("tree", () => {
  it("finds the split that gini wants, in the middle of the gap", () => {
    // Feature 1 parts {0,0,0} from {1,1}: no impurity left; feature 0 leaves some.
    const d = setOf([[1, 10], [2, 20], [3, 11], [4, 30], [5, 12]], [0, 1, 0, 1, 0]);
    const a = attrsOf(learn("tree", d, "classification"));
    assert.deepEqual([a.feature[0], a.threshold[0], a.feature.length], [1, 16, 3]);
    assert.deepEqual([...a.values], [1, 0, 0, 1]);
  });

  it("puts a threshold into the middle of the node's own gap, not of the data's", () => {
    const d = setOf([[0, 1], [0, 9], [1, 4], [1, 5]], [0, 1, 2, 2], 3);
    const a = attrsOf(learn("tree", d, "classification"));
    assert.deepEqual([...a.threshold].filter((t) => t !== 0).sort(), [0.5, 5]);
  });

  it("keeps the shares of an impure leaf", () => {
    const d = setOf([[0], [0], [0], [0], [1]], [0, 1, 1, 1, 0]);
    assert.deepEqual([...evaluate(learn("tree", d, "classification"), [0]).scores], [0.25, 0.75]);
  });

  it("learns XOR, whose first split gains nothing", () => {
    const d = setOf([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]);
    for (const criterion of ["gini", "entropy"]) assert.equal(accuracy(learn("tree", d, "classification", { criterion }), d), 1);
  });

  it("keeps to depth, leaves and rows of a leaf", () => {
    const d = clouds(300, 3, 4, 5, 60);
    const leaves = (h: HyperValues): number => attrsOf(learn("tree", d, "classification", h)).feature.filter((f) => f < 0).length;
    assert.ok(leaves({ depth: 0 }) > 40);
    assert.equal(leaves({ depth: 2 }), 4);
    assert.equal(leaves({ depth: 0, maxLeaves: 7 }), 7);
    assert.ok(leaves({ depth: 0, minLeaf: 50 }) <= 6);
    assert.ok(leaves({ depth: 0, prune: 0.01 }) < 20);
    assert.equal(leaves({ depth: 0, prune: 10 }), 1);
  });

  it("learns every row by heart where it may, beyond 256 values of a feature too", () => {
    const d = curve(700, 3);
    const got = values(learn("tree", d, "regression", { depth: 0 }), d);
    got.forEach((v, i) => assert.ok(Math.abs(v - (d.y?.[i] ?? 0)) < 1e-12));
    const c = clouds(900, 5, 9, 3, 60);
    assert.equal(accuracy(learn("tree", c, "classification", { depth: 0 }), c), 1);
  });

  it("gives the mean of a leaf in regression", () => {
    const d = setOf([[1], [2], [8], [9]], [1, 3, 10, 14], 0);
    const a = attrsOf(learn("tree", d, "regression", { depth: 1 }));
    assert.deepEqual([a.threshold[0], ...a.values], [5, 2, 12]);
  });
});

describe("forests", () => {
  it("part clouds, and follow a curve", () => {
    const [train, test] = [clouds(400, 4, 3, 11), clouds(900, 4, 3, 11)];
    const [rise, fresh] = [curve(400, 1), curve(300, 2)];
    const spread = fresh.y?.reduce((s, v) => s + (v - 2.8) ** 2, 0) ?? 0;
    for (const name of supervised) {
      assert.ok(accuracy(learn(name, train, "classification"), test) > 0.95, name);
      const missed = values(learn(name, rise, "regression"), fresh).reduce((s, v, i) => s + (v - (fresh.y?.[i] ?? 0)) ** 2, 0);
      assert.ok(missed < 0.15 * spread, `${name} ${missed / spread}`);
    }
  });

  it("give the same bytes for a seed, others for another", () => {
    const d = clouds(120, 6, 3, 2, 50);
    for (const l of learners) {
      const task = l.tasks[0] ?? assert.fail();
      assert.equal(bytesOf(learn(l.name, d, task)), bytesOf(learn(l.name, d, task)), l.name);
      // Boosting draws nothing unless rows are held out.
      const h: HyperValues = l.name === "boosting" ? { patience: 2 } : {};
      if (l.name !== "tree") assert.notEqual(bytesOf(learn(l.name, d, task, h)), bytesOf(learn(l.name, d, task, h, 2)), l.name);
    }
  });

  it("begin with the same trees, however many there are", () => {
    const d = clouds(80, 4, 3, 2, 50);
    for (const name of ["forest", "extra-trees"]) {
      const [few, many] = [attrsOf(learn(name, d, "classification", { trees: 3 })), attrsOf(learn(name, d, "classification", { trees: 6 }))];
      assert.deepEqual([...many.threshold.subarray(0, few.threshold.length)], [...few.threshold]);
    }
  });

  it("give the same labels as integers", () => {
    for (const classes of [2, 3, 5]) {
      const d = clouds(200, 5, classes, 7, 45);
      const rows = Array.from({ length: d.rows }, (_, i) => rowOf(d, i));
      for (const name of supervised) {
        const g = learn(name, d, "classification");
        const { program } = compile(g, { inputType: "u8", inputQuant: { scale: [1], zero: [0] }, rows });
        const got = rows.map((r) => runProgram(program, Uint8Array.from(r)).label);
        const same = got.filter((l, i) => l === evaluate(g, rows[i] ?? []).label).length;
        assert.ok(same >= d.rows - 1, `${name}, ${classes} classes: ${same} of ${d.rows}`);
      }
    }
  });
});

describe("boosting", () => {
  it("lowers the loss of the training rows in each round", () => {
    for (const classes of [2, 4]) {
      const d = clouds(200, 4, classes, 9, 60);
      const losses = [1, 2, 3, 5, 8, 12].map((rounds) => {
        const g = learn("boosting", d, "classification", { rounds });
        return -Array.from({ length: d.rows }, (_, i) => Math.log(evaluate(g, rowOf(d, i)).scores[d.y?.[i] ?? 0] ?? 0)).reduce((a, b) => a + b, 0);
      });
      losses.slice(1).forEach((l, i) => assert.ok(l < (losses[i] ?? 0), `${losses}`));
    }
  });

  it("sums in the graph what it summed while it learnt", () => {
    for (const [d, task] of [[clouds(150, 4, 3, 4, 60), "classification"], [clouds(150, 4, 2, 4, 60), "classification"], [curve(300, 4), "regression"]] as const) {
      const { raw, base } = boost(d, task, {}, { seed: 1 });
      const g = learn("boosting", d, task);
      for (let i = 0; i < d.rows; i++) {
        const sums = evaluateAll(g, rowOf(d, i))[1] ?? [];
        for (let k = 0; k < base.length; k++) assert.ok(Math.abs((sums[k] ?? NaN) - (raw[k * d.rows + i] ?? 0)) < 1e-9);
      }
    }
  });

  it("takes Newton's step: one stump of two rows each", () => {
    const d = setOf([[1], [2], [8], [9]], [0, 0, 1, 1]);
    const a = attrsOf(learn("boosting", d, "classification", { rounds: 1, depth: 1, minLeaf: 1, rate: 1 }));
    // Slopes are ±1/2, curvatures 1/4: a step of -(2 · ±1/2) / (2 · 1/4).
    assert.deepEqual([a.threshold[0], ...a.values], [5, -2, 2]);
  });

  it("stops early where rows are held out", () => {
    const d = clouds(300, 3, 2, 4, 90);
    const trees = (h: HyperValues): number => boost(d, "classification", h, { seed: 1 }).trees.length;
    assert.equal(trees({ rounds: 200 }), 200);
    assert.ok(trees({ rounds: 200, patience: 3 }) < 100);
  });
});

describe("isolation forest", () => {
  const d = clouds(200, 3, 1, 6, 10);
  const odd = Float64Array.of(0, 255, 0);

  it("ranks an outlier first", () => {
    const g = learn("isolation-forest", d, "anomaly", { trees: 100 });
    const normal = values(g, d);
    const score = evaluate(g, odd).scores[0] ?? 0;
    assert.ok(normal.every((v) => v > score));
    assert.deepEqual([evaluate(g, odd).label, g.labels], [0, [-1, 1]]);
    labels(g, d).forEach((l, i) => assert.equal(l, (normal[i] ?? 0) >= 0 ? 1 : 0));
  });

  it("calls the asked part of the training rows anomalies", () => {
    const g = learn("isolation-forest", d, "anomaly", { contamination: 0.1 });
    assert.equal(labels(g, d).filter((l) => l === 0).length, 20);
  });
});

describe("the contract", () => {
  const good = clouds(40, 3, 2, 1);
  it("refuses data that nothing can be learnt from", () => {
    const bad: readonly [string, TrainingSet][] = [
      ["train/one-class", { ...good, y: new Float64Array(40) }],
      ["train/too-few-rows", setOf([[1], [2], [3]], [0, 1, 2], 4)],
      ["train/constant-features", setOf([[1, 2], [1, 2], [1, 2]], [0, 1, 0])],
      ["train/not-finite", setOf([[1, 2], [NaN, 2], [1, 3]], [0, 1, 0])],
      ["train/not-finite", setOf([[1, 2], [1e39, 2], [1, 3]], [0, 1, 0])],
      ["train/no-target", { ...good, y: null }],
      ["train/bad-label", { ...good, y: Float64Array.from(good.y ?? [], (v) => v + 1) }],
      ["train/no-features", { ...good, features: [] }],
      ["train/bad-shape", { ...good, rows: 39 }],
    ];
    for (const name of supervised) {
      for (const [expected, d] of bad) assert.equal(code(() => learn(name, d, "classification")), expected, `${name}`);
      assert.equal(code(() => learn(name, { ...good, y: new Float64Array(40).fill(3) }, "regression")), "train/constant-target");
    }
    assert.equal(code(() => learn("isolation-forest", setOf([[1], [1]], null), "anomaly")), "train/constant-features");
  });

  it("refuses hyper-parameters it does not have", () => {
    assert.equal(code(() => learn("forest", good, "classification", { tree: 3 })), "train/unknown-hyper");
    assert.equal(code(() => learn("forest", good, "classification", { trees: 2.5 })), "train/bad-hyper");
    assert.equal(code(() => learn("forest", good, "classification", { maxFeatures: "some" })), "train/bad-hyper");
    assert.equal(code(() => learn("boosting", good, "classification", { rate: "fast" })), "train/bad-hyper");
  });

  it("takes every value its tables offer", () => {
    for (const l of learners) {
      for (const task of l.tasks) {
        const d = task === "regression" ? curve(60, 1) : good;
        for (const [key, h] of Object.entries(l.hyper)) for (const v of [h.default, ...h.values]) learn(l.name, d, task, { [key]: v });
      }
    }
  });

  it("says how far it is, and stops when told", () => {
    for (const l of learners.filter((one) => one.name !== "tree")) {
      const parts: number[] = [];
      const stop = new AbortController();
      const task = l.tasks[0] ?? assert.fail();
      assert.throws(() => l.learn(good, task, {}, { seed: 1, signal: stop.signal, onProgress: (p) => { if (parts.push(p) === 3) stop.abort(); } }), { name: "AbortError" });
      assert.equal(parts.length, 3);
      l.learn(good, task, {}, { seed: 1, onProgress: (p) => parts.push(p) });
      assert.equal(parts.at(-1), 1);
    }
  });
});
