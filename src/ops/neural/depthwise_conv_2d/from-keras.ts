/** DepthwiseConv1D/2D: kernel (kh, kw, channels, multiplier). SeparableConv1D/2D: the same, then a 1 x 1 convolution. */
import { activated, asImage, biasAt, fromImage, imageName, part, reordered, weight, windowOf } from "../../../ir/keras-node.js";
import type { ForeignNode, NetBuilder, NetLowering, Template, Value } from "../../../ir/op.js";

interface Image { readonly x: Value; readonly rank: number; readonly shape: readonly [number, number, number] }

function spatial(n: ForeignNode, b: NetBuilder, { x, rank, shape: [h, wide] }: Image, activation: string, bias: readonly Value[], as: Template): Value {
  const kernel = weight(n, b, 0, rank);
  const [kh = 1, kw = 1, channels = 1, each = 1] = rank === 3 ? [1, ...kernel.shape] : kernel.shape;
  const w = reordered(n, b, kernel, [...kernel.shape.keys()], [1, kh, kw, channels * each], 0);
  return b.add("depthwise_conv_2d", { ...windowOf(n, rank, [h, wide], [kh, kw]), activation }, [x, w, ...bias], as);
}

const depthwise: NetLowering = (n, b) => {
  const image = asImage(n, b);
  return activated(n, b, (activation, as) => fromImage(b, spatial(n, b, image, activation, biasAt(n, b, 1), imageName(image.rank, as)), image.rank, as));
};

const separable: NetLowering = (n, b) => {
  const image = asImage(n, b);
  const { rank } = image;
  const middle = spatial(n, b, image, "none", [], part(n, "depthwise"));
  const kernel = weight(n, b, 1, rank);
  const [depth = 1, out = 1] = kernel.shape.slice(-2);
  const w = reordered(n, b, kernel, rank === 3 ? [2, 0, 1] : [3, 0, 1, 2], [out, 1, 1, depth], 1);
  const attrs = { strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 0, left: 0, bottom: 0, right: 0, groups: 1 };
  return activated(n, b, (activation, as) => fromImage(b, b.add("conv_2d", { ...attrs, activation }, [middle, w, ...biasAt(n, b, 2)], imageName(rank, as)), rank, as));
};

export const fromKeras = { DepthwiseConv1D: depthwise, DepthwiseConv2D: depthwise, SeparableConv1D: separable, SeparableConv2D: separable };
