/** ONNX pooling over images and sequences, for the operators that pool. */
import { channelsFirst, channelsLast, inner } from "./channels.js";
import { numberOption, operand, refuse, shapeOf } from "./foreign-node.js";
import { dilations, kernelShape, outputOf, windowOf } from "./onnx-node.js";
import type { NetLowering } from "./op.js";

/** `count_include_pad`: the borders count as zeros, so that they are made first. */
export const poolFromOnnx = (op: string): NetLowering => (n, b) => {
  const x = operand(n, 0);
  const rank = shapeOf(b, x).length;
  const image = channelsLast(n, b, x);
  const [, h = 1, wide = 1] = shapeOf(b, image);
  const [kernelY, kernelX] = kernelShape(n, rank);
  if (n.outputs.length > 1) refuse(n, "a second output (positions of the largest elements)", "Supported: the first output.");
  if (dilations(n, rank).some((d) => d !== 1)) refuse(n, "a dilated window", "Supported: dilation 1.");
  const w = windowOf(n, rank, [h, wide], [kernelY, kernelX]);
  const bordered = numberOption(n, "count_include_pad", 0) !== 0 && [w.top, w.left, w.bottom, w.right].some((v) => v > 0);
  if (bordered && numberOption(n, "ceil_mode", 0) !== 0) refuse(n, "count_include_pad together with ceil_mode", "Supported: one of the two.");
  const t = b.tensor(image);
  const from = bordered ? b.add("pad", { before: Int32Array.of(0, w.top, w.left, 0), after: Int32Array.of(0, w.bottom, w.right, 0), value: 0 }, [image], { name: `${n.name}/pad`, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) }) : image;
  const none = { top: 0, left: 0, bottom: 0, right: 0 };
  const y = b.add(op, { kernelY, kernelX, ...w, ...(bordered ? none : {}), activation: "none" }, [from], inner(n.outputs[0]));
  return [channelsFirst(b, y, rank, outputOf(n))];
};
