/** The whole line: fixture models on simulated chips, byte for byte against the reference, and close to the float model. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findBoard } from "../src/boards/index.js";
import { without } from "../src/boards/testing.js";
import { unrolledOf } from "../src/emit/step.js";
import type { TypedArray } from "../src/ir/types.js";
import { runProgram } from "../src/passes/run-program.js";
import { run } from "../src/stages/run.js";
import { bytesIn, runBatch, type Job } from "./support/batch.js";
import { answerOf, deviceRows, isReady, ready, type Ready } from "./support/models.js";

const MODELS = [
  "dt_str", "dt_deep", "rf_binary", "rf_named", "et", "ada", "gb_multi", "hgb_multi", "hgbr", "iforest", "xgb_multi_ubj", "lgbm_binary", "lgbm_rf",
  "lr_multi", "linearsvc_multi", "lda_svd_multi", "ridge", "linearsvr", "mnb", "pipe_binarizer_bnb", "pipe_normalizer_l2", "pipe_pca_lr",
  "svc_str", "svc_poly_binary", "svr_rbf", "ocsvm_rbf", "gnb_str", "qda_multi", "knn_k3", "kmeans", "mlp_relu_multi", "mlpr_tanh",
];

/** Less than 97 % of rows as the float model, and why. */
const EXCEPTIONS: ReadonlyMap<string, readonly [number, string]> = new Map();

/** Too large for the chip's flash or RAM, and by how much at most; all else must fit. */
const TOO_LARGE: ReadonlyMap<string, string> = new Map();

const models = new Map(MODELS.map((m) => [m, ready(`sklearn/${m}`)]));

for (const [board, compiler] of [["host", "gcc"], ["attiny85", "avr-gcc"], ["atmega328p", "avr-gcc"]] as const) {
  for (const [name, m] of models) {
    test(`${name} on ${board}`, { skip: isReady(m) ? without(compiler) : `${m.code}: ${m.what}` }, async () => {
      if (!isReady(m)) return;
      const { report, predictions } = await run({ compiled: m.compiled, board: findBoard(board), table: m.table, goal: "size" });
      if (TOO_LARGE.has(`${name} ${board}`)) return assert.equal(report.fits, false);
      assert.ok(report.fits, `${name} needs ${report.flash.total} bytes of flash, ${report.ram.total} of RAM`);
      assert.equal(report.difference, null);
      assert.equal(report.equal, true);
      assert.equal(predictions.length, m.rows.length);
      const [least, why] = EXCEPTIONS.get(name) ?? [0.97, ""];
      assert.ok(report.agreement >= least, `agreement ${report.agreement} ${why}`);
      assert.ok(!report.notes.some((n) => n.includes("does not fit")), "scores were not checked on the device");
    });
  }
}

/** Both forms of every tree model, label and scores. */
const jobs = (m: Ready, rows: number): Job[] => {
  const { program, labelProgram } = m.compiled;
  const inputs = deviceRows(m.compiled, m.rows.slice(0, rows));
  const want = { scores: inputs.map((x) => bytesIn(runProgram(program, x).scores)), answer: inputs.map((x) => bytesIn(answerOf(m.compiled, x))) };
  return (["scores", "answer"] as const).flatMap((what) => (["table", "inline"] as const).map((form): Job => ({ title: `${m.id} ${what}`, program, labelProgram, what, form, rows: inputs, want: want[what] })));
};
const trees = [...models.values()].filter(isReady).filter((m) => m.compiled.program.steps.some((s) => unrolledOf(s, m.compiled.program) !== null));

for (const [board, compiler, rows] of [["host", "gcc", 60], ["attiny85", "avr-gcc", 12]] as const) {
  test(`table and inline forms on ${board}`, { skip: without(compiler) }, async () => {
    assert.ok(trees.length >= 10, `${trees.length} tree models`);
    const wrong = await runBatch(trees.flatMap((m) => jobs(m, rows)), findBoard(board), board === "host", 20);
    assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
  });
}

/** A parameter array of the first step that has one, as the compiled program holds it. */
function weights(m: Ready, name: string): TypedArray {
  const found = m.compiled.program.steps.map((s) => s.params[name]).find((v) => typeof v === "object");
  assert.ok(found, `${m.id} has no ${name}`);
  return found as TypedArray;
}

// `run` writes the C before its first await and asks the reference later: a weight changed in between is a fault of the device.
for (const [name, array] of [["ridge", "w"], ["hgbr", "start"]] as const) {
  test(`a weight of ${name} that differs on the device is found`, { skip: without("gcc") }, async () => {
    const m = ready(`sklearn/${name}`, 24);
    assert.ok(isReady(m));
    const before = await run({ compiled: m.compiled, board: findBoard("host"), table: m.table, goal: "size" });
    assert.equal(before.report.difference, null);
    const w = weights(m, array);
    const running = run({ compiled: m.compiled, board: findBoard("host"), table: m.table, goal: "size" });
    for (let i = 0; i < w.length; i++) w[i] = (w[i] ?? 0) + 1;
    const { report } = await running;
    assert.equal(report.equal, false);
    const d = report.difference;
    assert.ok(d && d.what === "answer" && d.device !== d.reference, JSON.stringify(d));
    const x = deviceRows(m.compiled, m.rows)[d.row] as TypedArray;
    assert.equal(d.reference, runProgram(m.compiled.program, x).scores[d.index]);
  });
}

test("one weight changed by one step is found byte for byte", { skip: without("avr-gcc") }, async () => {
  const m = ready("sklearn/lr_multi", 30);
  assert.ok(isReady(m));
  const { program } = m.compiled;
  const rows = deviceRows(m.compiled, m.rows);
  const want = rows.map((x) => bytesIn(runProgram(program, x).scores));
  const faulty = { ...program, steps: program.steps.map((s) => {
    const w = s.params["w"];
    if (typeof w !== "object") return s;
    const changed = w.slice();
    changed[0] = (changed[0] ?? 0) + 1;
    return { ...s, params: { ...s.params, w: changed } };
  }) };
  for (const board of ["host", "attiny85"]) {
    const wrong = await runBatch([{ title: "faulty", program: faulty, form: "table", rows, want }], findBoard(board));
    assert.ok(wrong.length > rows.length / 2, `${board}: only ${wrong.length} of ${rows.length} rows differ`);
  }
});

// The reference is asked before the rows run, and the program with scores is written after them: a weight changed while they run is a
// fault that only the further outputs of a transform can show.
test("a fault in the second output of a transform is found", { skip: without("gcc") }, async () => {
  const m = ready("sklearn/pca", 24);
  assert.ok(isReady(m));
  const b = weights(m, "b");
  let told = 0;
  const onProgress = (): void => {
    if (told++ === 0) b[1] = (b[1] ?? 0) + 1;
  };
  const { report } = await run({ compiled: m.compiled, board: findBoard("host"), table: m.table, goal: "size", onProgress });
  assert.ok(told > 0, "the board told no progress");
  assert.equal(report.equal, false);
  assert.deepEqual([report.difference?.what, report.difference?.index], ["scores", 1]);
});
