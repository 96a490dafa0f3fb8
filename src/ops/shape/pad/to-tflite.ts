/** PAD, and PADV2 where the border is not real zero. */
import type { NetWriting } from "../../../ir/op.js";
import { arrayFrom, type TypedArray } from "../../../ir/types.js";
import { integers, outputOf } from "../../../ir/write-node.js";
import { stored } from "./stored.js";

export function toTflite(a: { readonly before: TypedArray; readonly after: TypedArray; readonly value: number }, w: NetWriting): void {
  const pairs = [...a.before].flatMap((v, d) => [v, a.after[d] ?? 0]);
  const operands = [w.inputs[0] ?? null, integers(w, "borders", pairs, [a.before.length, 2])];
  const { dtype, quant } = outputOf(w);
  if (a.value === 0) w.add("PAD", ["PadOptions", {}], operands, w.output);
  else w.add("PADV2", ["PadV2Options", {}], [...operands, w.constant({ name: `${w.name}/value`, dtype, shape: [1], data: arrayFrom(dtype, stored(a.value, outputOf(w))), ...(quant ? { quant } : {}) })], w.output);
}
