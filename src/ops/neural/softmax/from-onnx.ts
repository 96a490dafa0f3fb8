/** Softmax and LogSoftmax: along one axis since operator set 13, over all axes from `axis` on before. */
import { transposed } from "../../../ir/channels.js";
import { axisOf, numberOption, operand, shapeOf } from "../../../ir/foreign-node.js";
import { opset, outputOf } from "../../../ir/onnx-node.js";
import type { NetBuilder, NetLowering, Template, Value } from "../../../ir/op.js";
import { count } from "../../../ir/types.js";

const like = (b: NetBuilder, v: Value, name: string): Template => { const { dtype, quant } = b.tensor(v); return { name, dtype, ...(quant ? { quant } : {}) }; };
const shaped = (b: NetBuilder, v: Value, shape: readonly number[], name: string): Value => b.add("reshape", { shape: Int32Array.from(shape) }, [v], like(b, v, name));

const lower = (op: string): NetLowering => (n, b) => {
  const x = operand(n, 0);
  const shape = shapeOf(b, x);
  const y = outputOf(n);
  const attrs = op === "softmax" ? { beta: 1 } : {};
  const axis = axisOf(n, numberOption(n, "axis", opset(n) < 13 ? 1 : -1), shape.length);
  if (axis === shape.length - 1) return [b.add(op, attrs, [x], y)];
  const made = (v: Value): Value => b.add(op, attrs, [v], { ...y, name: `${y.name}/rows` });
  if (opset(n) < 13) return [shaped(b, made(shaped(b, x, [count(shape.slice(0, axis)), count(shape.slice(axis))], `${y.name}/flat`)), shape, y.name)];
  const swap = shape.map((_, d) => (d === axis ? shape.length - 1 : d === shape.length - 1 ? axis : d));
  return [transposed(b, made(transposed(b, x, swap, `${y.name}/moved`)), swap, y.name)];
};

export const fromOnnx = { Softmax: lower("softmax"), LogSoftmax: lower("log_softmax") };
