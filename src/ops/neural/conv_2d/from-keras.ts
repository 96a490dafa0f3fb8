/** Conv1D and Conv2D: kernel (kh, kw, in / groups, out); a sequence is an image of height 1. */
import { numberOption } from "../../../ir/foreign-node.js";
import { activated, asImage, biasAt, fromImage, imageName, reordered, weight, windowOf } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";

const conv: NetLowering = (n, b) => {
  const { x, rank, shape: [h, wide] } = asImage(n, b);
  const kernel = weight(n, b, 0, rank);
  const [kh = 1, kw = 1, depth = 1, out = 1] = rank === 3 ? [1, ...kernel.shape] : kernel.shape;
  const w = reordered(n, b, kernel, rank === 3 ? [2, 0, 1] : [3, 0, 1, 2], [out, kh, kw, depth], 0);
  const attrs = { ...windowOf(n, rank, [h, wide], [kh, kw]), groups: numberOption(n, "groups", 1) };
  return activated(n, b, (activation, as) => fromImage(b, b.add("conv_2d", { ...attrs, activation }, [x, w, ...biasAt(n, b, 1)], imageName(rank, as)), rank, as));
};

export const fromKeras = { Conv1D: conv, Conv2D: conv };
