/** Weights and numbers as Helium's kernels read them: every product once, the zero point in the bias, nothing where there is no channel. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DotLayer } from "./dsp.js";
import { BLOCK, mveSign, mveTrailing, packOctets, packPairs } from "./mve.js";

/** `out` channels of `depth` inputs. */
function layer(out: number, depth: number): DotLayer {
  const w = Int8Array.from({ length: out * depth }, (_, i) => ((i * 37 + 11) % 255) - 127);
  const all = (v: number): Int32Array => new Int32Array(out).fill(v);
  return { depth, out, w, b: all(100), mult: all(2 ** 30 + 5), shift: Int8Array.from(all(-9)), zero_x: -3, zero_y: 7, lo: -128, hi: 127 };
}

/** Sum of the weights of channel `o` over inputs of one. */
const total = (l: DotLayer, o: number): number => Array.from(l.w.subarray(o * l.depth, (o + 1) * l.depth)).reduce((a, b) => a + b, 0);

test("pairs: an odd number of channels repeats one, and says where its outputs go", () => {
  const l = layer(5, 20);
  const made = packPairs(l);
  assert.ok(made);
  assert.equal(made.w.length, 3 * 2 * 2 * BLOCK);
  assert.deepEqual([3, 11, 19].map((i) => (made.q[i] as number) >> 8), [0, 2, 3]);
  assert.deepEqual([0, 4, 8, 12, 16, 20].map((i) => made.q[i]), [0, 1, 2, 3, 3, 4].map((o) => 100 + 3 * total(l, o)));
  const sums = [0, 1].map((c) => [0, 1].reduce((n, block) => n + made.w.subarray((block * 2 + c) * BLOCK, (block * 2 + c + 1) * BLOCK).reduce((a, b) => a + b, 0), 0));
  assert.deepEqual(sums, [total(l, 0), total(l, 1)]);
});

test("octets: the even channels' numbers first, zeros where there is none", () => {
  const l = layer(3, 17);
  const made = packOctets(l);
  assert.ok(made);
  assert.equal(made.w.length, 2 * 8 * BLOCK);
  assert.deepEqual([...made.q.subarray(0, 8)], [100 + 3 * total(l, 0), 100 + 3 * total(l, 2), 0, 0, 100 + 3 * total(l, 1), 0, 0, 0]);
  assert.ok(made.w.subarray(3 * BLOCK, 8 * BLOCK).every((v) => v === 0));
});

test("what the output stage cannot do exactly is left to other kernels, and so is one channel alone", () => {
  assert.equal(packPairs({ ...layer(2, 4), shift: Int8Array.of(1, 1) }), null);
  assert.equal(packOctets({ ...layer(2, 4), shift: Int8Array.of(1, 1) }), null);
  assert.equal(packPairs(layer(1, 4)), null);
});

test("how negative sums are rounded is not seen where all below the zero point is cut off", () => {
  assert.deepEqual([mveSign({ zero_y: -128, lo: -128, hi: 127 }), mveSign({ zero_y: 3, lo: 3, hi: 90 }), mveSign({ zero_y: 3, lo: -128, hi: 127 })], [0, 0, 1]);
});

test("outputs as wide as inputs may lie where these do; wider ones only as far as tiles have been read", () => {
  const one = { x: 1, y: 1 };
  assert.equal(mveTrailing(10, 8, (k) => 8 * k, one), 0);
  assert.equal(mveTrailing(10, 16, (k) => 8 * k, one), 8 * 16 - 8 * 8);
});
