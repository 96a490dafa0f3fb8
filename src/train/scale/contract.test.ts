/** What every learner of these folders promises, on made-up data. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CoincellError } from "../../ir/diagnostics.js";
import type { Graph, Task } from "../../ir/types.js";
import { verifyGraph } from "../../ir/verify.js";
import { knownOps } from "../../ops/registry.js";
import { convertRow } from "../../ir/conversion.js";
import { evaluate } from "../../passes/evaluate.js";
import { runProgram } from "../../passes/run-program.js";
import { compile } from "../../stages/compile.js";
import { learners as bayes } from "../bayes/index.js";
import { learners as cluster } from "../cluster/index.js";
import type { HyperValues, Learner, TrainingSet } from "../learner.js";
import { learners as linear } from "../linear/index.js";
import { learners as neighbours } from "../neighbours/index.js";
import { learners as svm } from "../svm/index.js";
import { clouds, line, rowsOf, seeded } from "./testing.js";
import { learners as scale } from "./index.js";

const all: readonly Learner[] = [...scale, ...svm, ...linear, ...bayes, ...neighbours, ...cluster];
const three = clouds(120, 4, 3, 2.5, 3);
const two = clouds(80, 3, 2, 2.5, 4);
const values = line(90, [2, -1, 0.5], 4, 0.1, 5);

const dataFor = (task: Task): readonly TrainingSet[] => (task === "regression" ? [values] : task === "classification" ? [three, two] : [{ ...two, y: null, classes: [] }]);

/** Settings beside the defaults that take other ways through a learner. */
const variants: Readonly<Record<string, readonly HyperValues[]>> = {
  svm: [{}, { kernel: "linear" }, { kernel: "poly", degree: 2, coef0: 1 }, { components: 2 }, { scaling: "same" }],
  "nu-svm": [{}, { kernel: "linear", nu: 0.3 }],
  logistic: [{}, { components: 2 }], "linear-svm": [{}, { loss: "hinge" }], lda: [{}, { shrinkage: 0.1 }],
  knn: [{}, { budget: 12 }, { budget: 12, method: "condensed" }],
};

function each(visit: (title: string, learn: (seed?: number) => Graph, task: Task, data: TrainingSet, l: Learner) => void): void {
  for (const l of all) for (const task of l.tasks) for (const data of dataFor(task)) for (const hyper of variants[l.name] ?? [{}]) {
    visit(`${l.name} ${task} ${JSON.stringify(hyper)} ${data.classes.length}`, (seed = 1) => l.learn(data, task, hyper, { seed }), task, data, l);
  }
}

const bytes = (g: Graph): string => JSON.stringify(g, (_, v: unknown) => (ArrayBuffer.isView(v) ? Array.from(v as Float64Array) : v));

test("graphs are legal, name their features, and are the same for the same seed", () => {
  each((title, learn, task, data) => {
    const g = verifyGraph(learn(), knownOps);
    assert.equal(g.task, task, title);
    assert.deepEqual(g.featureNames, data.features, title);
    assert.equal(bytes(learn()), bytes(g), title);
  });
});

test("classifiers learn separated clouds; regressors a line", () => {
  each((title, learn, task, data) => {
    const g = learn();
    const answers = rowsOf(data).map((r) => evaluate(g, r));
    if (task === "classification") {
      const right = answers.filter((a, i) => a.label === data.y?.[i]).length / data.rows;
      assert.ok(right > 0.85, `${title}: ${right}`);
      assert.deepEqual(g.labels, data.classes, title);
    }
    if (task === "regression") {
      const error = Math.sqrt(answers.reduce((s, a, i) => s + (a.scores[0]! - data.y![i]!) ** 2, 0) / data.rows);
      assert.ok(error < 1.2, `${title}: ${error}`);
    }
    if (task === "anomaly") {
      const normal = answers.filter((a) => g.labels[a.label] === 1).length / data.rows;
      assert.ok(normal > 0.85, `${title}: ${normal}`);
      answers.forEach((a) => assert.equal(g.labels[a.label] === 1, a.scores[0]! > 0, title));
      const far = evaluate(g, new Float64Array(data.features.length).fill(1e4));
      assert.equal(g.labels[far.label], -1, title);
    }
  });
});

test("integer programs keep the labels", () => {
  each((title, learn, _task, data) => {
    const g = learn();
    const rows = rowsOf(data);
    const { program } = compile(g, { rows });
    const input = program.tensors[program.input]!;
    if (program.label === null) return;
    const same = rows.filter((r) => runProgram(program, convertRow(r, input)).label === evaluate(g, r).label).length / rows.length;
    assert.ok(same >= 0.97, `${title}: ${same}`);
  });
});

test("progress grows to 1, and an abort ends learning with an AbortError", () => {
  each((title, _learn, task, data, l) => {
    const seen: number[] = [];
    l.learn(data, task, {}, { seed: 1, onProgress: (p) => seen.push(p) });
    assert.equal(seen.at(-1), 1, title);
    assert.ok(seen.every((p, i) => p >= 0 && p <= 1 && (i === 0 || p >= seen[i - 1]! - 1e-12)), title);
    const stop = new AbortController();
    assert.throws(() => l.learn(data, task, {}, { seed: 1, signal: stop.signal, onProgress: () => stop.abort() }), { name: "AbortError" }, title);
  });
});

const refused = (l: Learner, data: TrainingSet, task: Task, title: string): void => {
  assert.throws(() => l.learn(data, task, {}, seeded), (e) => e instanceof CoincellError && e.diagnostic.cure !== "", `${l.name}: ${title}`);
};

test("bad data is refused with a cure", () => {
  each((_title, _learn, task, data, l) => {
    refused(l, { ...data, x: data.x.map((v, i) => (i === 7 ? NaN : v)) }, task, "NaN");
    refused(l, { ...data, x: new Float64Array(data.x.length) }, task, "all constant");
    refused(l, { ...data, rows: 0, x: new Float64Array(0), y: new Float64Array(0) }, task, "no rows");
    if (task === "classification") refused(l, { ...data, y: new Float64Array(data.rows) }, task, "one class");
    if (task === "regression") refused(l, { ...data, y: new Float64Array(data.rows) }, task, "constant target");
  });
});

test("a constant feature is learnt with, and a class without rows is noted", () => {
  each((title, _learn, task, data, l) => {
    const d = data.features.length;
    const flat = { ...data, x: data.x.map((v, at) => (at % d === 1 ? 5 : v)) };
    const g = l.learn(flat, task, {}, seeded);
    assert.ok(evaluate(g, flat.x.slice(0, d)).scores.every(Number.isFinite), title);
    if (task !== "classification") return;
    const more = l.learn({ ...data, classes: [...data.classes, "never"] }, task, {}, seeded);
    assert.deepEqual(more.labels, data.classes, title);
    assert.match(more.notes.join(), /never/, title);
  });
});
