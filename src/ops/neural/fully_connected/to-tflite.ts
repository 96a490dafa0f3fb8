/** FULLY_CONNECTED: the inverse of from-tflite.ts. */
import type { NetWriting } from "../../../ir/op.js";
import { fusedName, weightsOf } from "../../../ir/write-node.js";

export function toTflite(a: { readonly keepDims: boolean; readonly activation: string }, w: NetWriting): void {
  const fields = { fused_activation_function: fusedName(a.activation), keep_num_dims: a.keepDims, weights_format: "DEFAULT" };
  w.add("FULLY_CONNECTED", ["FullyConnectedOptions", fields], [w.inputs[0] ?? null, ...weightsOf(w)], w.output);
}
