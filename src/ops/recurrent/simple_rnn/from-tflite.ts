/** RNN (one step) and UNIDIRECTIONAL_SEQUENCE_RNN: input, weights, recurrent weights, bias, state. */
import { fusedActivation, operand, refuse, textOption } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";

export function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [x, w] = [b.tensor(operand(n, 0)), b.tensor(operand(n, 1))];
  if (x.dtype !== "f32" || w.dtype !== "f32") refuse(n, `input of type ${x.dtype}, weights of type ${w.dtype}`, "Supported: float32 throughout. TensorFlow Lite has no integer form of this layer; its hybrid one is not supported.");
  const batchAxis = n.type !== "RNN" && n.options["time_major"] === true ? 1 : 0;
  if (x.shape[batchAxis] !== 1 || x.shape.length !== (n.type === "RNN" ? 2 : 3)) refuse(n, `an input of (${x.shape.join(", ")})`, "Supported: batch 1.");
  const activation = textOption(n, "fused_activation_function", "NONE") === "TANH" ? "tanh" : fusedActivation(n);
  b.note("Recurrent layers keep their state from one call to the next, as in TensorFlow Lite; call the model's _init function between sequences that have nothing to do with each other.");
  return [b.add("simple_rnn", { activation, reverse: false }, [operand(n, 0), operand(n, 4), operand(n, 1), operand(n, 2), operand(n, 3)], n.outputs[0])];
}
