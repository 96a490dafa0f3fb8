import { operand } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";

/** The result has the type of what is chosen from. */
const where: NetLowering = (n, b) => {
  const { dtype, quant } = b.tensor(operand(n, 1));
  return [b.add("select", {}, [operand(n, 0), operand(n, 1), operand(n, 2)], { name: outputOf(n).name, dtype, ...(quant ? { quant } : {}) })];
};

export const fromOnnx = { Where: where };
