/** Blocks of packed weights: exact for every input, and nothing lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeDraw } from "../plan/testing.js";
import { bytesAsWords, packed, packedParams } from "./pack.js";

const draw = makeDraw(3);
const layer = (mult: number, shift: number) => ({ zero_x: -7, zero_y: -128, lo: -128, hi: 127, w: new Int8Array(0), b: Int32Array.of(1234), mult: Int32Array.of(mult), shift: Int8Array.of(shift) });

test("the weights of a block are at most 255 in sum, and with their rests what they were", () => {
  for (const block of [2, 4, 8]) for (let n = 0; n < 200; n++) {
    const weights = Array.from({ length: 1 + draw(30) }, () => draw(255) - 127);
    const made = packed(layer(2 ** 30, -9), 0, weights, block) ?? assert.fail("no stage");
    const whole = [...made.weights];
    for (const { at, by } of made.rest) whole[at] = (whole[at] as number) + by;
    assert.deepEqual(whole, weights);
    for (let k = 0; k < weights.length; k += block) assert.ok(made.weights.slice(k, k + block).reduce((a, w) => a + Math.abs(w), 0) <= 255, `${made.weights}`);
    assert.equal(made.bias, 1234 + 7 * weights.reduce((a, w) => a + w, 0));
  }
});

const isSmall = (weights: number, bounds: object = {}): boolean | undefined => packed({ ...layer(2 ** 30, -9), ...bounds }, 0, Array<number>(weights).fill(127), 4)?.brief;

test("sums are small below 2^20 only, and only for the whole range of bytes", () => {
  // 1234 + 57 * 127 * 135 and the addend of 255 * 2^8.
  assert.equal(isSmall(57), true);
  assert.equal(isSmall(58), false);
  assert.equal(isSmall(8, { hi: 126 }), false);
});

test("words and corrections as the kernels read them", () => {
  const made = packed(layer(2 ** 30, -9), 0, [127, -127, 100, 3], 4) ?? assert.fail("no stage");
  const { q, e } = packedParams(layer(2 ** 30, -9), [made], (k) => 2 * k);
  assert.deepEqual([...e], [(0 << 8) | 102]);
  assert.deepEqual([q[1], (q[3] as number) >> 8, (q[3] as number) & 127, (q[3] as number) & 128], [2 ** 30, 1, 9, 128]);
  assert.deepEqual([...bytesAsWords([1, -1, 127, -128])], [0x807fff01]);
});
