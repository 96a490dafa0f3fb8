import { operand, operands, refuse } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";

const lower = (subtract: boolean): NetLowering => (n, b) => [b.add("add", { subtract, activation: "none" }, [operand(n, 0), operand(n, 1)], outputOf(n))];

const sum: NetLowering = (n, b) => {
  const [first, ...more] = operands(n);
  if (first === undefined) return refuse(n, "no operands", "The file is damaged; export the model again.");
  return [more.reduce((all, v, i) => b.add("add", { subtract: false, activation: "none" }, [all, v], i === more.length - 1 ? outputOf(n) : { name: `${n.name}/sum_${i}` }), first)];
};

export const fromOnnx = { Add: lower(false), Sub: lower(true), Sum: sum };
