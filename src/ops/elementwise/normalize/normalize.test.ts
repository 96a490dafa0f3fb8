/** Rows of any size come out with norm 1; a row of zeros stays zeros. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../../../test/support/random.js";
import type { PrepareCtx } from "../../../ir/op.js";
import op, { type NormalizeAttrs } from "./index.js";

function device(norm: string, n: number, level: number): (x: Int16Array) => number[] {
  const ctx: PrepareCtx<NormalizeAttrs> = { attrs: { norm }, arithmetic: "int", inputs: [{ name: "x", dtype: "i16", shape: [n], quant: { scale: [0.5], zero: [0] } }], outputs: [], inputStats: [], outputStats: [], perElementOutput: false, level };
  const made = op.prepare?.(ctx);
  assert.ok(made);
  const bits = level === 0 ? 7 : 15;
  return (x) => {
    const y = level === 0 ? new Int8Array(n) : new Int16Array(n);
    op.int(made.params, [x], [y]);
    return Array.from(y, (v) => v / 2 ** bits);
  };
}

test("rows of one, of many, tiny and huge", () => {
  const r = random(4);
  for (const norm of ["l1", "l2", "max"]) {
    for (const n of [1, 2, 16, 17, 64, 65, 300]) {
      for (const [level, allowed] of [[0, 0.02], [1, 0.001]] as const) {
        const f = device(norm, n, level);
        for (const size of [1, 3, 100, 32767]) {
          const x = Int16Array.from({ length: n }, (_, i) => (i === 0 ? (size === 32767 ? -32768 : size) : r.below(2 * size + 1) - size));
          const want = op.float({ norm }, [Float64Array.from(x)])[0] ?? new Float64Array(n);
          f(x).forEach((v, i) => assert.ok(Math.abs(v - (want[i] ?? 0)) <= allowed, `${norm} n=${n} size=${size} element ${i}: ${v} against ${want[i]}`));
        }
      }
    }
  }
});

test("equal extremes in every element do not overflow", () => {
  for (const n of [1, 4, 16, 17, 64, 1000]) {
    for (const v of [-32768, 32767, -1, 1, -16385]) {
      const y = device("l2", n, 1)(new Int16Array(n).fill(v));
      for (const e of y) assert.ok(Math.abs(e - Math.sign(v) / Math.sqrt(n)) < 0.001, `n=${n} v=${v}: ${e}`);
    }
  }
});

test("a row of zeros stays zeros", () => {
  for (const norm of ["l1", "l2", "max"]) assert.deepEqual(device(norm, 3, 1)(new Int16Array(3)), [0, 0, 0]);
});
