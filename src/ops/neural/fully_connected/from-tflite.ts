/** FULLY_CONNECTED: options FullyConnectedOptions, weights (out, in). */
import { flagOption, fusedActivation, operands, refuse, refuseNarrowSums, textOption } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";

export function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  refuseNarrowSums(n, b, 0);
  const layout = textOption(n, "weights_format", "DEFAULT");
  if (layout !== "DEFAULT") refuse(n, `weights in the layout ${layout}`, "Supported: the default layout (out, in).");
  return [b.add("fully_connected", { keepDims: flagOption(n, "keep_num_dims"), activation: fusedActivation(n) }, operands(n), n.outputs[0])];
}
