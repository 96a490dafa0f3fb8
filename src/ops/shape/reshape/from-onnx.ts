/** Reshape, Flatten, Squeeze, Unsqueeze; Identity and Dropout, which do nothing when a network is used. */
import { axisOf, constantOf, listOption, numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { axesOf, listOf, outputOf } from "../../../ir/onnx-node.js";
import type { ForeignNode, NetBuilder, NetLowering, Value } from "../../../ir/op.js";
import { count, type Shape } from "../../../ir/types.js";

function to(n: ForeignNode, b: NetBuilder, shape: Shape): readonly Value[] {
  const { dtype, quant } = b.tensor(operand(n, 0));
  return [b.add("reshape", { shape: Int32Array.from(shape) }, [operand(n, 0)], { name: outputOf(n).name, dtype, ...(quant ? { quant } : {}) })];
}

/** 0 keeps a length, -1 is what is left; a batch of any size is 1 here. */
const reshape: NetLowering = (n, b) => {
  const x = shapeOf(b, operand(n, 0));
  const wanted = n.options["shape"] === undefined ? constantOf(n, b, 1) : listOption(n, "shape");
  const shape = wanted.map((d, i) => (d === 0 && numberOption(n, "allowzero", 0) === 0 ? x[i] ?? 1 : d));
  const rest = count(shape.filter((d) => d !== -1));
  const n1 = shape.filter((d) => d === -1).length;
  if (n1 > 1 || shape.some((d) => !Number.isInteger(d) || d < -1)) return refuse(n, `the shape (${shape.join(", ")})`, "The file is damaged; export the model again.");
  // An exporter that wrote its own batch into the shape: the rest must fit.
  const batch = n1 === 0 && rest !== count(x) && shape.length > 1 && rest === count(x) * (shape[0] ?? 1) ? shape.with(0, 1) : shape;
  return to(n, b, batch);
};

const flatten: NetLowering = (n, b) => {
  const x = shapeOf(b, operand(n, 0));
  const axis = numberOption(n, "axis", 1);
  const at = axis < 0 ? axis + x.length : axis;
  return at >= 0 && at <= x.length ? to(n, b, [count(x.slice(0, at)), count(x.slice(at))]) : refuse(n, `axis ${axis}`, "The file is damaged; export the model again.");
};

const squeeze: NetLowering = (n, b) => {
  const x = shapeOf(b, operand(n, 0));
  const axes = axesOf(n, b, x.length);
  if (axes?.some((d) => x[d] !== 1)) return refuse(n, `axes ${axes.join(", ")} of (${x.join(", ")})`, "Only axes of length 1 can be dropped.");
  return to(n, b, x.filter((size, d) => (axes ? !axes.includes(d) : size !== 1)));
};

const unsqueeze: NetLowering = (n, b) => {
  const x = [...shapeOf(b, operand(n, 0))];
  const given = listOf(n, b, "axes", 1) ?? [];
  if (x.length + given.length > 8) return refuse(n, `${x.length + given.length} axes`, "Supported: up to 8.");
  const axes = given.map((a) => axisOf(n, a, x.length + given.length)).sort((p, q) => p - q);
  for (const a of axes) x.splice(a, 0, 1);
  return to(n, b, x);
};

const same: NetLowering = (n) => [operand(n, 0)];

export const fromOnnx = { Reshape: reshape, Flatten: flatten, Squeeze: squeeze, Unsqueeze: unsqueeze, Identity: same, Dropout: same };
