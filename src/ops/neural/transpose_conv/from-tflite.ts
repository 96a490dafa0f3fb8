/** TRANSPOSE_CONV: inputs are the output's shape, weights (out, kh, kw, in), the image, and the bias; options TransposeConvOptions. */
import { constantOf, fusedActivation, numberOption, operand, refuse, refuseNarrowSums, shapeOf, textOption } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";

export function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  refuseNarrowSums(n, b, 2);
  const wanted = constantOf(n, b, 0);
  const [, outH = 0, outW = 0] = wanted;
  if (wanted.length !== 4 || wanted[0] !== 1) refuse(n, `an output of shape (${wanted.join(", ")})`, "Supported: (1, height, width, channels).");
  const [, h = 1, wide = 1] = shapeOf(b, operand(n, 2));
  const [, kh = 1, kw = 1] = shapeOf(b, operand(n, 1));
  const [strideY, strideX] = [numberOption(n, "stride_h"), numberOption(n, "stride_w")];
  const before = (length: number, kernel: number, stride: number, out: number): number => (textOption(n, "padding") === "SAME" ? Math.max(0, Math.floor(((length - 1) * stride + kernel - out) / 2)) : 0);
  const attrs = { strideY, strideX, outH, outW, top: before(h, kh, strideY, outH), left: before(wide, kw, strideX, outW), activation: fusedActivation(n) };
  const bias = n.inputs[3] ?? null;
  return [b.add("transpose_conv", attrs, [operand(n, 2), operand(n, 1), ...(bias === null ? [] : [bias])], n.outputs[0])];
}
