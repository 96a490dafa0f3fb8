import { operand, shapeOf } from "../../../ir/foreign-node.js";
import { lastAxis, output } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";

const softmax: NetLowering = (n, b) => {
  lastAxis(n, shapeOf(b, operand(n, 0)).length);
  return [b.add("softmax", { beta: 1 }, [operand(n, 0)], output(n))];
};

export const fromKeras = { Softmax: softmax };
