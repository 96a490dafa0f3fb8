/** Activations in fixed point: shape of the curves at their ends, and networks that keep their answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isReady, ready } from "../../../../test/support/models.js";
import { convertRow } from "../../../ir/conversion.js";
import type { PrepareCtx } from "../../../ir/op.js";
import { makeArray, scaleAt, zeroAt, type DType, type Tensor } from "../../../ir/types.js";
import { evaluate } from "../../../passes/evaluate.js";
import { dequantise, runProgram } from "../../../passes/run-program.js";
import op, { type ActivationAttrs } from "./index.js";

const known = { min: Float64Array.of(-8), max: Float64Array.of(8), mean: new Float64Array(1) };

/** The curve as a function of the input's integer, in real units. */
function curve(kind: string, dtype: DType, scale: number, level: number): (q: number) => number {
  const ctx: PrepareCtx<ActivationAttrs> = {
    attrs: { kind }, arithmetic: "int", inputs: [{ name: "x", dtype, shape: [1], quant: { scale: [scale], zero: [0] } }], outputs: [], inputStats: [known], outputStats: [known], perElementOutput: false, level,
  };
  const made = op.prepare?.(ctx);
  assert.ok(made);
  const quant = made.outputs[0]?.quant ?? { scale: [1], zero: [0] };
  return (q) => {
    const [x, y] = [makeArray(dtype, 1), makeArray(made.outputs[0]?.dtype ?? "i16", 1)];
    x[0] = q;
    op.int(made.params, [x], [y]);
    return scaleAt(quant, 0) * ((y[0] ?? 0) - zeroAt(quant, 0));
  };
}

for (const kind of ["tanh", "logistic"]) {
  test(`${kind}: rises, mirrors, and ends where it should, for any scale of the input`, () => {
    const f = kind === "tanh" ? Math.tanh : (v: number): number => 1 / (1 + Math.exp(-v));
    for (const [dtype, scale] of [["i32", 1e-9], ["i32", 1e-5], ["i32", 0.01], ["i16", 3e-4], ["i16", 1], ["i8", 0.05], ["i8", 4]] as const) {
      for (const [level, allowed] of [[0, 0.008], [1, 0.0006]] as const) {
        const c = curve(kind, dtype, scale, level);
        const top = dtype === "i32" ? 2 ** 31 - 1 : dtype === "i16" ? 32767 : 127;
        let last = -Infinity;
        for (let k = -400; k <= 400; k++) {
          const q = Math.trunc(Math.sign(k) * Math.min(top, (Math.abs(k) / 400) ** 3 * top));
          const v = c(q);
          assert.ok(v >= last, `${dtype} ${scale}: falls at ${q}`);
          assert.ok(Math.abs(v - f(q * scale)) <= allowed, `${dtype} ${scale} level ${level}: ${v} at ${q}, ${f(q * scale)} expected`);
          last = v;
        }
        assert.ok(Math.abs(c(-top - 1) - f((-top - 1) * scale)) <= allowed);
      }
    }
  });
}

test("relu clips what calibration did not see, and never wraps", () => {
  for (const level of [0, 1]) {
    const c = curve("relu", "i32", 1e-8, level);
    assert.equal(c(-(2 ** 31)), 0);
    assert.equal(c(0), 0);
    assert.ok(c(2 ** 31 - 1) >= 8 * (1 - 1 / 255));
    assert.ok(Math.abs(c(3e8) - 3) <= (level === 0 ? 0.05 : 0.001));
  }
});

for (const name of ["mlp_relu_multi", "mlp_relu_binary", "mlp_logistic_binary", "mlp_tanh_multi", "mlp_adam_str", "mlpr_relu", "mlpr_tanh"]) {
  test(`${name}: fixed point keeps the answers`, () => {
    const m = ready(`sklearn/${name}`, 150);
    assert.ok(isReady(m));
    const p = m.compiled.program;
    let wrong = 0;
    for (const row of m.rows) {
      const [want, got] = [evaluate(m.graph, row), runProgram(p, convertRow(row, p.tensors[p.input] as Tensor))];
      if (got.label !== want.label) wrong++;
      if (p.label === null) assert.ok(Math.abs((dequantise(p, got.scores)[0] ?? 0) - (want.scores[0] ?? 0)) < 0.1, `${dequantise(p, got.scores)[0]} against ${want.scores[0]}`);
    }
    assert.ok(wrong <= 2, `${wrong} of ${m.rows.length} labels differ`);
  });
}
