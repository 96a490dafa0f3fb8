/** CONV_2D: options Conv2DOptions, weights (out, kh, kw, in / groups). */
import { fusedActivation, numberOption, operand, operands, refuseNarrowSums, shapeOf, textOption } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { padding } from "../../../ir/window.js";

export function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  refuseNarrowSums(n, b, 0);
  const [, h = 1, wide = 1, channels = 1] = shapeOf(b, operand(n, 0));
  const [, kh = 1, kw = 1, depth = 1] = shapeOf(b, operand(n, 1));
  const [strideY, strideX] = [numberOption(n, "stride_h"), numberOption(n, "stride_w")];
  const [dilationY, dilationX] = [numberOption(n, "dilation_h_factor", 1), numberOption(n, "dilation_w_factor", 1)];
  const attrs = {
    strideY, strideX, dilationY, dilationX, groups: Math.max(1, Math.floor(channels / depth)), activation: fusedActivation(n),
    ...padding(textOption(n, "padding") === "SAME", [h, wide], [kh, kw], [strideY, strideX], [dilationY, dilationX]),
  };
  return [b.add("conv_2d", attrs, operands(n), n.outputs[0])];
}
