/** ReduceSum, ReduceMean, GlobalAveragePool, and sums of squares. */
import { operand } from "../../../ir/foreign-node.js";
import { globalFromOnnx, reduceFromOnnx } from "../../../ir/onnx-reduction.js";
import { outputOf } from "../../../ir/onnx-node.js";
import type { NetLowering } from "../../../ir/op.js";

const [sum, mean] = [reduceFromOnnx("reduce_sum", { mean: false }), reduceFromOnnx("reduce_sum", { mean: true })];

const squares: NetLowering = (n, b) => {
  const x = operand(n, 0);
  return sum({ ...n, inputs: [b.add("mul", { activation: "none" }, [x, x], { name: `${n.name}/squares` }), ...n.inputs.slice(1)] }, b);
};

const length: NetLowering = (n, b) => {
  const y = outputOf(n);
  return [b.add("unary", { kind: "sqrt", alpha: 1 }, squares({ ...n, outputs: [{ name: `${y.name}/squared` }] }, b), y)];
};

export const fromOnnx = { ReduceSum: sum, ReduceMean: mean, ReduceSumSquare: squares, ReduceL2: length, GlobalAveragePool: globalFromOnnx("reduce_sum", { mean: true }) };
