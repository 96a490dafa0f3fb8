/** SVDF: input, feature weights, time weights, bias, state. */
import { fusedActivation, numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import type { ForeignNode, NetBuilder, Value } from "../../../ir/op.js";

export function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const { dtype } = b.tensor(x);
  if (dtype === "f32" && b.tensor(operand(n, 1)).dtype !== "f32") refuse(n, "float32 inputs with integer weights (hybrid)", "Supported: full integer quantisation (give a representative data set), or float32.");
  if (shapeOf(b, x)[0] !== 1) refuse(n, `an input of (${shapeOf(b, x).join(", ")})`, "Supported: batch 1.");
  const told = fusedActivation(n);
  // In integers TFLite leaves the activation to the limits of the output's type: a relu only where the zero point is the smallest value.
  const kept = dtype === "f32" || told === "none" || (told === "relu" && n.outputs[0]?.quant?.zero[0] === -128);
  if (!kept) b.note(`TensorFlow Lite Micro ignores the activation ${told} of the integer SVDF ${n.name}; so does this program.`);
  const activation = kept ? told : "none";
  const bias = n.inputs[3] ?? null;
  return [b.add("svdf", { rank: numberOption(n, "rank"), activation }, [x, operand(n, 4), operand(n, 1), operand(n, 2), ...(bias === null ? [] : [bias])], n.outputs[0])];
}
