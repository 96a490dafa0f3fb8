/** The integer constant is exact: every integer of the input falls on the same side as its real value. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../../../test/support/random.js";
import type { PrepareCtx } from "../../../ir/op.js";
import { arrayFrom, limits, type IntDType } from "../../../ir/types.js";
import op, { type BinarizeAttrs } from "./index.js";

test("every integer is on the side of its real value", () => {
  const r = random(1);
  const types: readonly IntDType[] = ["u8", "i8", "i16"];
  for (let k = 0; k < 200; k++) {
    const dtype = r.pick(types);
    const [lo, hi] = limits(dtype);
    const scale = r.pick([1, 0.1, 0.3, 2 ** r.between(-12, 6)]);
    const zero = r.pick([0, 7, 12.25, -300.5]);
    // On the constant itself, between two integers, and beyond the range.
    const at = r.pick([scale * (r.below(hi - lo) + lo - zero), r.between(-1, 1), 1e9, -1e9, 0]);
    const ctx: PrepareCtx<BinarizeAttrs> = { attrs: { at }, arithmetic: "int", inputs: [{ name: "x", dtype, shape: [1], quant: { scale: [scale], zero: [zero] } }], outputs: [], inputStats: [], outputStats: [], perElementOutput: false, level: 0 };
    const made = op.prepare?.(ctx);
    assert.ok(made);
    for (let q = lo; q <= hi; q += dtype === "i16" ? 13 : 1) {
      const y = new Uint8Array(1);
      op.int(made.params, [arrayFrom(dtype, [q])], [y]);
      assert.equal(y[0], scale * (q - zero) > at ? 1 : 0, `${dtype} ${q}, scale ${scale}, zero ${zero}, at ${at}`);
    }
  }
});
