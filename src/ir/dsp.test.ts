/** The output stage for the DSP extension gives what TFLite's double rounding gives, wherever its conditions hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dspAct, dspStage, packTiles } from "./dsp.js";
import { requant } from "./requantise.js";

let seed = 1;
const random = (n: number): number => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return Math.floor((seed / 2 ** 32) * n); };

/** SMMULR. */
const high = (x: number, m: number): number => Number(BigInt.asIntN(32, (BigInt(x) * BigInt(m) + (1n << 31n)) >> 32n));
const clamp = (v: number, lo: number, hi: number): number => Math.min(hi, Math.max(lo, v));

test("for sums, multipliers and zero points of all sizes", () => {
  let exact = 0;
  for (let k = 0; k < 40_000; k++) {
    const [mult, shift, zero] = [2 ** 30 + random(2 ** 30), -random(32), random(256) - 128];
    const bound = 2 ** (1 + random(29));
    const stage = dspStage(mult, shift, zero, bound);
    if (!stage) continue;
    exact++;
    for (const x of [0, 1, -1, bound, -bound, random(bound), -random(bound), Math.trunc(2 ** (30 - shift) / mult), -Math.trunc(2 ** (30 - shift) / mult)].filter((v) => Math.abs(v) <= bound)) {
      const want = clamp(requant(x, mult, shift) + zero, -128, 127);
      const v = high(2 * x, stage.mult);
      assert.equal(clamp((v + (v >> 31) + stage.add) >> stage.right, -128, 127), want, `${x} * ${mult} >> ${-shift} + ${zero}`);
      if (zero === -128) assert.equal(clamp((v + stage.add) >> stage.right, -128, 127), want, `${x} * ${mult} >> ${-shift}, the sign not seen`);
    }
  }
  assert.ok(exact > 20_000, `${exact} of 40000`);
});

test("shifts to the left, and sums too large, are left to the plain kernel", () => {
  assert.equal(dspStage(2 ** 30, 0, 0, 100), null);
  assert.equal(dspStage(2 ** 30, 3, 0, 100), null);
  assert.equal(dspStage(2 ** 30, -5, 0, 2 ** 30), null);
  assert.deepEqual(dspStage(0, 0, -7, 100), { mult: 0, add: -13, right: 1 });
});

test("the sign of a rounded sum is seen unless all of it is clamped away", () => {
  assert.deepEqual([dspAct({ zero_y: -128, lo: -128, hi: 127 }), dspAct({ zero_y: 3, lo: -128, hi: 127 }), dspAct({ zero_y: -128, lo: -128, hi: 90 })], [1, 0, 2]);
});

const layer = (w: Int8Array) => packTiles({ depth: 2, out: 2, w, b: Int32Array.of(0, 0), mult: Int32Array.of(2 ** 30, 2 ** 30), shift: Int8Array.of(-8, -8), zero_x: 0, zero_y: 0, lo: -128, hi: 127 });

test("weights of -128 that no lane holds are left to the plain kernel", () => {
  assert.equal(layer(Int8Array.of(-1, 0, -128, 0)), null);
  assert.ok(layer(Int8Array.of(1, 0, -128, 0)));
});
