/** Codes on an even grid: what they part, the settled threshold parts alike. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRandom, range } from "../random.js";
import { evenCodes, partByEven } from "./even.js";

const columns: Readonly<Record<string, (i: number, unit: number) => number>> = {
  "small and large": (_, u) => (u < 0.99 ? u * 1e-3 : 1e6 * u),
  "across zero": (_, u) => u - 0.5,
  "negative": (_, u) => -1 - u,
  "neighbouring float32": (i) => 1 + (i % 5) * 2 ** -23,
  "whole numbers": (i) => (i * 7) % 13,
  "the ends of float32": (i, u) => (i % 3 === 0 ? 3e38 : i % 3 === 1 ? -3e38 : u * 1e-40),
  "constant": () => 3,
};

for (const [name, value] of Object.entries(columns)) {
  test(`${name}: rows go where the threshold sends them`, () => {
    const random = makeRandom(4);
    const column = Float32Array.from({ length: 300 }, (_, i) => value(i, random.unit()));
    const even = evenCodes(column, 300, 1);
    const order = [...range(300)].sort((a, b) => column[a]! - column[b]!);
    order.forEach((row, k) => { if (k > 0) assert.ok(even.codes[row]! >= even.codes[order[k - 1]!]!, "codes keep the order of the values"); });
    const part = partByEven(even, new Int32Array(300));
    const top = even.codes[order[299]!]!;
    for (const code of [...even.codes.slice(0, 40), top >> 1].filter((c) => c < top)) {
      const rows = range(300);
      const split = { feature: 0, threshold: NaN, code, gain: 0 };
      const middle = part(rows, 0, 300, split);
      assert.ok(middle > 0 && middle < 300);
      assert.equal(Math.fround(split.threshold), split.threshold);
      rows.forEach((r, i) => assert.equal(column[r]! <= split.threshold, i < middle, `${column[r]} and ${split.threshold}`));
    }
  });
}
