/** Add, Subtract, Average of two tensors and more. */
import { operand, operands, refuse } from "../../../ir/foreign-node.js";
import { alignBatch, output, part, scalar } from "../../../ir/keras-node.js";
import type { ForeignNode, NetBuilder, NetLowering, Template, Value } from "../../../ir/op.js";

const plus = { subtract: false, activation: "none" } as const;

function sum(n: ForeignNode, b: NetBuilder, as: Template): Value {
  const [first, ...more] = alignBatch(n, b, operands(n));
  if (first === undefined || more.length === 0) return refuse(n, "fewer than two operands", "The file is damaged; save the model again with model.save.");
  return more.reduce((all, v, i) => b.add("add", plus, [all, v], i === more.length - 1 ? as : part(n, `sum_${i}`)), first);
}

const subtract: NetLowering = (n, b) => {
  const [x = operand(n, 0), y = operand(n, 1)] = alignBatch(n, b, operands(n));
  return [b.add("add", { subtract: true, activation: "none" }, [x, y], output(n))];
};

const average: NetLowering = (n, b) => [b.add("mul", { activation: "none" }, [sum(n, b, part(n, "sum")), scalar(n, b, "share", 1 / operands(n).length)], output(n))];

export const fromKeras: Readonly<Record<string, NetLowering>> = { Add: (n, b) => [sum(n, b, output(n))], Subtract: subtract, Average: average };
