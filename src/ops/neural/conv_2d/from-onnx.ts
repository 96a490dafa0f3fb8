/** Conv: weights (out, in / group, kernel); each channel by itself becomes `depthwise_conv_2d`, sequences are images of height 1. */
import { channelsFirst, channelsLast, inner, transposed } from "../../../ir/channels.js";
import { numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { outputOf, windowOf } from "../../../ir/onnx-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";

/** Weights as (out, in / group, kh, kw). */
function weights(n: ForeignNode, b: NetBuilder, rank: number): Value {
  const w = operand(n, 1);
  const t = b.tensor(w);
  if (!t.data) refuse(n, `the weights ${t.name} are computed by the network`, "Supported: weights stored in the file.");
  if (t.shape.length !== rank || (rank !== 3 && rank !== 4)) refuse(n, `weights of shape (${t.shape.join(", ")}) for an input of ${rank} axes`, "Supported: convolutions over sequences and images (1-D and 2-D).");
  const [o = 1, i = 1, k = 1] = t.shape;
  return rank === 4 ? w : b.add("reshape", { shape: Int32Array.of(o, i, 1, k) }, [w], { name: `${t.name}/image`, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) });
}

function conv(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const rank = shapeOf(b, x).length;
  const w = weights(n, b, rank);
  const [out = 1, depth = 1, kh = 1, kw = 1] = shapeOf(b, w);
  const image = channelsLast(n, b, x);
  const [, h = 1, wide = 1, channels = 1] = shapeOf(b, image);
  const groups = numberOption(n, "group", 1);
  const single = groups === channels && depth === 1 && out % channels === 0 && groups > 1;
  if (depth * groups !== channels) refuse(n, `${channels} channels in ${groups} groups, weights of depth ${depth}`, "The file is damaged; export the model again.");
  const attrs = { ...windowOf(n, rank, [h, wide], [kh, kw]), activation: "none" };
  const name = `${b.tensor(w).name}/channels_last`;
  const operands = [image, transposed(b, w, single ? [1, 2, 3, 0] : [0, 2, 3, 1], name), ...n.inputs.slice(2, 3).filter((v): v is Value => v !== null)];
  const y = single ? b.add("depthwise_conv_2d", attrs, operands, inner(n.outputs[0])) : b.add("conv_2d", { ...attrs, groups }, operands, inner(n.outputs[0]));
  return [channelsFirst(b, y, rank, outputOf(n))];
}

export const fromOnnx = { Conv: conv };
