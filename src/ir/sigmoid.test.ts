import assert from "node:assert/strict";
import { test } from "node:test";
import { sigmoid16, sigmoidTable, tanh16 } from "./sigmoid.js";

test("the table is TFLite's: every entry within one of the function, first and last as in its source", () => {
  sigmoidTable.forEach((v, i) => assert.ok(Math.abs(v - 65536 / (1 + Math.exp(-i / 24))) <= 1.5, `entry ${i}`));
  assert.deepEqual(sigmoidTable.slice(0, 8), Uint16Array.of(32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513));
  assert.equal(sigmoidTable[255], 65535);
});

test("interpolation follows the functions over all arguments of 16 bits and beyond", () => {
  for (let t = -140000; t <= 140000; t += 7) {
    const x = t / (3 * 4096);
    assert.ok(Math.abs(sigmoid16(t) / 32768 - 1 / (1 + Math.exp(-x))) < 6e-4, `sigmoid at ${t}`);
    assert.ok(Math.abs(tanh16(t) / 32768 - Math.tanh(x)) < 8e-4, `tanh at ${t}`);
  }
});
