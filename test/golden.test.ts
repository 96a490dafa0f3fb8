/** Whole networks against the outputs of TensorFlow Lite Micro: the reference, C on this computer under the sanitizers, C on simulated boards. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findBoard } from "../src/boards/index.js";
import { without } from "../src/boards/testing.js";
import { isInt } from "../src/ir/types.js";
import { prepareNetwork } from "../src/passes/quantise/network.js";
import { createRunner } from "../src/passes/run-program.js";
import { placeTensors } from "../src/stages/arena.js";
import { runBatch, type Job } from "./support/batch.js";
import { goldens, type Golden } from "./support/golden.js";
import { rowBytes } from "./support/one-layer.js";

for (const { name, read } of goldens) {
  test(`${name}: the reference gives TFLM's bytes`, () => {
    const g = read();
    const program = prepareNetwork(g.graph());
    const stream = createRunner(program);
    g.inputs.forEach((row, k) => {
      const { scores, more } = (g.stateful ? stream : createRunner(program))(...row);
      g.outputs[k]?.forEach((want, o) => {
        const got = [scores, ...more][o] ?? scores;
        const at = want.findIndex((w, i) => w !== got[i]);
        assert.equal(at, -1, `case ${k}, output ${o}, element ${at}: ${got[at]}, TFLM gives ${want[at]}`);
      });
    });
  });
}

function job(g: Golden, most: number): Job {
  const program = prepareNetwork(g.graph());
  // The board's program goes on from row to row.
  const cases = program.tensors.some((t) => t.state) && !g.stateful ? 1 : most;
  return { title: g.name, program, arena: placeTensors(program).arena, form: "table", rows: g.inputs.slice(0, cases).map(rowBytes), want: g.outputs.slice(0, cases).map(rowBytes) };
}

/** Float steps inside a network round as the C library of each board does: only integer networks are compared there. */
const integer = (g: Golden): boolean => g.graph().tensors.every((t) => t.data !== undefined || isInt(t.dtype));

const small = (): Golden[] => goldens.filter(({ name }) => !name.startsWith("mlperf")).map(({ read }) => read()).filter(integer);
const boards = [["host", "gcc", 16, 1], ["mps2-an386", "arm-none-eabi-gcc", 2, 1], ["atmega328p", "avr-gcc", 1, 4]] as const;
for (const [board, compiler, cases, every] of boards) {
  test(`golden networks: C on ${board} gives TFLM's bytes`, { skip: without(compiler) }, async () => {
    const wrong = await runBatch(small().filter((_, k) => k % every === 0).map((g) => job(g, cases)), findBoard(board), board === "host");
    assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} rows differ`);
  });
}
