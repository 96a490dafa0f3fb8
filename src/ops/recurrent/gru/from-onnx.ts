/** ONNX's GRU: gates in our order (update, reset, hidden). */
import { flagOption } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { lowerOnnx } from "../../../ir/recurrent.js";

export const fromOnnx = (n: ForeignNode, b: NetBuilder): readonly Value[] => lowerOnnx(n, b, {
  op: "gru", order: [0, 1, 2], activations: ["Sigmoid", "Tanh"], summedBias: false, states: [5], attrs: { after: flagOption(n, "linear_before_reset") },
});
