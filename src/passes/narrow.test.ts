/** Constants in the least width: what fits becomes narrow, what another kernel would cost more than does not, and answers stay. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Program, Step } from "../ir/op.js";
import { layerVariant } from "../../test/support/one-layer.js";
import { findOp } from "../ops/registry.js";
import { withNarrowConstants } from "./narrow.js";
import { createRunner } from "./run-program.js";

const made = (title: string): Program => {
  const c = findOp("conv_2d").layerCases?.find((l) => l.title === title);
  assert.ok(c, title);
  return layerVariant("conv_2d", c).program;
};

const biasOf = (p: Program, k = 0): unknown => p.steps[k]?.params["b"];

test("small biases take 16 bits, and every answer stays", () => {
  const p = made("3x3 with borders");
  const narrow = withNarrowConstants(p);
  assert.ok(biasOf(p) instanceof Int32Array && biasOf(narrow) instanceof Int16Array);
  assert.ok(narrow.steps[0]?.params["mult"] instanceof Int32Array, "multipliers need their 32 bits");
  const row = Int8Array.from({ length: 60 }, (_, i) => (i * 37) % 256 - 128);
  assert.deepEqual(createRunner(narrow)(row).scores, createRunner(p)(row).scores);
});

test("one large bias among few small ones: a second kernel would cost more than it saves", () => {
  const p = made("3x3 with borders");
  const [step] = p.steps as [Step];
  const large = { ...step, params: { ...step.params, b: Int32Array.of(40_000, 0, 0, 0) } };
  const mixed = withNarrowConstants({ ...p, steps: [step, large] });
  assert.ok(biasOf(mixed, 0) instanceof Int32Array && biasOf(mixed, 1) instanceof Int32Array);
  const many = { ...step, params: { ...step.params, b: new Int32Array(400) } };
  assert.ok(biasOf(withNarrowConstants({ ...p, steps: [many, large] }), 0) instanceof Int16Array, "many small ones pay for it");
});
