/** Rarer functions of two tensors that have no quantised form: quotient and remainder of a division rounded down, and powers. */
import { broadcastShape, walkElements, walkOfTensors, walkParams } from "../../../ir/broadcast.js";
import { fail } from "../../../ir/diagnostics.js";
import { oneType, unsupported } from "../../../ir/elementwise.js";
import { operands } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type NetBuilder, type NodeIo, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { count, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";

export type BinaryAttrs = { readonly kind: string };

/** The order is that of the cases in the kernels. */
const kinds = ["floor_div", "floor_mod", "pow"] as const;
type Kind = (typeof kinds)[number];

/** Remainder with the sign of the divisor. */
function floorMod(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && b < 0 !== rest < 0 ? rest + b : rest;
}

const functions: Readonly<Record<Kind, (a: number, b: number) => number>> = { floor_div: (a, b) => Math.floor(a / b), floor_mod: floorMod, pow: (a, b) => a ** b };

const functionOf = (kind: string): ((a: number, b: number) => number) => functions[kind as Kind] ?? fail("ir/bad-attribute", "binary", `the function ${kind}`, `Known: ${kinds.join(", ")}.`);

const params = { ...walkParams, step_a: "u8", step_b: "u8", kind: "u8" } as const;
type Values = ParamValues<typeof params>;

function float(attrs: BinaryAttrs, [a, b]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const shape = io?.outputs[0]?.shape ?? [];
  const y = new Float64Array(count(shape));
  const { walk, steps } = walkOfTensors(io?.inputs ?? [], shape);
  const f = functionOf(attrs.kind);
  if (a && b) walkElements(walk, steps, (i, j, k) => { y[i] = f(a[j] as number, b[k] as number); });
  return [y];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<BinaryAttrs>) {
  const [a, b, y] = [...inputs.slice(0, 2), outputs[0]] as [Tensor, Tensor, Tensor];
  oneType([a, b, y], attrs.kind);
  if (a.dtype !== "f32" && (a.dtype !== "i32" || attrs.kind === "pow")) return unsupported(a, attrs.kind, attrs.kind === "pow" ? "float32" : "float32, int32");
  const { walk, steps: [step_a = 0, step_b = 0] } = walkOfTensors([a, b], y.shape);
  return { params: { ...walk, step_a, step_b, kind: kinds.indexOf(attrs.kind as Kind) }, outputs: [{ dtype: y.dtype }] };
}

function int(p: Values, [a, b]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!a || !b || !y) return;
  const f = functionOf(kinds[p.kind] ?? "");
  const whole = a instanceof Int32Array;
  walkElements(p, [p.step_a, p.step_b], (i, j, k) => { y[i] = whole && b[k] === 0 ? 0 : f(a[j] as number, b[k] as number); });
}

const lower = (kind: Kind) => (n: ForeignNode, b: NetBuilder): readonly Value[] => [b.add("binary", { kind }, operands(n), n.outputs[0])];

const divisors = { dtype: "f32", shape: [3], data: Float32Array.of(0.5, -1.25, 3) } as const;
const whole = { dtype: "i32", shape: [3], data: Int32Array.of(7, -3, 1) } as const;

export default defineOp({
  name: "binary",
  family: "arithmetic",
  doc: "y = floor(a / b), or a - b * floor(a / b), or a^b",
  inputs: ["a", "b"],
  outputs: ["y"],
  infer: (a, shapes) => [(functionOf(a.kind), broadcastShape(shapes.slice(0, 2), a.kind))],
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { elementwise: true, inPlace: true },
  from: {},
  net: { tflite: { FLOOR_DIV: lower("floor_div"), FLOOR_MOD: lower("floor_mod"), POW: lower("pow") }, onnx: fromOnnx },
  cases: [],
  layerCases: [
    { title: "floor_div, int32", attrs: { kind: "floor_div" }, inputs: [{ dtype: "i32", shape: [2, 3] }, whole], output: { dtype: "i32" }, tolerance: 0 },
    { title: "floor_mod, int32", attrs: { kind: "floor_mod" }, inputs: [{ dtype: "i32", shape: [2, 3] }, whole], output: { dtype: "i32" }, tolerance: 0 },
    { title: "floor_div, float32", attrs: { kind: "floor_div" }, inputs: [{ dtype: "f32", shape: [2, 3] }, divisors], output: { dtype: "f32" }, tolerance: 0.00001 },
    { title: "floor_mod, float32", attrs: { kind: "floor_mod" }, inputs: [{ dtype: "f32", shape: [2, 3] }, divisors], output: { dtype: "f32" }, tolerance: 0.00001 },
    { title: "pow, float32", attrs: { kind: "pow" }, inputs: [{ dtype: "f32", shape: [2, 1], data: Float32Array.of(0.3, 2) }, { dtype: "f32", shape: [3] }], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
