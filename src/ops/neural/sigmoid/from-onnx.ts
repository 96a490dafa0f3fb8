import { operand } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";

const lower = (tanh: boolean): NetLowering => (n, b) => [b.add("sigmoid", { tanh }, [operand(n, 0)], outputOf(n))];

export const fromOnnx = { Sigmoid: lower(false), Tanh: lower(true) };
