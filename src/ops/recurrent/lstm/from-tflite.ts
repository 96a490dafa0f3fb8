/** UNIDIRECTIONAL_SEQUENCE_LSTM: weights and biases of the four gates stand apart, each with a scale of its own. */
import { numberOption, operand, refuse, textOption } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";
import { arrayFrom, scaleAt, type Quant, type Tensor } from "../../../ir/types.js";

function parts(n: ForeignNode, b: NetBuilder, first: number): readonly Tensor[] {
  return [0, 1, 2, 3].map((g) => {
    const t = b.tensor(n.inputs[first + g] ?? refuse(n, `the weights of gate ${g} are missing (coupled gates)`, "Supported: LSTM with four gates, no CIFG."));
    return t.data ? t : refuse(n, `input ${first + g} (${t.name}) is computed by the network`, "Supported: weights stored in the file.");
  });
}

/** The four gates as one constant; its scale runs along the rows. */
function joined(n: ForeignNode, b: NetBuilder, what: string, first: number): Value {
  const gates = parts(n, b, first);
  const [one] = gates as [Tensor];
  const rows = one.shape[0] ?? 1;
  const other = gates.find((t) => t.dtype !== one.dtype || t.shape.join() !== one.shape.join() || (t.quant === undefined) !== (one.quant === undefined) || (t.quant?.scale.length ?? 1) !== 1);
  if (other) refuse(n, `${other.name} differs from the other gates in type or shape, or has a scale for each channel`, "Supported: four gates alike, one scale for each.");
  const spread = (value: (q: Quant) => number): number[] => gates.flatMap((t) => Array.from({ length: rows }, () => (t.quant ? value(t.quant) : 0)));
  const quant = one.quant ? { quant: { scale: spread((q) => scaleAt(q, 0)), zero: spread((q) => q.zero[0] ?? 0), axis: 0 } } : {};
  return b.constant({ name: `${n.name}/${what}`, dtype: one.dtype, shape: [4 * rows, ...one.shape.slice(1)], data: arrayFrom(one.dtype, gates.flatMap((t) => [...(t.data ?? [])])), ...quant });
}

export function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const absent = (from: number, to: number, what: string): void => {
    for (let i = from; i <= to; i++) if (n.inputs[i] !== undefined && n.inputs[i] !== null) refuse(n, what, "Supported: the plain LSTM, as Keras writes it.");
  };
  absent(9, 11, "peephole weights");
  absent(16, 17, "a projection layer");
  absent(20, 23, "layer normalisation inside the cell");
  if (textOption(n, "fused_activation_function", "TANH") !== "TANH") refuse(n, `the activation ${textOption(n, "fused_activation_function")}`, "Supported: TANH.");
  if (n.options["diagonal_recurrent_tensors"] === true) refuse(n, "diagonal recurrent weights", "Supported: full matrices.");
  const x = operand(n, 0);
  const timeMajor = n.options["time_major"] === true;
  const { shape, dtype } = b.tensor(x);
  if (shape.length !== 3 || shape[timeMajor ? 1 : 0] !== 1) refuse(n, `an input of (${shape.join(", ")})`, "Supported: batch 1.");
  const first = b.tensor(operand(n, 2)).dtype;
  if (dtype === "f32" && first !== "f32") refuse(n, `float32 inputs with weights of type ${first} (hybrid)`, "Supported: full integer quantisation (give a representative data set), or float32.");
  b.note("LSTM layers keep their state from one call to the next, as in TensorFlow Lite; call the model's _init function between sequences that have nothing to do with each other.");
  const attrs = { cellClip: numberOption(n, "cell_clip", 0), reverse: false, cells: false };
  return [b.add("lstm", attrs, [x, operand(n, 18), operand(n, 19), joined(n, b, "weights", 1), joined(n, b, "recurrent", 5), joined(n, b, "biases", 12)], n.outputs[0])];
}
