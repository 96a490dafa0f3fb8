/** Position of the largest (or smallest) element along an axis; the first one on a tie. */
import { axisOf, constantOf, operand, refuse, shapeOf } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { reductionFollows, eachGroup, groupsOf, reducedShape, type Groups, type ReductionAttrs } from "../../../ir/reduction.js";
import type { DType, Shape, Tensor } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";

/** One axis in `axes`. */
export type ArgAttrs = ReductionAttrs & { readonly smallest: boolean };

const params = { outer: "len", n: "len", inner: "len", smallest: "u8" } as const;
type Values = ParamValues<typeof params>;

function positions<T extends { [i: number]: number }>(g: Groups, smallest: boolean, x: ArrayLike<number>, y: T): T {
  eachGroup(g, (first, out) => {
    let best = 0;
    for (let k = 1; k < g.n; k++) {
      const [v, b] = [x[first + k * g.inner] as number, x[first + best * g.inner] as number];
      if (smallest ? v < b : v > b) best = k;
    }
    y[out] = best;
  });
  return y;
}

function float(a: ArgAttrs, [x]: readonly Float64Array[], io?: { readonly inputs: readonly Tensor[] }): readonly Float64Array[] {
  const g = groupsOf(a, io?.inputs[0]?.shape ?? []);
  return [positions(g, a.smallest, x ?? [], new Float64Array(g.outer * g.inner))];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<ArgAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  return { params: { ...groupsOf(attrs, x.shape), smallest: attrs.smallest ? 1 : 0 }, outputs: [{ dtype: y.dtype }] };
}

function lower(smallest: boolean): (n: ForeignNode, b: NetBuilder) => readonly Value[] {
  return (n, b) => {
    const x = operand(n, 0);
    const axes = constantOf(n, b, 1);
    if (axes.length !== 1) refuse(n, `${axes.length} axes`, "Supported: one axis.");
    const out = n.outputs[0];
    const as = { name: n.name, dtype: "i32" as DType, ...(out?.shape ? { shape: out.shape } : {}) };
    return [b.add("arg_extreme", { smallest, axes: Int32Array.of(axisOf(n, axes[0] as number, shapeOf(b, x).length)), keep: false }, [x], as)];
  };
}

const attrs = (smallest: boolean, axis: number): ArgAttrs => ({ smallest, axes: Int32Array.of(axis), keep: false });
const layer = (title: string, dtype: "i8" | "i16", a: ArgAttrs, shape: Shape): LayerCase<ArgAttrs> =>
  ({ title, attrs: a, inputs: [{ dtype, shape, quant: { scale: [0.1], zero: [0] } }], output: { dtype: "i32" }, tolerance: 0 });

export default defineOp({
  name: "arg_extreme",
  family: "reduce",
  doc: "y = position of the largest (or smallest) x along an axis",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: ArgAttrs, xs) => reducedShape(a, xs, "arg_extreme"),
  float,
  params,
  levels: 1,
  prepare,
  int: (p: Values, [x], [y]) => { if (x && y) positions(p, p.smallest !== 0, x, y); },
  traits: { followsAxes: reductionFollows, quantise: { positions: true } },
  from: {},
  net: { tflite: { ARG_MAX: lower(false), ARG_MIN: lower(true) }, onnx: fromOnnx },
  cases: [],
  layerCases: [
    layer("last axis", "i8", attrs(false, 2), [1, 4, 10]),
    layer("first axis, many ties", "i8", attrs(true, 0), [300, 2]),
    layer("int16, middle axis", "i16", attrs(false, 1), [2, 5, 3]),
    { title: "float", attrs: attrs(true, 1), inputs: [{ dtype: "f32", shape: [2, 5] }], output: { dtype: "i32" }, tolerance: 0 },
  ],
});
