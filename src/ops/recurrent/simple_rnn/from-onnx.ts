/** ONNX's RNN: tanh or relu. */
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { lowerOnnx } from "../../../ir/recurrent.js";

export function fromOnnx(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const given = n.options["activations"];
  const relu = Array.isArray(given) && String(given[0]).toLowerCase() === "relu";
  return lowerOnnx(n, b, { op: "simple_rnn", order: [0], activations: [relu ? "Relu" : "Tanh"], summedBias: true, states: [5], attrs: { activation: relu ? "relu" : "tanh" } });
}
