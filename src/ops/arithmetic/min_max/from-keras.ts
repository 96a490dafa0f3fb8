import { operands, refuse } from "../../../ir/foreign-node.js";
import { alignBatch, output, part } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";

const extreme = (largest: boolean): NetLowering => (n, b) => {
  const [first, ...more] = alignBatch(n, b, operands(n));
  if (first === undefined || more.length === 0) return refuse(n, "fewer than two operands", "The file is damaged; save the model again with model.save.");
  return [more.reduce((all, v, i) => b.add("min_max", { largest }, [all, v], i === more.length - 1 ? output(n) : part(n, `part_${i}`)), first)];
};

export const fromKeras = { Maximum: extreme(true), Minimum: extreme(false) };
