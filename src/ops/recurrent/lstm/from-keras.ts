/** LSTM: gates in our order (input, forget, cell, output). */
import { expectActivations, lowerRecurrent } from "../../../ir/keras-rnn.js";
import type { NetLowering } from "../../../ir/op.js";

const lstm: NetLowering = (n, b) => {
  expectActivations(n, "tanh", "sigmoid");
  return lowerRecurrent(n, b, { op: "lstm", gates: 4, states: 2, attrs: { cellClip: 0, cells: false } });
};

export const fromKeras = { LSTM: lstm };
