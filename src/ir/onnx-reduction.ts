/** ONNX reductions for the operators that reduce: axes as attribute or input, all axes where none are given. */
import { numberOption, operand, shapeOf } from "./foreign-node.js";
import { axesOf, outputOf } from "./onnx-node.js";
import type { NetLowering } from "./op.js";
import { addReduced } from "./reduction.js";

export const reduceFromOnnx = (op: string, attrs: Readonly<Record<string, boolean>>): NetLowering => (n, b) => {
  const x = operand(n, 0);
  const rank = shapeOf(b, x).length;
  const axes = axesOf(n, b, rank);
  if (axes === null && numberOption(n, "noop_with_empty_axes", 0) !== 0) return [x];
  return [addReduced(op, attrs, n, b, x, axes ?? [...Array(rank).keys()], numberOption(n, "keepdims", 1) !== 0, outputOf(n))];
};

/** Pooling over all of the image: a reduction of every axis behind the channels. */
export const globalFromOnnx = (op: string, attrs: Readonly<Record<string, boolean>>): NetLowering => (n, b) => {
  const x = operand(n, 0);
  return [addReduced(op, attrs, n, b, x, [...shapeOf(b, x).keys()].slice(2), true, outputOf(n))];
};
