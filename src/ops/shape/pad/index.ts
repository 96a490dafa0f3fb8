/** Borders of one value around a tensor. */
import { fail } from "../../../ir/diagnostics.js";
import { constantOf, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { allocatable, deltas, odometer, walk, whole, type Strided } from "../../../ir/strided.js";
import { count, makeArray, scaleAt, zeroAt, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { stored } from "./stored.js";
import { toTflite } from "./to-tflite.js";
import { fromKeras } from "./from-keras.js";

/** Cells in front of and behind each axis; `value` is a real number. */
export type PadAttrs = { readonly before: TypedArray; readonly after: TypedArray; readonly value: number };

const params = { n: "len", start: "len", run: "len", step: "i32", dims: "u8", size: "rom", next: "rom", value: "rom" } as const;
type Values = ParamValues<typeof params>;

function infer(a: PadAttrs, [x = []]: readonly Shape[]): readonly Shape[] {
  const sane = a.before.length === x.length && a.after.length === x.length && [...a.before, ...a.after].every((v) => v >= 0);
  if (!sane) fail("ir/bad-shape", "pad", `borders ${[...a.before].join(", ")} and ${[...a.after].join(", ")} of (${x.join(", ")})`, "Give two lengths of at least 0 for each axis.");
  return [x.map((size, d) => size + (a.before[d] as number) + (a.after[d] as number))];
}

/** Where in y the elements of x go. */
function places(a: PadAttrs, x: Shape, y: Shape): Strided {
  const { loops } = whole(y);
  return { start: loops.reduce((s, l, d) => s + l.step * (a.before[d] as number), 0), loops: loops.map((l, d) => ({ size: x[d] as number, step: l.step })) };
}

function float(a: PadAttrs, [x]: readonly Float64Array[], io?: { readonly inputs: readonly Tensor[] }): readonly Float64Array[] {
  const shape = io?.inputs[0]?.shape ?? [];
  const [y = []] = infer(a, [shape]);
  const out = new Float64Array(count(y)).fill(a.value);
  const v = places(a, shape, y);
  let i = 0;
  walk(v.start, v.loops.map((l) => l.size), deltas(v.loops), (place) => { out[place] = x?.[i++] ?? 0; });
  return [out];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<PadAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  if (x.data) fail("network/constant-input", y.name, "a constant gets its borders on the device", "Fold them into the constant before compiling.");
  return {
    params: { n: count(y.shape), ...odometer(places(attrs, x.shape, y.shape), y.name), value: stored(attrs.value, y) },
    outputs: [{ dtype: x.dtype, ...(y.quant ? { quant: y.quant } : {}) }],
  };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  y.fill(p.value[0] as number);
  let i = 0;
  walk(p.start, p.size.subarray(0, p.dims), p.next, (place) => { for (let r = 0; r < p.run; r++) y[place + r * p.step] = x[i++] as number; });
}

/** A constant with borders is a constant. */
function folded(n: ForeignNode, b: NetBuilder, x: Tensor, a: PadAttrs): Value {
  const [shape = []] = infer(a, [x.shape]);
  const quant = n.outputs[0]?.quant;
  const y: Omit<Tensor, "state"> = { name: n.name, dtype: x.dtype, shape, ...(quant ? { quant } : {}) };
  const data = makeArray(y.dtype, allocatable(count(shape), n.name)).fill(stored(a.value, y)[0] as number);
  const v = places(a, x.shape, shape);
  let i = 0;
  walk(v.start, v.loops.map((l) => l.size), deltas(v.loops), (place) => { data[place] = x.data?.[i++] ?? 0; });
  return b.constant({ ...y, data });
}

/** PADV2 names the value; without it the border is real zero. */
function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const shape = shapeOf(b, x);
  const pairs = constantOf(n, b, 1);
  if (pairs.length !== 2 * shape.length) refuse(n, `${pairs.length / 2} pairs of borders for ${shape.length} axes`, "The file is damaged; convert the model again.");
  const q = n.type === "PADV2" ? constantOf(n, b, 2)[0] ?? 0 : null;
  const quant = q === null ? undefined : b.tensor(operand(n, 2)).quant ?? n.outputs[0]?.quant;
  const value = q === null ? 0 : quant ? scaleAt(quant, 0) * (q - zeroAt(quant, 0)) : q;
  const side = (s: number): Int32Array => Int32Array.from(shape, (_, d) => pairs[2 * d + s] as number);
  const attrs = { before: side(0), after: side(1), value };
  return [b.tensor(x).data ? folded(n, b, b.tensor(x), attrs) : b.add("pad", attrs, [x], n.outputs[0])];
}

const int8 = { dtype: "i8", quant: { scale: [0.05], zero: [-20] } } as const;
const int16 = { dtype: "i16", quant: { scale: [0.002], zero: [0] } } as const;
const layer = (title: string, t: typeof int8 | typeof int16, shape: Shape, before: readonly number[], after: readonly number[], value = 0): LayerCase<PadAttrs> =>
  ({ title, attrs: { before: Int32Array.from(before), after: Int32Array.from(after), value }, inputs: [{ ...t, shape }], output: t, tolerance: 0 });

export default defineOp({
  name: "pad",
  family: "shape",
  doc: "y = x with borders of one value",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { channelwise: (a) => a.before.at(-1) === 0 && a.after.at(-1) === 0, followsAxes: (a, order) => ({ attrs: { before: a.before.map((_, i) => a.before[order[i] ?? i] as number), after: a.after.map((_, i) => a.after[order[i] ?? i] as number), value: a.value }, order }), quantise: { sameScale: true, homogeneous: (a) => a.value === 0 } },
  from: {},
  net: { keras: fromKeras, tflite: { PAD: fromTflite, PADV2: fromTflite }, onnx: fromOnnx },
  write: { tflite: toTflite },
  cases: [],
  layerCases: [
    layer("border of an image", int8, [1, 4, 5, 3], [0, 1, 1, 0], [0, 1, 2, 0]),
    layer("one channel more", int8, [1, 3, 4, 1], [0, 0, 0, 0], [0, 0, 0, 1], 1.5),
    layer("in front of a sequence", int16, [1, 6, 4], [0, 3, 0], [0, 0, 0]),
    layer("all axes", int8, [2, 3, 2, 3], [1, 0, 2, 1], [0, 1, 0, 2], -3),
    layer("no border", int8, [5], [0], [0]),
  ],
});
