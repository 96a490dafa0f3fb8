import { operands, refuse } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";

const lower = (largest: boolean): NetLowering => (n, b) => {
  const [first, ...more] = operands(n);
  if (first === undefined) return refuse(n, "no operands", "The file is damaged; export the model again.");
  const y = outputOf(n);
  return [more.reduce((all, v, i) => b.add("min_max", { largest }, [all, v], i === more.length - 1 ? y : { ...y, name: `${y.name}/${i}` }), first)];
};

export const fromOnnx = { Max: lower(true), Min: lower(false) };
