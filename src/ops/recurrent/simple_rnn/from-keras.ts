/** SimpleRNN: tanh, relu or none. */
import { activationOf } from "../../../ir/keras-node.js";
import { refuse } from "../../../ir/foreign-node.js";
import { lowerRecurrent } from "../../../ir/keras-rnn.js";
import type { NetLowering } from "../../../ir/op.js";

const known: Readonly<Record<string, string>> = { tanh: "tanh", relu: "relu", relu6: "relu6", linear: "none" };

const rnn: NetLowering = (n, b) => {
  const name = n.options["activation"] === undefined ? "tanh" : activationOf(n);
  const activation = Object.hasOwn(known, name) ? known[name] : undefined;
  if (activation === undefined) return refuse(n, `the activation ${name.slice(0, 60)}`, `Supported: ${Object.keys(known).join(", ")}.`);
  return lowerRecurrent(n, b, { op: "simple_rnn", gates: 1, states: 1, attrs: { activation } });
};

export const fromKeras = { SimpleRNN: rnn };
