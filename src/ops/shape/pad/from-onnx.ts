/** Pad: borders of one value are `pad`, mirrored and repeated ones are tables (`pick`). */
import { axisOf, operand, refuse, textOption } from "../../../ir/foreign-node.js";
import { listOf, outputOf, scalarOf } from "../../../ir/onnx-node.js";
import type { ForeignNode, NetBuilder, NetLowering } from "../../../ir/op.js";
import { addPicked } from "../../../ir/picked.js";
import type { Shape } from "../../../ir/types.js";

/** Borders of every axis, in front and behind. */
function sides(n: ForeignNode, b: NetBuilder, shape: Shape): readonly [readonly number[], readonly number[]] {
  const pads = listOf(n, b, "pads", 1) ?? [];
  const axes = (n.inputs[3] ?? null) === null ? [...shape.keys()] : (listOf(n, b, "axes", 3) ?? []).map((a) => axisOf(n, a, shape.length));
  const sane = pads.length === 2 * axes.length && pads.every((p) => Number.isInteger(p) && p >= 0 && p <= 32767);
  if (!sane) refuse(n, `borders ${pads.slice(0, 16).join(", ")} for ${axes.length} axes`, "Supported: two borders of 0 to 32767 for each axis.");
  const side = (s: number): readonly number[] => shape.map((_, d) => (axes.includes(d) ? pads[axes.indexOf(d) + s * axes.length] ?? 0 : 0));
  return [side(0), side(1)];
}

function source(mode: string, i: number, size: number): number {
  if (mode === "edge") return Math.min(size - 1, Math.max(0, i));
  if (mode === "wrap") return ((i % size) + size) % size;
  const at = i < 0 ? -i : i;
  return at < size ? at : 2 * (size - 1) - at;
}

const pad: NetLowering = (n, b) => {
  const x = operand(n, 0);
  const t = b.tensor(x);
  const [before, after] = sides(n, b, t.shape);
  const mode = textOption(n, "mode", "constant");
  const as = { name: outputOf(n).name, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) };
  if (mode === "constant") return [b.add("pad", { before: Int32Array.from(before), after: Int32Array.from(after), value: scalarOf(n, b, "value", 2, 0) }, [x], as)];
  if (!["reflect", "edge", "wrap"].includes(mode)) return refuse(n, `the mode ${mode}`, "Supported: constant, reflect, edge, wrap.");
  const tables = t.shape.map((size, d) => Array.from({ length: size + (before[d] as number) + (after[d] as number) }, (_, i) => source(mode, i - (before[d] as number), size)));
  if (tables.some((l, d) => l.some((i) => i < 0 || i >= (t.shape[d] as number)))) return refuse(n, "a mirrored border wider than the tensor", "Supported: borders narrower than the axis.");
  return [addPicked(b, x, tables, tables.map((l) => l.length), as)];
};

export const fromOnnx = { Pad: pad };
