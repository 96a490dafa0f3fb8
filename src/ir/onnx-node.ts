/** What ONNX nodes share: operator set versions, lists that were attributes once and are inputs now, windows, scalars. */
import { axisOf, constantOf, listOption, numberOption, refuse, shapeOf, textOption } from "./foreign-node.js";
import type { ForeignNode, NetBuilder, Template, Value } from "./op.js";
import { samePadding, type WindowAttrs } from "./window.js";

export const opset = (n: ForeignNode): number => numberOption(n, "__opset__", 17);

/** The node's output; ONNX says no more of it than its name unless it is quantised. */
export const outputOf = (n: ForeignNode, i = 0): Template => n.outputs[i] ?? { name: `${n.name}/${i}` };

const present = (n: ForeignNode, i: number): boolean => (n.inputs[i] ?? null) !== null;

/** A list that newer operator sets give as an input; null where it is absent. */
export function listOf(n: ForeignNode, b: NetBuilder, key: string, input: number): readonly number[] | null {
  if (n.options[key] !== undefined) return listOption(n, key);
  return present(n, input) ? constantOf(n, b, input) : null;
}

/** A number that newer operator sets give as an input. */
export function scalarOf(n: ForeignNode, b: NetBuilder, key: string, input: number, otherwise: number): number {
  if (n.options[key] !== undefined) return numberOption(n, key);
  const [v = otherwise] = present(n, input) ? constantOf(n, b, input) : [];
  return v;
}

/** Axes, counted from the front; null where none are given. */
export function axesOf(n: ForeignNode, b: NetBuilder, rank: number, input = 1): readonly number[] | null {
  const list = listOf(n, b, "axes", input);
  return list === null || list.length === 0 ? null : [...new Set(list.map((a) => axisOf(n, a, rank)))].sort((p, q) => p - q);
}

/** Two numbers of a window: those of a sequence run along its length, and the height is 1. */
function pair(n: ForeignNode, key: string, rank: number, otherwise: number): readonly [number, number] {
  const list = listOption(n, key);
  const [a = otherwise, c = otherwise] = list;
  if (list.length > 0 && list.length !== rank - 2) refuse(n, `${key} of ${list.length} axes for ${rank - 2}`, "The file is damaged; export the model again.");
  const sane = list.every((v) => Number.isInteger(v) && v >= 0 && v <= 32767);
  if (!sane) refuse(n, `${key} ${list.join(", ")}`, "Supported: whole numbers up to 32767.");
  return rank === 3 ? [otherwise, a] : [a, c];
}

export const strides = (n: ForeignNode, rank: number): readonly [number, number] => pair(n, "strides", rank, 1);
export const dilations = (n: ForeignNode, rank: number): readonly [number, number] => pair(n, "dilations", rank, 1);
export const kernelShape = (n: ForeignNode, rank: number): readonly [number, number] => pair(n, "kernel_shape", rank, 1);

/** Top, left, bottom, right as the file gives them. */
export function borders(n: ForeignNode, rank: number): readonly [number, number, number, number] {
  const p = listOption(n, "pads");
  if (p.length > 0 && p.length !== 2 * (rank - 2)) refuse(n, `${p.length} borders`, "The file is damaged; export the model again.");
  if (p.some((v) => !Number.isInteger(v) || v < 0 || v > 32767)) refuse(n, `borders ${p.join(", ")}`, "Supported: borders of 0 to 32767.");
  const [a = 0, c = 0, d = 0, e = 0] = p;
  return rank === 3 ? [0, a, 0, c] : [a, c, d, e];
}

const positions = (length: number, reach: number, stride: number, ceil: boolean): number => (ceil ? Math.ceil : Math.floor)((length - reach) / stride) + 1;

/** One axis: borders in front and behind; `ceil_mode` makes the one behind longer, but no window starts inside it. */
function sides(n: ForeignNode, size: number, kernel: number, stride: number, dilation: number, [before, after]: readonly [number, number]): readonly [number, number] {
  const auto = textOption(n, "auto_pad", "NOTSET");
  if (auto === "VALID") return [0, 0];
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const [small, large] = samePadding(size, kernel, stride, dilation);
    return auto === "SAME_UPPER" ? [small, large] : [large, small];
  }
  const reach = (kernel - 1) * dilation + 1;
  let out = positions(size + before + after, reach, stride, numberOption(n, "ceil_mode", 0) !== 0);
  if ((out - 1) * stride >= size + before) out--;
  return [before, Math.max(after, (out - 1) * stride + reach - size - before)];
}

/** Strides, dilations and borders of a window over an image of (height, width). */
export function windowOf(n: ForeignNode, rank: number, [h, w]: readonly [number, number], [kh, kw]: readonly [number, number]): WindowAttrs {
  const [strideY, strideX] = strides(n, rank);
  const [dilationY, dilationX] = dilations(n, rank);
  if ([strideY, strideX, dilationY, dilationX, kh, kw].some((v) => v < 1)) refuse(n, `a window of ${kh} x ${kw}, stride ${strideY} x ${strideX}`, "The file is damaged; export the model again.");
  const [t, l, d, r] = borders(n, rank);
  const [top, bottom] = sides(n, h, kh, strideY, dilationY, [t, d]);
  const [left, right] = sides(n, w, kw, strideX, dilationX, [l, r]);
  return { strideY, strideX, dilationY, dilationX, top, left, bottom, right };
}

/** A number as an operand. */
export const number = (b: NetBuilder, name: string, v: number): Value => b.constant({ name, dtype: "f32", shape: [1], data: Float32Array.of(v) });

/** Axes of length 1 in front, until there are `rank`. */
export function ofRank(b: NetBuilder, v: Value, rank: number): Value {
  const shape = shapeOf(b, v);
  if (shape.length >= rank) return v;
  const t = b.tensor(v);
  return b.add("reshape", { shape: Int32Array.from([...Array.from({ length: rank - shape.length }, () => 1), ...shape]) }, [v], { name: `${t.name}/axes`, dtype: t.dtype, ...(t.quant ? { quant: t.quant } : {}) });
}

