/** Shapes at and beyond the limits: every one gives right answers on the device, or a clear refusal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findBoard } from "../src/boards/index.js";
import { without } from "../src/boards/testing.js";
import { findOp } from "../src/ops/registry.js";
import type { Attrs, Graph } from "../src/ir/types.js";
import { evaluate } from "../src/passes/evaluate.js";
import { runProgram } from "../src/passes/run-program.js";
import { compile, type Compiled } from "../src/stages/compile.js";
import { run } from "../src/stages/run.js";
import { bytesIn, runBatch, type Job } from "./support/batch.js";
import { assertDiagnostic, refusal } from "./support/compare.js";
import { argmax, chain, linear, named, rowsFor, treeLayer, type TreeShape } from "./support/hand-made.js";
import { answerOf, deviceRows } from "./support/models.js";

const tree = (s: TreeShape, labels = s.width): Graph => chain(s.features, s.width > 1 ? [treeLayer(s), argmax] : [treeLayer(s)], s.width > 1 ? { labels: named(labels) } : { task: "regression" });

/** Labels of the integer program against the float graph, on rows no calibration saw. */
function agreement(graph: Graph, c: Compiled, rows: readonly Float64Array[]): number {
  const xs = deviceRows(c, rows);
  return rows.filter((r, i) => answerOf(c, xs[i]!)[0] === evaluate(graph, r).label).length / rows.length;
}

const jobsOf = (title: string, c: Compiled, rows: readonly Float64Array[], forms: readonly ("table" | "inline")[]): Job[] => {
  const xs = deviceRows(c, rows);
  return forms.flatMap((form) => (["scores", "answer"] as const).map((what): Job => ({
    title: `${title} ${what}`, program: c.program, labelProgram: c.labelProgram, what, form, rows: xs,
    want: xs.map((x) => bytesIn(what === "scores" ? runProgram(c.program, x).scores : answerOf(c, x))),
  })));
};

const BIG: readonly (readonly [string, TreeShape])[] = [
  ["a chain of 300 splits to the left", { features: 2, width: 3, trees: 1, depth: 300, form: "left" }],
  ["a chain of 300 splits to the right", { features: 2, width: 3, trees: 2, depth: 300, form: "right" }],
  ["left subtrees beyond 255 bytes", { features: 4, width: 3, trees: 3, depth: 7, form: "full", filled: 3 }],
  ["200 features", { features: 200, width: 4, trees: 4, depth: 5, form: "full" }],
  ["129 features, one score", { features: 129, width: 1, trees: 5, depth: 4, form: "full" }],
  ["300 classes", { features: 3, width: 300, trees: 3, depth: 6, form: "full" }],
  ["100 classes in one leaf", { features: 3, width: 100, trees: 2, depth: 4, form: "full", filled: 400 }],
  ["64 classes, one a leaf", { features: 3, width: 64, trees: 3, depth: 7, form: "full" }],
  ["votes above 1", { features: 3, width: 4, trees: 5, depth: 4, form: "full", largest: 6 }],
  ["votes below 0", { features: 3, width: 4, trees: 5, depth: 4, form: "full", filled: 4, smallest: -3 }],
  ["300 trees", { features: 3, width: 2, trees: 300, depth: 1, form: "full" }],
];

for (const [title, shape] of BIG) {
  for (const inputType of shape.width * shape.depth > 200 ? (["i16"] as const) : (["i16", "f32", "u8"] as const)) {
    test(`${title}, ${inputType}`, { skip: without("gcc") }, async (t) => {
      const graph = tree(shape);
      const rows = rowsFor(shape.features, 200);
      let c: Compiled | null = null;
      const refused = refusal(() => { findOp("tree_ensemble").infer(treeLayer(shape).attrs, [[shape.features]]); c = compile(graph, { rows, inputType }); });
      if (refused) { assertDiagnostic(refused, title); return t.skip(`${refused.code}: ${refused.what}`); }
      const made = c as unknown as Compiled;
      if (shape.width > 1 && inputType !== "u8") assert.ok(agreement(graph, made, rowsFor(shape.features, 200, 77)) >= 0.98, "agreement");
      const fresh = rowsFor(shape.features, 60, 78);
      const wrong = [...await runBatch(jobsOf(title, made, fresh, ["table"]), findBoard("host"), true), ...await runBatch(jobsOf(title, made, fresh, ["inline"]), findBoard("host"))];
      assert.deepEqual(wrong.slice(0, 2), [], `${wrong.length} rows differ`);
    });
  }
}

for (const [features, classes] of [[1, 2], [200, 3], [2, 300], [300, 1], [1, 1]] as const) {
  test(`linear: ${features} features, ${classes} classes`, { skip: without("gcc") }, async () => {
    const graph = chain(features, [linear(classes, features), argmax], { labels: named(classes, "a rather long name of a class, number ") });
    const rows = rowsFor(features, 120);
    const c = compile(graph, { rows });
    assert.ok(agreement(graph, c, rowsFor(features, 200, 77)) >= 0.97);
    const wrong = await runBatch(jobsOf("linear", c, rows.slice(0, 30), ["table"]), findBoard("host"), true);
    assert.deepEqual(wrong.slice(0, 2), []);
  });
}

test("a model too large for the chip says by how much", { skip: without("avr-gcc") }, async () => {
  const graph = chain(60, [linear(200, 60), argmax], { labels: named(200) });
  const rows = rowsFor(60, 30);
  const table = { features: graph.featureNames, rows, labels: null };
  const { report } = await run({ compiled: compile(graph, { rows }), board: findBoard("attiny85"), table, goal: "size" });
  assert.equal(report.fits, false);
  assert.equal(report.equal, false);
  assert.ok(report.over.flash > 3000, JSON.stringify(report.over));
});

const good = treeLayer({ features: 2, width: 1, trees: 1, depth: 2, form: "full" }).attrs;
const bad: readonly (readonly [string, Attrs])[] = [
  ["a cycle", { ...good, left: (good["left"] as Int32Array).map((v, i) => (i === 1 ? 0 : v)) }],
  ["a node of itself", { ...good, left: (good["left"] as Int32Array).map((v, i) => (i === 0 ? 0 : v)) }],
  ["a child that is not there", { ...good, right: (good["right"] as Int32Array).map((v, i) => (i === 0 ? 99 : v)) }],
  ["a negative child", { ...good, left: (good["left"] as Int32Array).map((v, i) => (i === 0 ? -5 : v)) }],
  ["a feature out of range", { ...good, feature: (good["feature"] as Int32Array).map((v, i) => (i === 0 ? 2 : v)) }],
  ["a NaN threshold", { ...good, threshold: (good["threshold"] as Float64Array).map((v, i) => (i === 0 ? NaN : v)) }],
  ["an endless threshold", { ...good, threshold: (good["threshold"] as Float64Array).map((v, i) => (i === 0 ? Infinity : v)) }],
  ["a NaN leaf", { ...good, values: (good["values"] as Float64Array).map((v, i) => (i === 0 ? NaN : v)) }],
  ["a leaf without a value", { ...good, values: new Float64Array(1) }],
  ["a root that is not there", { ...good, roots: Int32Array.of(1000) }],
  ["a target that is not there", { ...good, target: Int32Array.of(7) }],
  ["no division", { ...good, divide: 0 }],
];
for (const [title, attrs] of bad) {
  test(`trees with ${title} are refused`, () => {
    const d = refusal(() => findOp("tree_ensemble").infer(attrs, [[2]]));
    assert.ok(d, "was accepted");
    assertDiagnostic(d, title);
  });
}

for (const [op, attrs, features] of [
  ["linear", { rows: 2, cols: 3, w: new Float64Array(5), b: new Float64Array(2) }, 3],
  ["linear", { rows: 2, cols: 3, w: new Float64Array(6), b: new Float64Array(1) }, 3],
  ["linear", { rows: 2, cols: 2, w: Float64Array.of(1, 2, NaN, 3), b: new Float64Array(2) }, 2],
  ["linear", { rows: 0, cols: 2, w: new Float64Array(0), b: new Float64Array(0) }, 2],
  ["affine", { scale: Float64Array.of(1, NaN), offset: new Float64Array(2) }, 2],
  ["affine", { scale: Float64Array.of(1, 0), offset: new Float64Array(2) }, 2],
] as const) {
  test(`${op} with ${JSON.stringify(Object.values(attrs).map((v) => (typeof v === "object" ? [...v] : v)))} is refused`, () => {
    const d = refusal(() => findOp(op).infer(attrs as unknown as Attrs, [[features]]));
    assert.ok(d, "was accepted");
    assertDiagnostic(d, op);
  });
}
