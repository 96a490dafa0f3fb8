import { operand } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";
import { isInt } from "../../../ir/types.js";

/** Sizes are divided as integers. */
const div: NetLowering = (n, b) => {
  const t = b.tensor(operand(n, 0));
  const sizes = isInt(t.dtype) && !t.quant;
  return [b.add(sizes ? "binary" : "div", sizes ? { kind: "floor_div" } : { activation: "none" }, [operand(n, 0), operand(n, 1)], outputOf(n))];
};

export const fromOnnx = { Div: div };
