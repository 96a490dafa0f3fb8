/** Embedding: rows of a table, by whole numbers. */
import { flagOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { output, part, weight } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";

const embedding: NetLowering = (n, b) => {
  const index = operand(n, 0);
  const table = weight(n, b, 0, 2);
  if (flagOption(n, "mask_zero")) return refuse(n, "mask_zero", "Supported: mask_zero=False, with sequences of fixed length.");
  const whole = b.tensor(index).dtype === "f32" ? b.add("cast", { truth: false }, [index], { ...part(n, "index"), dtype: "i32" }) : index;
  const shape = [...shapeOf(b, index), table.shape[1] ?? 1];
  return [b.add("gather", { axis: 0, shape: Int32Array.from(shape) }, [n.inputs[1] as number, whole], output(n))];
};

export const fromKeras = { Embedding: embedding };
