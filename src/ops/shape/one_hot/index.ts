/** One value where the index is, another everywhere else. */
import { fail } from "../../../ir/diagnostics.js";
import { axisOf, constantOf, numberOption, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { arrayFrom, count, isInt, type DType, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";

/** `values` are what stands where the index is not, and where it is, in the type of y; `shape` is that of y, with `depth` cells along `axis`. */
export type OneHotAttrs = { readonly axis: number; readonly depth: number; readonly values: TypedArray; readonly shape: TypedArray };

const params = { outer: "len", depth: "len", inner: "len", values: "rom" } as const;
type Values = ParamValues<typeof params>;

const geometry = (a: OneHotAttrs, x: Shape) => ({ outer: count(x.slice(0, a.axis)), depth: a.depth, inner: count(x.slice(a.axis)) });

function infer(a: OneHotAttrs, [x = []]: readonly Shape[]): readonly Shape[] {
  if (a.axis < 0 || a.axis > x.length || a.depth < 1 || count([...a.shape]) !== count(x) * a.depth) fail("ir/bad-shape", "one_hot", `depth ${a.depth}, axis ${a.axis} of (${x.join(", ")})`, "The file is damaged; convert the model again.");
  return [[...a.shape]];
}

function spread(p: Values, x: ArrayLike<number>, y: { [i: number]: number }): void {
  let to = 0;
  for (let o = 0; o < p.outer; o++) for (let d = 0; d < p.depth; d++) for (let i = 0; i < p.inner; i++) y[to++] = p.values[x[o * p.inner + i] === d ? 1 : 0] as number;
}

function float(a: OneHotAttrs, [x]: readonly Float64Array[], io?: { readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[] }): readonly Float64Array[] {
  const q = io?.outputs[0]?.quant;
  const real = Float64Array.from(a.values, (v) => (q ? (q.scale[0] ?? 1) * (v - (q.zero[0] ?? 0)) : v));
  const y = new Float64Array(count([...a.shape]));
  spread({ ...geometry(a, io?.inputs[0]?.shape ?? []), values: real }, x ?? [], y);
  return [y];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<OneHotAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  if (!isInt(x.dtype)) fail("network/unsupported-type", y.name, `indices of type ${x.dtype}`, "Supported: integers.");
  return { params: { ...geometry(attrs, x.shape), values: arrayFrom(y.dtype, attrs.values) }, outputs: [{ dtype: y.dtype, ...(y.quant ? { quant: y.quant } : {}) }] };
}

function fromTflite(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const [depth = 0, on = 1, off = 0] = [1, 2, 3].map((i) => constantOf(n, b, i)[0] as number);
  const shape = shapeOf(b, x);
  const given = numberOption(n, "axis", -1);
  const axis = given === -1 ? shape.length : axisOf(n, given, shape.length + 1);
  const result = shape.toSpliced(axis, 0, depth);
  const told = n.outputs[0]?.shape;
  const dtype: DType = n.outputs[0]?.dtype ?? b.tensor(operand(n, 2)).dtype;
  if (!(depth >= 1 && depth <= 65_535)) refuse(n, `a depth of ${depth}`, "Supported: 1 to 65535.");
  return [b.add("one_hot", { axis, depth, values: arrayFrom(dtype, [off, on]), shape: Int32Array.from(told && count(told) === count(result) ? told : result) }, [x], n.outputs[0])];
}

const layer = (title: string, dtype: "i8" | "u8", shape: Shape, axis: number, depth: number, values: readonly [number, number]): LayerCase<OneHotAttrs> =>
  ({ title, attrs: { axis, depth, values: Int8Array.from(values), shape: Int32Array.from(shape.toSpliced(axis, 0, depth)) }, inputs: [{ dtype, shape }], output: { dtype: "i8" }, tolerance: 0 });

export default defineOp({
  name: "one_hot",
  family: "shape",
  doc: "y[.., d, ..] = x == d ? on : off",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int: (p: Values, [x], [y]) => { if (x && y) spread(p, x, y); },
  traits: {},
  from: {},
  net: { tflite: { ONE_HOT: fromTflite } },
  cases: [],
  layerCases: [
    layer("last axis", "u8", [3], 1, 200, [0, 1]),
    layer("first axis", "i8", [2, 3], 0, 120, [-128, 127]),
    layer("one index", "i8", [1], 0, 5, [5, -5]),
  ],
});
