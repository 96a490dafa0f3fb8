/** GRU: gates in our order (update, reset, new); biases of the input, then of the state where `reset_after` keeps them apart. */
import { flagOption, refuse } from "../../../ir/foreign-node.js";
import { part, weight } from "../../../ir/keras-node.js";
import { expectActivations, lowerRecurrent } from "../../../ir/keras-rnn.js";
import type { NetLowering } from "../../../ir/op.js";

const gru: NetLowering = (n, b) => {
  expectActivations(n, "tanh", "sigmoid");
  // Files without the field are older than it, and so is their form.
  const after = flagOption(n, "reset_after");
  return lowerRecurrent(n, b, {
    op: "gru", gates: 3, states: 1, attrs: { after },
    bias: (node, builder, units) => {
      if (!flagOption(node, "use_bias", true)) return [];
      const given = weight(node, builder, 2, after ? 2 : 1);
      const values = new Float32Array(6 * units);
      if (given.data?.length !== (after ? 6 : 3) * units) return refuse(node, `a bias of (${given.shape.join(", ")})`, "The file is damaged; save the model again with model.save.");
      values.set(given.data);
      return [builder.constant({ ...part(node, "bias"), dtype: "f32", shape: [6 * units], data: values })];
    },
  });
};

export const fromKeras = { GRU: gru };
