/** Picks positions along the axes by constant tables: gather, mirrored borders, nearest-neighbour resizing. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type LayerCase, type PrepareCtx } from "../../../ir/op.js";
import { narrowest, type ParamValues } from "../../../ir/params.js";
import { readPicked, upTo, type Tables } from "../../../ir/picked.js";
import { count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromTflite } from "./from-tflite.js";
import { fromOnnx } from "./from-onnx.js";
import { fromKeras } from "./from-keras.js";

/** `shape` of y; `size[d]` positions of axis d of x, which stand in `index` axis after axis. */
export type PickAttrs = { readonly shape: TypedArray; readonly size: TypedArray; readonly index: TypedArray };

const MAX_AXES = 6;

const params = { outer: "len", block: "len", run: "len", axes: "u8", first: "rom", offset: "rom" } as const;
type Values = ParamValues<typeof params>;

function tablesOf(a: PickAttrs): Tables {
  let at = 0;
  return Array.from(a.size, (n) => [...a.index.subarray(at, at += n)]);
}

function infer(a: PickAttrs, [x = []]: readonly Shape[]): readonly Shape[] {
  const tables = tablesOf(a);
  const bad = tables.findIndex((t, d) => t.length < 1 || t.some((i) => i < 0 || i >= (x[d] ?? 0)));
  if (tables.length !== x.length || bad >= 0 || count([...a.size]) !== count([...a.shape])) fail("ir/bad-shape", "pick", `positions ${tables[bad]?.slice(0, 8).join(", ") ?? ""} of axis ${bad} of (${x.join(", ")})`, "One list of positions inside the tensor for each axis.");
  return [[...a.shape]];
}

function reordered(a: PickAttrs, order: readonly number[]): { readonly attrs: PickAttrs; readonly order: readonly number[] } | null {
  const tables = tablesOf(a);
  const rank = tables.length;
  if (a.shape.length !== rank || tables.some((t, d) => t.length !== a.shape[d])) return null;
  const size = Int32Array.from(order, (d) => tables[d]?.length ?? 0);
  return { attrs: { shape: size, size, index: Int32Array.from(order.flatMap((d) => tables[d] ?? [])) }, order };
}

interface Plan { readonly outer: number; readonly block: number; readonly run: number; readonly tables: Tables }

const isWhole = (table: readonly number[], size: number | undefined): boolean => table.length === size && table.every((i, k) => i === k);

/** Axes that are taken as they are become one outer loop in front and one run of neighbours behind; the tables between hold offsets. */
function plan(shape: Shape, tables: Tables): Plan {
  const n = shape.length;
  let last = n;
  while (last > 0 && isWhole(tables[last - 1] ?? [], shape[last - 1])) last--;
  let first = 0;
  while (first < last && isWhole(tables[first] ?? [], shape[first])) first++;
  const stepOf = (d: number): number => count(shape.slice(d + 1));
  const middle = tables.slice(first, last).map((t, i) => t.map((p) => p * stepOf(first + i)));
  // An axis of one position only shifts the others.
  const shift = middle.reduce((s, t) => (t.length === 1 ? s + (t[0] as number) : s), 0);
  const several = middle.filter((t) => t.length > 1);
  const shifted = several.length > 0 ? several.map((t, i) => (i === 0 ? t.map((o) => o + shift) : t)) : [[shift]];
  return { outer: count(shape.slice(0, first)), block: count(shape.slice(first)), run: count(shape.slice(last)), tables: shifted };
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<PickAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  if (x.data) fail("network/constant-input", y.name, "positions of a constant are picked on the device", "Fold them into a constant before compiling.");
  const { tables, ...loops } = plan(x.shape, tablesOf(attrs));
  if (tables.length > MAX_AXES) fail("network/too-many-axes", y.name, `positions along ${tables.length} axes`, `Supported: ${MAX_AXES}.`);
  const first = [0];
  for (const t of tables) first.push((first.at(-1) ?? 0) + t.length);
  const unsigned = ["u8", "u16", "u32"] as const;
  return {
    params: { ...loops, axes: tables.length, first: narrowest(first, unsigned), offset: narrowest(tables.flat(), unsigned) },
    outputs: [{ dtype: x.dtype, ...(y.quant ? { quant: y.quant } : {}) }],
  };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  let to = 0;
  const pick = (d: number, from: number): void => {
    if (d === p.axes) { for (let r = 0; r < p.run; r++) y[to++] = x[from + r] as number; return; }
    for (let i = p.first[d] as number; i < (p.first[d + 1] as number); i++) pick(d + 1, from + (p.offset[i] as number));
  };
  for (let o = 0; o < p.outer; o++) pick(0, o * p.block);
}

function layer(title: string, dtype: "i8" | "i16" | "i32", shape: Shape, tables: Tables): LayerCase<PickAttrs> {
  const quant = dtype === "i8" ? { quant: { scale: [0.1], zero: [7] } } : dtype === "i16" ? { quant: { scale: [0.01], zero: [0] } } : {};
  const size = Int32Array.from(tables, (t) => t.length);
  return { title, attrs: { shape: size, size, index: Int32Array.from(tables.flat()) }, inputs: [{ dtype, shape, ...quant }], output: { dtype, ...quant }, tolerance: 0 };
}

export default defineOp({
  name: "pick",
  family: "shape",
  doc: "y[i, j, ...] = x[T0[i], T1[j], ...] with constant tables",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float: (a, [x = new Float64Array(0)], io) => [readPicked(x, io?.inputs[0]?.shape ?? [], tablesOf(a), new Float64Array(count([...a.shape])))],
  params,
  levels: 1,
  prepare,
  int,
  traits: { followsAxes: reordered, quantise: { sameScale: true } },
  from: {},
  net: { keras: fromKeras, tflite: fromTflite, onnx: fromOnnx },
  cases: [],
  layerCases: [
    layer("rows of a table", "i8", [1, 5, 4], [[0], [3, 0, 2, 2], upTo(4)]),
    layer("last axis of a batch", "i16", [3, 7], [upTo(3), [6, 1, 1, 0]]),
    layer("image mirrored", "i8", [1, 3, 4, 2], [[0], [1, 0, 1, 2, 1], [2, 1, 0, 1, 2, 3], upTo(2)]),
    layer("all axes", "i8", [2, 3, 2, 3], [[1, 0, 0], [2, 1], [0, 0, 1], [2, 0, 1, 1]]),
    layer("one element", "i32", [3, 3], [[2], [1]]),
  ],
});
