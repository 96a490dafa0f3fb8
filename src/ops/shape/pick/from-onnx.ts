/** Resize and Upsample: the nearest cell by tables; linear is `resize_bilinear`. */
import { channelsFirst, channelsLast, inner } from "../../../ir/channels.js";
import { constantOf, operand, refuse, shapeOf, textOption } from "../../../ir/foreign-node.js";
import { listOf, opset, outputOf } from "../../../ir/onnx-node.js";
import type { ForeignNode, NetBuilder, NetLowering, Value } from "../../../ir/op.js";
import { addPicked } from "../../../ir/picked.js";
import { allocatable } from "../../../ir/strided.js";
import type { Shape } from "../../../ir/types.js";

interface Target { readonly out: Shape; readonly scale: readonly number[] }

const filled = (n: ForeignNode, b: NetBuilder, i: number): readonly number[] => ((n.inputs[i] ?? null) === null ? [] : constantOf(n, b, i));

/** Sizes of the result, and what one step in x is in y: given by the file, or by the sizes. */
function target(n: ForeignNode, b: NetBuilder, shape: Shape): Target {
  const old = n.type === "Upsample" || opset(n) < 11;
  const scales = old ? listOf(n, b, "scales", 1) ?? [] : filled(n, b, 2);
  const sizes = old ? [] : filled(n, b, 3);
  if (n.options["axes"] !== undefined || textOption(n, "keep_aspect_ratio_policy", "stretch") !== "stretch") return refuse(n, "a resizing of some axes", "Supported: scales or sizes of all axes.");
  const given = sizes.length > 0 ? sizes.map((s, d) => s / (shape[d] as number)) : scales;
  const out = sizes.length > 0 ? sizes : scales.map((s, d) => Math.floor((shape[d] as number) * s));
  const sane = given.length === shape.length && out.every((s) => Number.isInteger(s) && s >= 1 && s <= 65535);
  return sane ? { out, scale: given } : refuse(n, `the size (${out.slice(0, 8).join(", ")})`, "Supported: constant scales or sizes for every axis.");
}

function place(n: ForeignNode, mode: string, i: number, size: number, out: number, scale: number): number {
  switch (mode) {
    case "asymmetric": return i / scale;
    case "align_corners": return out > 1 ? (i * (size - 1)) / (out - 1) : 0;
    case "half_pixel": return (i + 0.5) / scale - 0.5;
    case "pytorch_half_pixel": return out > 1 ? (i + 0.5) / scale - 0.5 : 0;
    default: return refuse(n, `coordinates of the kind ${mode}`, "Supported: half_pixel, pytorch_half_pixel, align_corners, asymmetric.");
  }
}

const rounded: Readonly<Record<string, (v: number) => number>> = { floor: Math.floor, ceil: Math.ceil, round_prefer_floor: (v) => Math.ceil(v - 0.5), round_prefer_ceil: (v) => Math.floor(v + 0.5) };

function nearest(n: ForeignNode, b: NetBuilder, x: Value, { out, scale }: Target, mode: string, round: (v: number) => number): Value {
  const t = b.tensor(x);
  const tables = out.map((k, d) => Array.from({ length: allocatable(k, n.where) }, (_, i) => Math.min((t.shape[d] as number) - 1, Math.max(0, round(place(n, mode, i, t.shape[d] as number, k, scale[d] as number))))));
  return addPicked(b, x, tables, out, { name: outputOf(n).name, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) });
}

const resize: NetLowering = (n, b) => {
  const x = operand(n, 0);
  const shape = shapeOf(b, x);
  const to = target(n, b, shape);
  const old = n.type === "Upsample" || opset(n) < 11;
  const mode = textOption(n, "mode", "nearest");
  const coordinates = old ? "asymmetric" : textOption(n, "coordinate_transformation_mode", "half_pixel");
  if (mode === "nearest") return [nearest(n, b, x, to, coordinates, rounded[old ? "floor" : textOption(n, "nearest_mode", "round_prefer_floor")] ?? refuse(n, "an unknown nearest_mode", "Supported: floor, ceil, round_prefer_floor, round_prefer_ceil."))];
  const exact = to.out.every((k, d) => Math.abs(k / (shape[d] as number) - (to.scale[d] as number)) < 1e-6);
  const [, , height = 1, width = 1] = to.out;
  if (mode !== "linear" || shape.length !== 4 || to.out[0] !== shape[0] || to.out[1] !== shape[1] || !exact) return refuse(n, `mode ${mode}, (${shape.join(", ")}) to (${to.out.join(", ")})`, "Supported: nearest; linear over the height and width of an image, to whole multiples or to sizes.");
  place(n, coordinates, 0, 1, 1, 1);
  const image = channelsLast(n, b, x);
  const t = b.tensor(image);
  const y = b.add("resize_bilinear", { height, width, align: coordinates === "align_corners", half: coordinates.endsWith("half_pixel") }, [image], { ...inner(n.outputs[0]), dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) });
  return [channelsFirst(b, y, 4, outputOf(n))];
};

export const fromOnnx = { Resize: resize, Upsample: resize };
