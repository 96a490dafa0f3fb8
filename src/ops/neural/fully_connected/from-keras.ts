/** Dense: kernel (in, out), applied to the last axis. */
import { operand, shapeOf } from "../../../ir/foreign-node.js";
import { activated, biasAt, reordered, weight } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";

const dense: NetLowering = (n, b) => {
  const x = operand(n, 0);
  const kernel = weight(n, b, 0, 2);
  const [inputs = 0, outputs = 0] = kernel.shape;
  const w = reordered(n, b, kernel, [1, 0], [outputs, inputs], 0);
  return activated(n, b, (activation, as) => b.add("fully_connected", { keepDims: shapeOf(b, x).length !== 2, activation }, [x, w, ...biasAt(n, b, 1)], as));
};

export const fromKeras = { Dense: dense };
