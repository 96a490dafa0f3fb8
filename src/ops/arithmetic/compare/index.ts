/**
 * Compares two tensors, element by element; the answers are 0 and 1. Integer semantics: TFLite Micro's comparisons with
 * scaling, whose common unit is 1/256: with very small scales values close together count as equal.
 */
import { broadcastShape, walkElements, walkOfTensors, walkParams } from "../../../ir/broadcast.js";
import { oneType, quantOf } from "../../../ir/elementwise.js";
import { fail } from "../../../ir/diagnostics.js";
import { operand, operands, shapeOf } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type NodeIo, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { multiplier, requant } from "../../../ir/requantise.js";
import { count, makeArray, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";

export type CompareAttrs = { readonly kind: string };

/** Which outcomes count as true: 1 less, 2 equal, 4 greater, 8 not comparable (NaN). */
const kinds = { less: 1, equal: 2, less_equal: 3, greater: 4, greater_equal: 6, not_equal: 13 } as const;
const accepted = (kind: string): number => kinds[kind as keyof typeof kinds] ?? fail("ir/bad-attribute", "compare", `the kind ${kind}`, `Known: ${Object.keys(kinds).join(", ")}.`);
const outcome = (u: number, v: number): number => (u < v ? 1 : u > v ? 4 : u === v ? 2 : 8);

const params = {
  ...walkParams, step_a: "u8", step_b: "u8", accept: "u8", scaled: "u8", zero_a: "i16", zero_b: "i16", mult_a: "i32", mult_b: "i32", shift_a: "i8", shift_b: "i8",
} as const;
type Values = ParamValues<typeof params>;

function float(a: CompareAttrs, [x, z]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shape = io?.outputs[0]?.shape ?? [];
  const y = new Float64Array(count(shape));
  const { walk, steps } = walkOfTensors(io?.inputs ?? [], shape);
  const accept = accepted(a.kind);
  if (x && z) walkElements(walk, steps, (i, p, q) => { y[i] = Number((accept & outcome(x[p] as number, z[q] as number)) !== 0); });
  return [y];
}

/** Quantised operands are brought to 1/256; plain integers and floats are compared as they are. */
function scaling(a: Tensor, b: Tensor) {
  if (!a.quant || !b.quant || (a.dtype !== "i8" && a.dtype !== "i16")) return { scaled: 0, zero_a: 0, zero_b: 0, mult_a: 0, mult_b: 0, shift_a: 0, shift_b: 0 };
  const [qa, qb] = [quantOf(a, "compare"), quantOf(b, "compare")];
  const [ma, mb] = [multiplier(qa.scale), multiplier(qb.scale)];
  if (Math.max(ma.shift, mb.shift) > 0) fail("network/scale", "compare", `operands with the scales ${qa.scale} and ${qb.scale}`, "Supported: scales below 1, as in TFLite Micro.");
  return { scaled: 1, zero_a: qa.zero, zero_b: qb.zero, mult_a: ma.mult, mult_b: mb.mult, shift_a: ma.shift, shift_b: mb.shift };
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<CompareAttrs>) {
  const [a, b, y] = [...inputs.slice(0, 2), outputs[0]] as [Tensor, Tensor, Tensor];
  oneType([a, b], "compare");
  const { walk, steps: [step_a = 0, step_b = 0] } = walkOfTensors([a, b], y.shape);
  return { params: { ...walk, step_a, step_b, accept: accepted(attrs.kind), ...scaling(a, b) }, outputs: [{ dtype: "u8" as const }] };
}

function int(p: Values, [a, b]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!a || !b || !y) return;
  walkElements(p, [p.step_a, p.step_b], (i, j, k) => {
    let [u, v] = [a[j] as number, b[k] as number];
    if (p.scaled) [u, v] = [requant((u - p.zero_a) * 256, p.mult_a, p.shift_a), requant((v - p.zero_b) * 256, p.mult_b, p.shift_b)];
    y[i] = Number((p.accept & outcome(u, v)) !== 0);
  });
}

const lower = (kind: keyof typeof kinds) => (n: ForeignNode, b: NetBuilder): readonly Value[] => [b.add("compare", { kind }, operands(n), n.outputs[0])];

/** not x is x == 0. */
function lowerNot(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const x = operand(n, 0);
  const { dtype } = b.tensor(x);
  const shape = shapeOf(b, x).map(() => 1);
  return [b.add("compare", { kind: "equal" }, [x, b.constant({ name: `${n.name}_zero`, dtype, shape, data: makeArray(dtype, 1) })], n.outputs[0])];
}

type Input = LayerCase<CompareAttrs>["inputs"][number];
const t = (shape: Shape, dtype: "i8" | "i16" = "i8", scale = 0.05): Input => ({ dtype, shape, quant: { scale: [scale], zero: [0] } });
const constant = { dtype: "i8", shape: [3], data: Int8Array.of(-128, 5, 127), quant: { scale: [0.05], zero: [0] } } as const;
const bits = { dtype: "u8" } as const;

export default defineOp({
  name: "compare",
  family: "arithmetic",
  doc: "y = 1 where a is less (equal, greater …) than b, else 0",
  inputs: ["a", "b"],
  outputs: ["y"],
  infer: (a, shapes) => [(accepted(a.kind), broadcastShape(shapes.slice(0, 2), "compare"))],
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { elementwise: true, inPlace: true },
  from: {},
  net: {
    onnx: fromOnnx,
    tflite: {
      EQUAL: lower("equal"), NOT_EQUAL: lower("not_equal"), LESS: lower("less"), LESS_EQUAL: lower("less_equal"), GREATER: lower("greater"),
      GREATER_EQUAL: lower("greater_equal"), LOGICAL_NOT: lowerNot,
    },
  },
  cases: [],
  layerCases: [
    { title: "less", attrs: { kind: "less" }, inputs: [t([1, 3, 5]), t([1, 3, 5])], output: bits, tolerance: 0 },
    { title: "equal to a constant", attrs: { kind: "equal" }, inputs: [t([1, 2, 3]), constant], output: bits, tolerance: 0 },
    { title: "not equal to a constant", attrs: { kind: "not_equal" }, inputs: [t([1, 2, 3]), constant], output: bits, tolerance: 0 },
    { title: "other scales", attrs: { kind: "greater_equal" }, inputs: [t([1, 3, 1], "i8", 0.01), t([4], "i8", 0.3)], output: bits, tolerance: 1 },
    { title: "int16", attrs: { kind: "less_equal" }, inputs: [t([2, 3], "i16"), t([3], "i16")], output: bits, tolerance: 0 },
    { title: "int32", attrs: { kind: "greater" }, inputs: [{ dtype: "i32", shape: [7] }, { dtype: "i32", shape: [1] }], output: bits, tolerance: 0 },
    { title: "float32", attrs: { kind: "less" }, inputs: [{ dtype: "f32", shape: [2, 3] }, { dtype: "f32", shape: [3] }], output: bits, tolerance: 0 },
  ],
});
