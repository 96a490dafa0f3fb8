/**
 * Streaming state: old elements leave at the front, x enters at the back, y is the whole. An x as long as the state replaces it.
 * The state is input 1, a tensor kept from call to call; the kernel writes it.
 */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type LayerCase, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { count, type DType, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromTflite } from "./from-tflite.js";

type PushAttrs = Readonly<Record<string, never>>;

const params = { n: "len", kept: "len" } as const;
type Values = ParamValues<typeof params>;

function infer(_a: PushAttrs, [x = [], state = []]: readonly Shape[]): readonly Shape[] {
  if (count(x) > count(state)) fail("ir/bad-shape", "push", `${count(x)} elements into a state of ${count(state)}`, "The state must be at least as long as what enters it.");
  return [state];
}

function push<T extends Float64Array | TypedArray>(x: T, state: T, y: T): void {
  state.copyWithin(0, x.length);
  state.set(x, state.length - x.length);
  y.set(state);
}

function float(_a: PushAttrs, [x = new Float64Array(0), state = new Float64Array(0)]: readonly Float64Array[]): readonly Float64Array[] {
  const y = new Float64Array(state.length);
  push(x, state, y);
  return [y];
}

function prepare({ inputs, outputs }: PrepareCtx<PushAttrs>) {
  const [x, state, y] = [inputs[0] as Tensor, inputs[1] as Tensor, outputs[0] as Tensor];
  if (!state.state || x.data) fail("network/no-state", y.name, `${state.name} is not kept from call to call, or what enters it is a constant`, "The second operand must be a state.");
  if (x.dtype !== state.dtype) fail("network/unsupported-type", y.name, `${x.dtype} into a state of ${state.dtype}`, "Supported: one type.");
  return { params: { n: count(x.shape), kept: count(state.shape) - count(x.shape) }, outputs: [{ dtype: x.dtype, ...(y.quant ? { quant: y.quant } : {}) }] };
}

const layer = (title: string, dtype: DType, zero: number, x: Shape, state: Shape): LayerCase<PushAttrs> => {
  const t = { dtype, quant: { scale: [0.1], zero: [zero] } };
  return { title, attrs: {}, inputs: [{ ...t, shape: x }, { ...t, shape: state, state: true }], output: t, tolerance: 0 };
};

export default defineOp({
  name: "push",
  family: "shape",
  doc: "state = state without its first elements, then x; y = state",
  inputs: ["x", "state"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int: (_p: Values, [x, state], [y]) => { if (x && state && y) push(x, state, y); },
  traits: { quantise: { sameScale: true } },
  from: {},
  net: { tflite: fromTflite },
  cases: [],
  layerCases: [
    layer("five slots", "i8", -7, [1, 1, 1, 3], [1, 5, 1, 3]),
    layer("the whole state", "i16", 0, [4], [4]),
    layer("two thirds of it", "i8", 0, [4], [6]),
  ],
});
