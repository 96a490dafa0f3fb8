/** Activation (any), ReLU, LeakyReLU. */
import { F32_MAX } from "../../../ir/elementwise.js";
import { numberOption, operand, refuse } from "../../../ir/foreign-node.js";
import { activate, output } from "../../../ir/keras-node.js";
import type { NetLowering } from "../../../ir/op.js";

const relu: NetLowering = (n, b) => {
  const [below, hi] = [numberOption(n, "negative_slope", 0), numberOption(n, "max_value", F32_MAX)];
  if (numberOption(n, "threshold", 0) !== 0) return refuse(n, `threshold ${numberOption(n, "threshold", 0)}`, "Supported: threshold 0.");
  return [b.add("rectify", { above: 1, below, lo: below === 0 ? 0 : -F32_MAX, hi, rescale: true }, [operand(n, 0)], output(n))];
};

/** `alpha` until Keras 2. */
const leaky: NetLowering = (n, b) => {
  const below = numberOption(n, "negative_slope", numberOption(n, "alpha", 0.3));
  return [b.add("rectify", { above: 1, below, lo: -F32_MAX, hi: F32_MAX, rescale: true }, [operand(n, 0)], output(n))];
};

const activation: NetLowering = (n, b) => [activate(n, b, operand(n, 0))];

export const fromKeras = { Activation: activation, ReLU: relu, LeakyReLU: leaky };
