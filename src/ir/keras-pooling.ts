/** Keras' pooling layers for the operators that pool or reduce; a sequence is an image of height 1. */
import { flagOption, operand, shapeOf } from "./foreign-node.js";
import { asImage, channelsLast, fromImage, imageName, output, pairOf, windowOf } from "./keras-node.js";
import type { NetLowering } from "./op.js";
import { addReduced } from "./reduction.js";

export const poolFromKeras = (op: string): NetLowering => (n, b) => {
  const { x, rank, shape: [h, wide] } = asImage(n, b);
  const [kernelY, kernelX] = pairOf(n, "pool_size", rank);
  const attrs = { ...windowOf(n, rank, [h, wide], [kernelY, kernelX], pairOf(n, "strides", rank, [kernelY, kernelX])), kernelY, kernelX, activation: "none" };
  return [fromImage(b, b.add(op, attrs, [x], imageName(rank, output(n))), rank, output(n))];
};

/** Over all of the image: channels are left. */
export const globalFromKeras = (op: string, attrs: Readonly<Record<string, boolean>>): NetLowering => (n, b) => {
  channelsLast(n);
  const x = operand(n, 0);
  return [addReduced(op, attrs, n, b, x, [...shapeOf(b, x).keys()].slice(1, -1), flagOption(n, "keepdims"), output(n))];
};
