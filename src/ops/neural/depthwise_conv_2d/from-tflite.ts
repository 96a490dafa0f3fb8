/** DEPTHWISE_CONV_2D: options DepthwiseConv2DOptions, weights (1, kh, kw, channels * multiplier). */
import { fusedActivation, numberOption, operand, operands, refuse, shapeOf, textOption } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { makeArray } from "../../../ir/types.js";
import { padding } from "../../../ir/window.js";

/** The weights (1, kh, kw, out) of one input channel as those of a convolution; null where they are not constant. */
function asConvolution(b: NetBuilder, v: Value): Value | null {
  const { name, dtype, shape, data, quant } = b.tensor(v);
  const [, kh = 1, kw = 1, out = 1] = shape;
  if (!data) return null;
  const turned = makeArray(dtype, data.length);
  for (let k = 0; k < kh * kw; k++) for (let o = 0; o < out; o++) turned[o * kh * kw + k] = data[k * out + o] as number;
  return b.constant({ name, dtype, shape: [out, kh, kw, 1], data: turned, ...(quant ? { quant: quant.axis === undefined ? quant : { ...quant, axis: 0 } } : {}) });
}

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
  const [x = 0, w = 0, ...bias] = operands(n);
  // With one input channel it is a convolution, which has more kernels.
  const turned = channels === 1 ? asConvolution(b, w) : null;
  if (turned !== null) return [b.add("conv_2d", { ...attrs, groups: 1 }, [x, turned, ...bias], n.outputs[0])];
  return [b.add("depthwise_conv_2d", attrs, operands(n), n.outputs[0])];
}
