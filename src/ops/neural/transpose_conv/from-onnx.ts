/** ConvTranspose: weights (in, out, kernel). */
import { channelsFirst, channelsLast, inner, transposed } from "../../../ir/channels.js";
import { listOption, numberOption, operand, refuse, shapeOf, textOption } from "../../../ir/foreign-node.js";
import { borders, dilations, outputOf, strides } from "../../../ir/onnx-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";

/** Border in front and length of one axis. */
function axis(n: ForeignNode, size: number, kernel: number, stride: number, [before, after]: readonly [number, number], extra: number, wanted: number | undefined): readonly [number, number] {
  const all = (size - 1) * stride + kernel + extra;
  const auto = textOption(n, "auto_pad", "NOTSET");
  const target = wanted ?? (auto.startsWith("SAME") ? size * stride : undefined);
  if (target === undefined) return [auto === "VALID" ? 0 : before, all - (auto === "VALID" ? 0 : before + after)];
  const cut = Math.max(0, all - target);
  return [auto === "SAME_UPPER" ? Math.floor(cut / 2) : Math.ceil(cut / 2), target];
}

function convTranspose(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const rank = shapeOf(b, x).length;
  const image = channelsLast(n, b, x);
  const [, h = 1, wide = 1] = shapeOf(b, image);
  const t = b.tensor(operand(n, 1));
  if (!t.data || t.shape.length !== rank) refuse(n, `weights of shape (${t.shape.join(", ")})`, "Supported: weights stored in the file, (in, out, kernel).");
  if (numberOption(n, "group", 1) !== 1 || dilations(n, rank).some((d) => d !== 1)) refuse(n, "groups or dilation", "Supported: one group, dilation 1.");
  const [i = 1, o = 1, k1 = 1, k2 = 1] = t.shape;
  const [kh, kw] = rank === 3 ? [1, k1] : [k1, k2];
  const w = rank === 4 ? operand(n, 1) : b.add("reshape", { shape: Int32Array.of(i, o, 1, k1) }, [operand(n, 1)], { name: `${t.name}/image`, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) });
  const [strideY, strideX] = strides(n, rank);
  const [pt, pl, pb, pr] = borders(n, rank);
  const [extra, wanted] = [listOption(n, "output_padding"), listOption(n, "output_shape").slice(-(rank - 2))];
  const last = (list: readonly number[]): readonly [number | undefined, number | undefined] => (rank === 3 ? [undefined, list[0]] : [list[0], list[1]]);
  const [top, outH] = axis(n, h, kh, strideY, [pt, pb], last(extra)[0] ?? 0, last(wanted)[0]);
  const [left, outW] = axis(n, wide, kw, strideX, [pl, pr], last(extra)[1] ?? 0, last(wanted)[1]);
  const operands = [image, transposed(b, w, [1, 2, 3, 0], `${t.name}/channels_last`), ...n.inputs.slice(2, 3).filter((v): v is Value => v !== null)];
  const y = b.add("transpose_conv", { strideY, strideX, top, left, outH, outW, activation: "none" }, operands, inner(n.outputs[0]));
  return [channelsFirst(b, y, rank, outputOf(n))];
}

export const fromOnnx = { ConvTranspose: convTranspose };
