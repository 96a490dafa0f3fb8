/** A stored tensor, copied to RAM where a kernel must read it like a computed one. */
import { defineOp, type LayerCase, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { arrayFrom, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromTflite } from "./from-tflite.js";
import { fromOnnx } from "./from-onnx.js";

type ConstantAttrs = Readonly<Record<string, never>>;

const params = { n: "len", data: "rom" } as const;
type Values = ParamValues<typeof params>;

function prepare({ inputs, outputs }: PrepareCtx<ConstantAttrs>) {
  const [x, y] = [inputs[0] as Tensor, outputs[0] as Tensor];
  const data = arrayFrom(x.dtype === "f64" ? "f32" : x.dtype, x.data ?? []);
  return { params: { n: data.length, data }, outputs: [{ dtype: x.dtype, ...(y.quant ? { quant: y.quant } : {}) }] };
}

const values = Int8Array.from({ length: 300 }, (_, i) => (i * 37) % 256 - 128);
const quant = { scale: [0.5], zero: [3] } as const;
const layer = (title: string, data: TypedArray, dtype: "i8" | "i16" | "i32", shape: readonly number[]): LayerCase<ConstantAttrs> => {
  const q = dtype === "i8" ? { quant } : {};
  // The second operand is not read: the suite feeds every network something.
  return { title, attrs: {}, inputs: [{ dtype, shape, data, ...q }, { dtype: "i8", shape: [1] }], output: { dtype, ...q }, tolerance: 0 };
};

export default defineOp({
  name: "constant",
  family: "shape",
  doc: "y = a stored tensor",
  inputs: [],
  constants: ["data"],
  outputs: ["y"],
  infer: (_a: ConstantAttrs, [x = []]) => [x],
  float: (_a, [x]) => [x ?? new Float64Array(0)],
  params,
  levels: 1,
  prepare,
  int: (p: Values, _xs, [y]) => y?.set(p.data),
  traits: { quantise: { sameScale: true } },
  from: {},
  net: { tflite: fromTflite, onnx: fromOnnx },
  cases: [],
  layerCases: [
    layer("bytes", values, "i8", [3, 100]),
    layer("words", Int16Array.from([-32768, 0, 32767]), "i16", [3]),
    layer("one number", Int32Array.from([-(2 ** 31)]), "i32", [1]),
  ],
});
