/** TRANSPOSE_CONV: the inverse of from-tflite.ts. */
import type { NetWriting } from "../../../ir/op.js";
import { fusedName, integers, operandOf, outputOf, weightsOf } from "../../../ir/write-node.js";
import type { TransposeConvAttrs } from "./attrs.js";

/** Border in front of the output, as padding SAME has it. */
const before = (length: number, kernel: number, stride: number, out: number): number => Math.max(0, Math.floor(((length - 1) * stride + kernel - out) / 2));

export function toTflite(a: TransposeConvAttrs, w: NetWriting): void {
  const [, h = 1, wide = 1] = operandOf(w, 0).shape;
  const [, kh = 1, kw = 1] = operandOf(w, 1).shape;
  const same = a.top === before(h, kh, a.strideY, a.outH) && a.left === before(wide, kw, a.strideX, a.outW);
  if (!same && (a.top !== 0 || a.left !== 0)) w.refuse("borders that are neither SAME nor VALID", "TFLite has no form for them.");
  const fields = { padding: same ? "SAME" : "VALID", stride_w: a.strideX, stride_h: a.strideY, fused_activation_function: fusedName(a.activation) };
  const [weights, ...bias] = weightsOf(w);
  w.add("TRANSPOSE_CONV", ["TransposeConvOptions", fields], [integers(w, "shape", outputOf(w).shape), weights, w.inputs[0] ?? null, ...bias], w.output);
}
