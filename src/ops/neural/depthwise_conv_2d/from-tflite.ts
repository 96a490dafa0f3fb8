/** DEPTHWISE_CONV_2D: options DepthwiseConv2DOptions, weights (1, kh, kw, channels * multiplier). */
import { fusedActivation, numberOption, operand, operands, refuse, shapeOf, textOption } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { padding } from "../../../ir/window.js";

export function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [, h = 1, wide = 1, channels = 1] = shapeOf(b, operand(n, 0));
  const [, kh = 1, kw = 1, out = 1] = shapeOf(b, operand(n, 1));
  if (out % channels !== 0) refuse(n, `${out} output channels from ${channels} input channels`, "The file is damaged; convert the model again.");
  const [strideY, strideX] = [numberOption(n, "stride_h"), numberOption(n, "stride_w")];
  const [dilationY, dilationX] = [numberOption(n, "dilation_h_factor", 1), numberOption(n, "dilation_w_factor", 1)];
  const attrs = {
    strideY, strideX, dilationY, dilationX, activation: fusedActivation(n),
    ...padding(textOption(n, "padding") === "SAME", [h, wide], [kh, kw], [strideY, strideX], [dilationY, dilationX]),
  };
  return [b.add("depthwise_conv_2d", attrs, operands(n), n.outputs[0])];
}
