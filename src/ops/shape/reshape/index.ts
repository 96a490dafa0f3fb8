/** The same bytes under another shape: reshape, squeeze, expand, flatten. Nothing is computed on the device. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type ForeignNode, type NetBuilder, type Value } from "../../../ir/op.js";
import { count, type Shape, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { integers, outputOf } from "../../../ir/write-node.js";
import { fromKeras } from "./from-keras.js";

/** Target shape; one entry may be -1. */
export type ReshapeAttrs = { readonly shape: TypedArray };

function infer(a: ReshapeAttrs, [x = []]: readonly Shape[]): readonly Shape[] {
  const n = count(x);
  const given = [...a.shape];
  const rest = given.filter((d) => d !== -1).reduce((p, q) => p * q, 1);
  const shape = given.map((d) => (d === -1 ? n / rest : d));
  if (count(shape) !== n || shape.some((d) => !Number.isInteger(d) || d < 1)) fail("ir/bad-shape", "reshape", `(${x.join(", ")}) to (${given.join(", ")})`, "Both shapes must hold the same number of elements.");
  return [shape];
}

const toFileShape = (n: ForeignNode, b: NetBuilder): readonly Value[] => {
  const [x = 0] = n.inputs as readonly Value[];
  const shape = n.outputs[0]?.shape ?? [-1];
  return [b.add("reshape", { shape: Int32Array.from(shape) }, [x], n.outputs[0])];
};

export default defineOp({
  name: "reshape",
  family: "shape",
  doc: "y = the elements of x under another shape",
  inputs: ["x"],
  outputs: ["y"],
  infer,
  float: (_a, [x]) => [x ?? new Float64Array(0)],
  params: { n: "len" },
  levels: 1,
  prepare: null,
  int: () => {},
  traits: { view: true, quantise: { sameScale: true, homogeneous: true } },
  from: {},
  net: { keras: fromKeras, tflite: { RESHAPE: toFileShape, SQUEEZE: toFileShape, EXPAND_DIMS: toFileShape }, onnx: fromOnnx },
  write: { tflite: (_a, w) => w.add("RESHAPE", ["ReshapeOptions", { new_shape: outputOf(w).shape }], [w.inputs[0] ?? null, integers(w, "shape", outputOf(w).shape)], w.output) },
  cases: [],
});
