/** Concat. A constant among computed operands is copied to RAM: kernels read one address space through one pointer. */
import { axisOf, numberOption, operand, operands, shapeOf } from "../../../ir/foreign-node.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering, Value } from "../../../ir/op.js";

const concat: NetLowering = (n, b) => {
  const values = operands(n);
  const axis = axisOf(n, numberOption(n, "axis", 0), shapeOf(b, operand(n, 0)).length);
  const constant = values.every((v) => b.tensor(v).data);
  const readable = (v: Value, i: number): Value => {
    const t = b.tensor(v);
    return t.data && !constant ? b.add("constant", {}, [v], { name: `${n.name}/operand_${i}`, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) }) : v;
  };
  return [b.add("concat", { axis, stack: false }, values.map(readable), outputOf(n))];
};

export const fromOnnx = { Concat: concat };
