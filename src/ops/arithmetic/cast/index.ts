/** The same numbers in another element type. Floats lose their fraction and stop at the ends of the type; integers wrap, as in C. */
import { F32_MAX, unsupported } from "../../../ir/elementwise.js";
import { operand } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { count, isInt, limits, type DType, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";

/** `truth`: the result is 0 or 1. */
export type CastAttrs = { readonly truth: boolean };

const params = { n: "len", truth: "u8", lo: "f32", hi: "f32" } as const;
type Values = ParamValues<typeof params>;

/** The largest float32 that is no larger than an integer type's end. */
const below = (x: number): number => { const f = Math.fround(x); return f > x ? x + 1 - 2 ** (Math.log2(x + 1) - 24) : f; };

function prepare({ attrs, inputs, outputs }: PrepareCtx<CastAttrs>) {
  const [x, y] = [inputs[0], outputs[0]] as [Tensor, Tensor];
  for (const t of [x, y]) if (t.dtype === "f64") unsupported(t, "cast", "float32 and integers of 8 to 32 bits");
  const [lo, hi] = isInt(y.dtype) ? limits(y.dtype) : [-F32_MAX, F32_MAX];
  return { params: { n: count(x.shape), truth: Number(attrs.truth), lo, hi: below(hi) }, outputs: [{ dtype: y.dtype }] };
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const whole = x instanceof Float32Array;
  for (let i = 0; i < p.n; i++) {
    const v = x[i] as number;
    y[i] = p.truth ? Number(v !== 0) : whole ? (v > p.lo ? Math.min(v, p.hi) : p.lo) : v;
  }
}

function lower(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const y = n.outputs[0];
  if (y?.dtype === b.tensor(x).dtype && n.options.out_data_type !== "BOOL") return [x];
  return [b.add("cast", { truth: n.options.out_data_type === "BOOL" }, [x], y)];
}

type Input = LayerCase<CastAttrs>["inputs"][number];
const t = (dtype: DType): Input => ({ dtype, shape: [3, 21] });

export default defineOp({
  name: "cast",
  family: "arithmetic",
  doc: "y = x in another element type",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a, [x = []]) => [x],
  float: (a, [x], io) => [(x ?? new Float64Array(0)).map((v) => (a.truth ? Number(v !== 0) : isInt(io?.outputs[0]?.dtype ?? "f32") ? Math.trunc(v) : v))],
  params,
  levels: 1,
  prepare,
  int,
  traits: { elementwise: true },
  from: {},
  net: { tflite: { CAST: lower }, onnx: fromOnnx },
  cases: [],
  layerCases: [
    { title: "int8 to int32", attrs: { truth: false }, inputs: [t("i8")], output: { dtype: "i32" }, tolerance: 0 },
    { title: "int16 to truth", attrs: { truth: true }, inputs: [t("i16")], output: { dtype: "u8" }, tolerance: 0 },
    { title: "uint8 to int16", attrs: { truth: false }, inputs: [t("u8")], output: { dtype: "i16" }, tolerance: 0 },
    { title: "float32 to int8", attrs: { truth: false }, inputs: [t("f32")], output: { dtype: "i8" }, tolerance: 0 },
    { title: "int16 to float32", attrs: { truth: false }, inputs: [t("i16")], output: { dtype: "f32" }, tolerance: 0 },
  ],
});
