import { axisOf, numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";
import { addReduced } from "../../../ir/reduction.js";

const lower = (smallest: boolean): NetLowering => (n, b) => {
  const x = operand(n, 0);
  if (numberOption(n, "select_last_index", 0) !== 0) return refuse(n, "select_last_index", "Supported: the first of equal elements.");
  const axis = axisOf(n, numberOption(n, "axis", 0), shapeOf(b, x).length);
  return [addReduced("arg_extreme", { smallest }, n, b, x, [axis], numberOption(n, "keepdims", 1) !== 0, { name: outputOf(n).name, dtype: "i32" })];
};

export const fromOnnx = { ArgMax: lower(false), ArgMin: lower(true) };
