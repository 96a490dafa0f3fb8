import { operand } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";

const lower = (kind: string): NetLowering => (n, b) => [b.add("compare", { kind }, [operand(n, 0), operand(n, 1)], { name: outputOf(n).name, dtype: "u8" })];

export const fromOnnx = {
  Equal: lower("equal"), Less: lower("less"), LessOrEqual: lower("less_equal"), Greater: lower("greater"), GreaterOrEqual: lower("greater_equal"),
};
