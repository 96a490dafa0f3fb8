/** Relu, LeakyRelu, Clip, Abs, Neg, HardSigmoid. */
import { F32_MAX } from "../../../ir/elementwise.js";
import { numberOption, operand } from "../../../ir/foreign-node.js";
import { number, outputOf, scalarOf } from "../../../ir/onnx-node.js";
import type { ForeignNode, NetBuilder, NetLowering, Value } from "../../../ir/op.js";

const add = (n: ForeignNode, b: NetBuilder, above: number, below: number, lo = -F32_MAX, hi = F32_MAX): readonly Value[] =>
  [b.add("rectify", { above, below, lo, hi, rescale: true }, [operand(n, 0)], outputOf(n))];

/** Zero as lower bound is a slope of zero, so that a clip is known as relu or relu6. */
function clip(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const bound = (key: string, i: number, otherwise: number): number => Math.min(F32_MAX, Math.max(-F32_MAX, scalarOf(n, b, key, i, otherwise)));
  const [lo, hi] = [bound("min", 1, -F32_MAX), bound("max", 2, F32_MAX)];
  return lo === 0 ? add(n, b, 1, 0, -F32_MAX, hi) : add(n, b, 1, 1, lo, hi);
}

function hardSigmoid(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const y = outputOf(n);
  const step = (op: string, attrs: { readonly activation: string; readonly subtract?: boolean }, v: Value, by: number, what: string): Value => b.add(op, { ...attrs }, [v, number(b, `${y.name}/${what}`, by)], { name: `${y.name}/${what}d` });
  const scaled = step("mul", { activation: "none" }, operand(n, 0), numberOption(n, "alpha", 0.2), "scale");
  const moved = step("add", { subtract: false, activation: "none" }, scaled, numberOption(n, "beta", 0.5), "shift");
  return [b.add("rectify", { above: 1, below: 1, lo: 0, hi: 1, rescale: true }, [moved], y)];
}

export const fromOnnx: Readonly<Record<string, NetLowering>> = {
  Relu: (n, b) => add(n, b, 1, 0), LeakyRelu: (n, b) => add(n, b, 1, numberOption(n, "alpha", 0.01)), Abs: (n, b) => add(n, b, 1, -1), Neg: (n, b) => add(n, b, -1, -1),
  Clip: clip, HardSigmoid: hardSigmoid,
};
