/**
 * Bilinear resizing. Integer semantics: TFLite's ResizeBilinearInteger (positions in 1/1024 of a cell, one rounding at the end);
 * positions are tables made at compile time.
 */
import { fail } from "../../../ir/diagnostics.js";
import { constantOf, flagOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import { narrowest, type ParamValues } from "../../../ir/params.js";
import { layerKind } from "../../../ir/requantise.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { integers } from "../../../ir/write-node.js";

/** `align`: the corners of both images coincide; `half`: cells are sampled at their centres. */
export type ResizeAttrs = { readonly height: number; readonly width: number; readonly align: boolean; readonly half: boolean };

const params = { out_h: "len", out_w: "len", in_w: "len", c: "len", row: "rom", part_y: "rom", column: "rom", part_x: "rom" } as const;
type Values = ParamValues<typeof params>;

/** Positions along one axis: the lower neighbour, and how far the sample is on the way to the next. */
interface Samples { readonly low: readonly number[]; readonly part: readonly number[] }

const ONE = 1024;
const f32 = Math.fround;

function samples(size: number, out: number, at: (i: number) => number, one: number): Samples {
  const places = Array.from({ length: out }, (_, i) => Math.min(size - 1, Math.max(0, at(i) / one)));
  return { low: places.map(Math.floor), part: places.map((p) => (p - Math.floor(p)) * one) };
}

/** In 1/1024 of a cell; places outside the image are at its edge, which gives the same sum. */
function integerSamples(size: number, out: number, { align, half }: ResizeAttrs): Samples {
  const scale = align && out > 1 ? Math.floor((ONE * (size - 1) + Math.floor((out - 1) / 2)) / (out - 1)) : Math.floor((ONE * size + Math.floor(out / 2)) / out);
  return samples(size, out, (i) => i * scale + (half ? Math.floor(scale / 2) - ONE / 2 : 0), ONE);
}

/** As TFLite in float32, or exact where `round` leaves numbers as they are. */
function realSamples(size: number, out: number, { align, half }: ResizeAttrs, round: (v: number) => number): Samples {
  const scale = align && out > 1 ? round((size - 1) / (out - 1)) : round(size / out);
  return samples(size, out, (i) => (half ? round(round(round(i + 0.5) * scale) - 0.5) : round(i * scale)), 1);
}

function infer(a: ResizeAttrs, [x = []]: readonly Shape[]): readonly Shape[] {
  const [batch = 0, h = 0, w = 0, c = 0] = x;
  if (x.length !== 4 || batch !== 1 || h < 1 || w < 1 || a.height < 1 || a.width < 1) fail("ir/bad-shape", "resize_bilinear", `an image of (${x.join(", ")}) to ${a.height} x ${a.width}`, "Supported: (1, height, width, channels).");
  return [[1, a.height, a.width, c]];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<ResizeAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  const [, h = 1, w = 1, c = 1] = x.shape;
  const real = layerKind(x.dtype, y.name) === "float";
  const [down, across] = real ? [realSamples(h, attrs.height, attrs, f32), realSamples(w, attrs.width, attrs, f32)] : [integerSamples(h, attrs.height, attrs), integerSamples(w, attrs.width, attrs)];
  const unsigned = ["u8", "u16", "u32"] as const;
  const parts = (s: Samples): TypedArray => (real ? Float32Array.from(s.part) : Int16Array.from(s.part));
  return {
    params: {
      out_h: attrs.height, out_w: attrs.width, in_w: w, c,
      row: narrowest(down.low, unsigned), part_y: parts(down), column: narrowest(across.low, unsigned), part_x: parts(across),
    },
    outputs: [{ dtype: x.dtype, ...(y.quant ? { quant: y.quant } : {}) }],
  };
}

/** Four neighbours and the two parts, of every output element; neighbours that have no weight are not read. */
type Blend = (a: number, b: number, c: number, d: number, fy: number, fx: number) => number;

function resize(p: Omit<Values, "row" | "column" | "part_y" | "part_x"> & { readonly row: ArrayLike<number>; readonly column: ArrayLike<number>; readonly part_y: ArrayLike<number>; readonly part_x: ArrayLike<number> }, x: ArrayLike<number>, y: { [i: number]: number }, blend: Blend): void {
  let to = 0;
  for (let i = 0; i < p.out_h; i++) for (let j = 0; j < p.out_w; j++) {
    const [fy, fx] = [p.part_y[i] as number, p.part_x[j] as number];
    const [down, right] = [fy === 0 ? 0 : p.in_w * p.c, fx === 0 ? 0 : p.c];
    const from = ((p.row[i] as number) * p.in_w + (p.column[j] as number)) * p.c;
    for (let k = from; k < from + p.c; k++) y[to++] = blend(x[k] as number, x[k + right] as number, x[k + down] as number, x[k + down + right] as number, fy, fx);
  }
}

const exact: Blend = (a, b, c, d, fy, fx) => (a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy;

/** 20 bits of weight, rounded half away from zero. */
const whole: Blend = (a, b, c, d, fy, fx) => {
  const sum = (a * (ONE - fx) + b * fx) * (ONE - fy) + (c * (ONE - fx) + d * fx) * fy;
  return Math.trunc((sum + (sum > 0 ? 2 ** 19 : -(2 ** 19))) / 2 ** 20);
};

const single: Blend = (a, b, c, d, fy, fx) => {
  const [gy, gx] = [f32(1 - fy), f32(1 - fx)];
  const above = f32(f32(a * gx) + f32(b * fx));
  const below = f32(f32(c * gx) + f32(d * fx));
  return f32(f32(above * gy) + f32(below * fy));
};

function float(a: ResizeAttrs, [x]: readonly Float64Array[], io?: { readonly inputs: readonly Tensor[] }): readonly Float64Array[] {
  const [, h = 1, w = 1, c = 1] = io?.inputs[0]?.shape ?? [];
  const [down, across] = [realSamples(h, a.height, a, (v) => v), realSamples(w, a.width, a, (v) => v)];
  const y = new Float64Array(count([a.height, a.width, c]));
  resize({ out_h: a.height, out_w: a.width, in_w: w, c, row: down.low, part_y: down.part, column: across.low, part_x: across.part }, x ?? [], y, exact);
  return [y];
}

function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const [height = 0, width = 0] = constantOf(n, b, 1);
  if (shapeOf(b, x).length !== 4) refuse(n, `a tensor of ${shapeOf(b, x).length} dimensions`, "Supported: (1, height, width, channels).");
  return [b.add("resize_bilinear", { height, width, align: flagOption(n, "align_corners"), half: flagOption(n, "half_pixel_centers") }, [x], n.outputs[0])];
}

const plain = { align: false, half: false } as const;
const layer = (title: string, dtype: "i8" | "i16" | "f32", shape: Shape, a: ResizeAttrs): LayerCase<ResizeAttrs> => {
  const quant = dtype === "f32" ? {} : { quant: { scale: [dtype === "i8" ? 0.02 : 0.0001], zero: [dtype === "i8" ? -5 : 0] } };
  // Positions are rounded to 1/1024 of a cell, which counts between a white and a black neighbour.
  return { title, attrs: a, inputs: [{ dtype, shape, ...quant }], output: { dtype, ...quant }, tolerance: dtype === "i16" ? 700 : 3 };
};

export default defineOp({
  name: "resize_bilinear",
  family: "shape",
  doc: "y = x resized, four neighbours weighted by their distance",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int: (p: Values, [x], [y]) => { if (x && y) resize(p, x, y, x instanceof Float32Array ? single : whole); },
  traits: { quantise: { sameScale: true } },
  from: {},
  net: { tflite: { RESIZE_BILINEAR: fromTflite } },
  write: { tflite: (a, w) => w.add("RESIZE_BILINEAR", ["ResizeBilinearOptions", { align_corners: a.align, half_pixel_centers: a.half }], [w.inputs[0] ?? null, integers(w, "size", [a.height, a.width])], w.output) },
  cases: [],
  layerCases: [
    layer("twice as large", "i8", [1, 4, 5, 3], { ...plain, height: 8, width: 10 }),
    layer("corners aligned", "i16", [1, 4, 5, 3], { ...plain, align: true, height: 7, width: 9 }),
    layer("centres, smaller", "i8", [1, 7, 9, 2], { ...plain, half: true, height: 3, width: 4 }),
    layer("one cell to many", "i8", [1, 1, 1, 5], { ...plain, half: true, height: 3, width: 2 }),
    layer("float, centres", "f32", [1, 4, 5, 3], { ...plain, half: true, height: 7, width: 9 }),
  ],
});
