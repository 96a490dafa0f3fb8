import { axisOf, numberOption, operand, operands, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { output } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";

const concatenate: NetLowering = (n, b) => {
  const axis = axisOf(n, numberOption(n, "axis", -1), shapeOf(b, operand(n, 0)).length);
  if (axis === 0) return refuse(n, "the batch as axis", "Supported: any other axis.");
  return [b.add("concat", { axis, stack: false }, operands(n), output(n))];
};

export const fromKeras = { Concatenate: concatenate };
