/** CONV_2D: the inverse of from-tflite.ts. */
import type { NetWriting } from "../../../ir/op.js";
import { bordered, fusedName, operandOf, weightsWithBias } from "../../../ir/write-node.js";
import type { WindowAttrs } from "../../../ir/window.js";

export function toTflite(a: WindowAttrs & { readonly activation: string }, w: NetWriting): void {
  const [channels = 1, kh = 1, kw = 1] = operandOf(w, 1).shape;
  const { x, padding } = bordered(w, a, [kh, kw]);
  const fields = { padding, stride_w: a.strideX, stride_h: a.strideY, dilation_w_factor: a.dilationX, dilation_h_factor: a.dilationY, fused_activation_function: fusedName(a.activation) };
  w.add("CONV_2D", ["Conv2DOptions", fields], [x, ...weightsWithBias(w, channels)], w.output);
}
