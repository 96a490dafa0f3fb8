/** CONV_3D: options Conv3DOptions, weights (kd, kh, kw, in, out). */
import { fusedActivation, numberOption, operand, operands, shapeOf, textOption } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { samePadding } from "../../../ir/window.js";

export function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [lengths, kernels] = [shapeOf(b, operand(n, 0)).slice(1, 4), shapeOf(b, operand(n, 1))];
  const strides = ["stride_d", "stride_h", "stride_w"].map((k) => numberOption(n, k));
  const dilations = ["dilation_d_factor", "dilation_h_factor", "dilation_w_factor"].map((k) => numberOption(n, k, 1));
  const borders = lengths.map((length, i) => (textOption(n, "padding") === "SAME" ? samePadding(length, kernels[i] ?? 1, strides[i] ?? 1, dilations[i] ?? 1) : [0, 0]));
  const attrs = {
    stride: Int32Array.from(strides), dilation: Int32Array.from(dilations), activation: fusedActivation(n),
    before: Int32Array.from(borders, ([v = 0]) => v), after: Int32Array.from(borders, ([, v = 0]) => v),
  };
  return [b.add("conv_3d", attrs, operands(n), n.outputs[0])];
}
