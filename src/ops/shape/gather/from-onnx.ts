/** Gather: constant indices become tables (`pick`); negative ones count from the end. */
import { axisOf, numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";
import { addPicked, upTo } from "../../../ir/picked.js";

const gather: NetLowering = (n, b) => {
  const [x, index] = [operand(n, 0), operand(n, 1)];
  const [t, at] = [b.tensor(x), b.tensor(index)];
  const axis = axisOf(n, numberOption(n, "axis", 0), t.shape.length);
  const result = t.shape.toSpliced(axis, 1, ...shapeOf(b, index));
  const as = { name: outputOf(n).name, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) };
  if (!at.data) return [b.add("gather", { axis, shape: Int32Array.from(result) }, [x, index], as)];
  const size = t.shape[axis] as number;
  const places = Array.from(at.data, (i) => (i < 0 ? i + size : i));
  if (places.some((i) => !(i >= 0 && i < size))) return refuse(n, `indices ${[...at.data].slice(0, 8).join(", ")} of an axis of ${size}`, "The file is damaged; export the model again.");
  return [addPicked(b, x, t.shape.map((s, d) => (d === axis ? places : upTo(s))), result, as)];
};

export const fromOnnx = { Gather: gather };
