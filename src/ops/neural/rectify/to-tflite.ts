/** RELU and its family: the inverse of what index.ts reads. */
import type { NetWriting } from "../../../ir/op.js";
import { F32_MAX } from "../../../ir/elementwise.js";
import { operandOf, outputOf } from "../../../ir/write-node.js";
import type { RectifyAttrs } from "./attrs.js";

function nameOf(a: RectifyAttrs): string | null {
  const [below, above] = [a.lo <= -F32_MAX, a.hi >= F32_MAX];
  if (a.above === 1 && a.lo === 0 && above) return "RELU";
  if (a.above === 1 && a.lo === 0 && a.hi === 6) return "RELU6";
  if (a.above === 1 && a.below === 1 && a.lo === -1 && a.hi === 1) return "RELU_N1_TO_1";
  if (a.above === 1 && a.lo === 0 && a.hi === 1) return "RELU_0_TO_1";
  if (!below || !above) return null;
  if (a.above === 1 && a.below === -1) return "ABS";
  return a.above === -1 && a.below === -1 ? "NEG" : a.above === 1 ? "LEAKY_RELU" : null;
}

const options: Readonly<Record<string, string>> = { ABS: "AbsOptions", NEG: "NegOptions" };

export function toTflite(a: RectifyAttrs, w: NetWriting): void {
  const name = nameOf(a) ?? w.refuse(`slopes ${a.above} and ${a.below} between ${a.lo} and ${a.hi}`, "TFLite has no operator for it.");
  const [x, y] = [operandOf(w, 0).quant, outputOf(w).quant];
  const rescales = x?.scale[0] !== y?.scale[0] || x?.zero[0] !== y?.zero[0];
  if (name === "RELU6" && a.rescale && rescales) w.refuse("a RELU6 of its own that changes the scale", "TFLite Micro clamps it without rescaling; fuse it into the layer before it.");
  w.add(name, name === "LEAKY_RELU" ? ["LeakyReluOptions", { alpha: a.below }] : options[name] ? [options[name], {}] : null, w.inputs, w.output);
}
