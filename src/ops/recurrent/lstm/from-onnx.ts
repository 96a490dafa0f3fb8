/** ONNX's LSTM: gates in the order input, output, forget, cell. */
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { lowerOnnx } from "../../../ir/recurrent.js";

export const fromOnnx = (n: ForeignNode, b: NetBuilder): readonly Value[] => lowerOnnx(n, b, {
  op: "lstm", order: [0, 2, 3, 1], activations: ["Sigmoid", "Tanh", "Tanh"], summedBias: true, states: [5, 6], attrs: { cellClip: 0, cells: false }, withCells: { cells: true },
});
