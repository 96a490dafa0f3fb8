/** Platt's sigmoids and pairwise coupling: what must hold for any input; libsvm's own numbers are in kernel_machine's fixtures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import platt from "./index.js";

const ones = (n: number, v: number): Float64Array => new Float64Array(n).fill(v);

test("probabilities sum to one and follow the decisions", () => {
  for (const k of [2, 3, 5, 10]) {
    const pairs = (k * (k - 1)) / 2;
    const even = platt.float({ classes: k, a: ones(pairs, -2), b: ones(pairs, 0) }, [ones(pairs, 0)])[0] ?? [];
    for (const p of even) assert.ok(Math.abs(p - 1 / k) < 1e-3);
    const first = platt.float({ classes: k, a: ones(pairs, -2), b: ones(pairs, 0) }, [ones(pairs, 3)])[0] ?? new Float64Array(0);
    assert.ok(Math.abs(first.reduce((a, b) => a + b, 0) - 1) < 1e-9);
    for (let c = 1; c < k; c++) assert.ok((first[c - 1] ?? 0) > (first[c] ?? 0));
  }
});

test("decisions of any size give finite probabilities", () => {
  for (const v of [1e300, -1e300]) {
    const p = platt.float({ classes: 3, a: ones(3, -1), b: ones(3, 0) }, [Float64Array.of(v, v, -v)])[0] ?? [];
    for (const q of p) assert.ok(Number.isFinite(q) && q >= 0 && q <= 1);
  }
});
