/** Strided copy of any element type: transpose, slices, reverse, tile, broadcast, space to depth and back, batch to space and back. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type LayerCase, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { odometer, permuted, readStrided, rearrangement, sliced, walk, whole, type Strided } from "../../../ir/strided.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { movesFromTflite } from "./from-tflite.js";
import { slicesFromTflite } from "./from-tflite-slices.js";
import { blocksFromTflite } from "./from-tflite-blocks.js";
import { fromOnnx } from "./from-onnx.js";
import { fromKeras } from "./from-keras.js";

/** `shape` of y; then one `size` and `step` for each loop, slowest first; `start` is the place of y[0] in x. */
export type RearrangeAttrs = { readonly shape: TypedArray; readonly size: TypedArray; readonly step: TypedArray; readonly start: number };

const params = { start: "len", run: "len", step: "i32", dims: "u8", size: "rom", next: "rom" } as const;
type Values = ParamValues<typeof params>;

const strided = (a: RearrangeAttrs): Strided => ({ start: a.start, loops: Array.from(a.size, (size, i) => ({ size, step: a.step[i] ?? 0 })) });

function infer(a: RearrangeAttrs, [x = []]: readonly Shape[]): readonly Shape[] {
  const shape = [...a.shape];
  const { loops, start } = strided(a);
  const reach = (up: boolean): number => loops.reduce((n, l) => n + (l.step > 0 === up ? (l.size - 1) * l.step : 0), start);
  const n = loops.reduce((m, l) => m * l.size, 1);
  const sane = [...shape, ...a.size].every((d) => d >= 1) && a.step.length === a.size.length && n === count(shape);
  if (!sane || reach(false) < 0 || reach(true) >= count(x)) fail("ir/bad-shape", "rearrange", `loops of ${[...a.size].join(", ")} by ${[...a.step].join(", ")} from ${start} over (${x.join(", ")}) for (${shape.join(", ")})`, "All places must lie inside the input. The file is damaged; convert the model again.");
  return [shape];
}

/** A slice (or a repeated axis) with the axes of its input reordered; what mixes axes has no such form. */
function sliceFollows(a: RearrangeAttrs, order: readonly number[], x: Shape): { readonly attrs: RearrangeAttrs; readonly order: readonly number[] } | null {
  if (a.size.length !== x.length || a.shape.length !== x.length || a.size.some((n, d) => n !== a.shape[d])) return null;
  const [from, to] = [whole(x).loops, whole(order.map((d) => x[d] as number)).loops];
  let left = a.start;
  const axes = from.map(({ size, step }, d) => {
    const first = Math.floor(left / step);
    left -= first * step;
    const by = a.size[d] === 1 ? 0 : (a.step[d] as number) / step;
    const last = first + by * ((a.size[d] as number) - 1);
    return { first, by, inside: Number.isInteger(by) && Math.max(first, last) < size && Math.min(first, last) >= 0 };
  });
  if (axes.some((v) => !v.inside)) return null;
  const turned = order.map((d, i) => ({ ...axes[d] as (typeof axes)[number], n: a.size[d] as number, step: to[i]?.step ?? 1 }));
  const size = Int32Array.from(turned, (t) => t.n);
  return { attrs: { shape: size, size, step: Int32Array.from(turned, (t) => t.by * t.step), start: turned.reduce((s, t) => s + t.first * t.step, 0) }, order };
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<RearrangeAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  if (x.data) fail("network/constant-input", y.name, "a constant is rearranged on the device", "Fold it into the constant before compiling.");
  return {
    params: odometer(strided(attrs), y.name),
    outputs: [{ dtype: x.dtype, ...(y.quant ? { quant: y.quant } : {}) }],
  };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  let i = 0;
  walk(p.start, p.size.subarray(0, p.dims), p.next, (place) => { for (let r = 0; r < p.run; r++) y[i++] = x[place + r * p.step] as number; });
}

function layer(title: string, dtype: "i8" | "i16" | "i32", shape: Shape, v: Strided): LayerCase<RearrangeAttrs> {
  const quant = dtype === "i8" ? { quant: { scale: [0.1], zero: [-3] } } : dtype === "i16" ? { quant: { scale: [0.01], zero: [0] } } : {};
  return { title, attrs: rearrangement(v, v.loops.map((l) => l.size)), inputs: [{ dtype, shape, ...quant }], output: { dtype, ...quant }, tolerance: 0 };
}

export default defineOp({
  name: "rearrange",
  family: "shape",
  doc: "y[i, j, ...] = x[start + i * step0 + j * step1 + ...]",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float: (a, [x = new Float64Array(0)]) => [readStrided(x, strided(a), new Float64Array(count([...a.shape])))],
  params,
  levels: 1,
  prepare,
  int,
  traits: { followsAxes: sliceFollows, quantise: { sameScale: true } },
  from: {},
  net: { keras: fromKeras, tflite: { ...movesFromTflite, ...slicesFromTflite, ...blocksFromTflite }, onnx: fromOnnx },
  cases: [],
  layerCases: [
    layer("transpose of four axes", "i8", [2, 3, 5, 7], permuted(whole([2, 3, 5, 7]), [3, 1, 0, 2])),
    layer("channels last to channels first", "i16", [1, 4, 5, 3], permuted(whole([1, 4, 5, 3]), [0, 3, 1, 2])),
    layer("every second row, backwards", "i8", [9, 5], sliced(sliced(whole([9, 5]), 0, 8, -2, 4), 1, 1, 1, 3)),
    layer("one run", "i32", [4, 6], sliced(whole([4, 6]), 0, 1, 1, 2)),
    layer("repeated", "i8", [3], { start: 0, loops: [{ size: 4, step: 0 }, { size: 3, step: 1 }, { size: 2, step: 0 }] }),
    layer("more than 255 turns", "i16", [2, 300], permuted(whole([2, 300]), [1, 0])),
  ],
});
