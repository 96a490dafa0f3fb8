import { operand } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";
import { count } from "../../../ir/types.js";

/** Squares and roots have cheaper forms. */
const pow: NetLowering = (n, b) => {
  const x = operand(n, 0);
  const e = b.tensor(operand(n, 1));
  const exponent = e.data && count(e.shape) === 1 && e.shape.length <= b.tensor(x).shape.length ? e.data[0] : undefined;
  if (exponent === 2) return [b.add("mul", { activation: "none" }, [x, x], outputOf(n))];
  if (exponent === 0.5) return [b.add("unary", { kind: "sqrt", alpha: 1 }, [x], outputOf(n))];
  return [b.add("binary", { kind: "pow" }, [x, operand(n, 1)], outputOf(n))];
};

export const fromOnnx = { Pow: pow };
