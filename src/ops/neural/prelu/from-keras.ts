/** PReLU: slopes for each element, or 1 long along the axes that share them. */
import { operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { output, weight } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";

const prelu: NetLowering = (n, b) => {
  const x = operand(n, 0);
  const rank = shapeOf(b, x).length;
  weight(n, b, 0, rank - 1);
  const alpha = n.inputs[1] ?? refuse(n, "its slopes are missing", "Save the whole model with model.save.");
  return [b.add("prelu", {}, [x, alpha], output(n))];
};

export const fromKeras = { PReLU: prelu };
