/** Conv1DTranspose and Conv2DTranspose: kernel (kh, kw, out, in). */
import { refuse, textOption } from "../../../ir/foreign-node.js";
import { activated, asImage, biasAt, fromImage, imageName, pairOf, reordered, weight } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";

const transposed: NetLowering = (n, b) => {
  const { x, rank, shape: [h, wide] } = asImage(n, b);
  const kernel = weight(n, b, 0, rank);
  const [kh = 1, kw = 1, out = 1, depth = 1] = rank === 3 ? [1, ...kernel.shape] : kernel.shape;
  const w = reordered(n, b, kernel, rank === 3 ? [1, 0, 2] : [2, 0, 1, 3], [out, kh, kw, depth], 0);
  const [strideY, strideX] = pairOf(n, "strides", rank, [1, 1]);
  if (pairOf(n, "dilation_rate", rank, [1, 1]).some((d) => d !== 1)) refuse(n, "a dilated window", "Supported: dilation_rate 1.");
  if (n.options["output_padding"] !== undefined) refuse(n, "output_padding", "Supported: output_padding=None; add a ZeroPadding layer instead.");
  const same = textOption(n, "padding", "valid").toLowerCase() === "same";
  const length = (size: number, k: number, s: number): number => size * s + (same ? 0 : Math.max(0, k - s));
  const before = (k: number, s: number): number => (same ? Math.floor(Math.max(0, k - s) / 2) : 0);
  const attrs = { strideY, strideX, outH: length(h, kh, strideY), outW: length(wide, kw, strideX), top: before(kh, strideY), left: before(kw, strideX) };
  return activated(n, b, (activation, as) => fromImage(b, b.add("transpose_conv", { ...attrs, activation }, [x, w, ...biasAt(n, b, 1)], imageName(rank, as)), rank, as));
};

export const fromKeras = { Conv1DTranspose: transposed, Conv2DTranspose: transposed };
