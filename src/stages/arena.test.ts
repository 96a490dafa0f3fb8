/** Bytes of activations of the MLPerf Tiny networks with outputs that run into their inputs, and who may not share. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedFiles } from "../importers/tflite/testing.js";
import { readGraph } from "../importers/tflite/index.js";
import { memoryOf } from "../passes/memory.js";
import { search } from "../plan/exact.js";
import { compile } from "./compile.js";
import { leastRam, rowCuts } from "./rows.js";

const BYTES = { pretrainedResnet_quant: 33_312, kws_ref_model: 9_792, vww_96_int8: 36_872, ad01_int8: 768, str_ww_ref_model: 3_840 };

for (const { name, bytes } of sharedFiles("models") ?? []) {
  const known = Object.entries(BYTES).find(([n]) => name === `${n}.tflite`)?.[1];
  if (known === undefined) continue;
  test(`${name}: ${known} bytes, and no plan is smaller`, () => {
    const { placed, program } = compile(readGraph(bytes, name));
    assert.equal(placed?.arena.bytes, known);
    const { storage, overlaps } = memoryOf(program);
    const effort = { left: 5_000_000 };
    const smaller = placed?.bound === known ? null : search(storage, overlaps, 0, known - 1, 0, effort);
    assert.equal(smaller, null);
    assert.ok(effort.left > 0, "not all was tried");
  });
}

/** With the first layers row by row, as many as take the least: the input in memory as a whole, or handed over by rows. */
const BY_ROWS = { pretrainedResnet_quant: [11_840, 10_180], kws_ref_model: [3_892, 3_540], vww_96_int8: [29_872, 11_232], str_ww_ref_model: [3_744, 3_712], ad01_int8: [768, null] };

for (const { name, bytes } of sharedFiles("models") ?? []) {
  const known = Object.entries(BY_ROWS).find(([n]) => name === `${n}.tflite`)?.[1];
  if (known === undefined) continue;
  test(`${name}, row by row: ${known.join(" and ")} bytes`, () => {
    const { program } = compile(readGraph(bytes, name));
    const least = (resident: boolean): number | null => leastRam(rowCuts(program, { resident }))?.placed.arena.bytes ?? null;
    assert.deepEqual([least(true), least(false)], known);
  });
}
