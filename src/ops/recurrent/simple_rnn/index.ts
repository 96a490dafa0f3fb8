/** Elman network, one direction, float32. A state that the network keeps is written; a start value is only read. */
import { fail } from "../../../ir/diagnostics.js";
import { clamp } from "../../../ir/fixed.js";
import { floatRange } from "../../../ir/layer.js";
import { defineOp, type LayerCase, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { expectUnits, rowAt, sequence } from "../../../ir/recurrent.js";
import { realRange } from "../../../ir/requantise.js";
import { arrayFrom, count, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { fromTflite } from "./from-tflite.js";
import { fromKeras } from "./from-keras.js";

/** `activation`: tanh, or one of those that other operators fuse. */
export type RnnAttrs = { readonly activation: string; readonly reverse: boolean };

const params = {
  steps: "len", inputs: "len", units: "len", reverse: "u8", kept: "u8", tanh: "u8", f_lo: "f32", f_hi: "f32", w: "rom", r: "rom", b: "rom",
} as const;
type Values = ParamValues<typeof params>;
type Numbers = Float64Array | TypedArray;
interface Layer { readonly steps: number; readonly inputs: number; readonly units: number; readonly reverse: number; readonly kept: number; readonly w: Numbers; readonly r: Numbers; readonly b: Numbers }

function infer(_a: RnnAttrs, [x = [], h, w = [], r = [], b]: readonly Shape[]): readonly Shape[] {
  const { units } = sequence("simple_rnn", 1, x, w, r);
  expectUnits("simple_rnn", units, h, b);
  return [[...x.slice(0, -1), units]];
}

const geometry = (a: RnnAttrs, t: readonly Tensor[]) => ({
  ...sequence("simple_rnn", 1, t[0]?.shape ?? [], t[2]?.shape ?? [], t[3]?.shape ?? []), reverse: Number(a.reverse), kept: Number(t[1]?.state === true),
});

/** @param f how every step is rounded. */
function run(p: Layer, x: Numbers, h: Numbers, y: Numbers, act: (v: number) => number, f: (v: number) => number): void {
  const { steps, inputs, units } = p;
  const dot = (w: Numbers, row: number, v: Numbers, at: number, n: number): number => { let s = 0; for (let i = 0; i < n; i++) s = f(s + f((w[row + i] as number) * (v[at + i] as number))); return s; };
  let [before, at]: [Numbers, number] = [h, 0];
  for (let k = 0; k < steps; k++) {
    const t = rowAt(k, steps, p.reverse);
    for (let u = 0; u < units; u++) {
      const sum = f(f((p.b[u] as number) + dot(p.w, u * inputs, x, t * inputs, inputs)) + dot(p.r, u * units, before, at, units));
      y[t * units + u] = f(act(sum));
    }
    [before, at] = [y, t * units];
  }
  if (p.kept) for (let u = 0; u < units; u++) h[u] = before[at + u] as number;
}

function float(a: RnnAttrs, [x, h, w, r, b]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  if (!x || !h || !w || !r || !io) return [new Float64Array(0)];
  const p = geometry(a, io.inputs);
  const y = new Float64Array(p.steps * p.units);
  const [lo, hi] = realRange(a.activation);
  run({ ...p, w, r, b: b ?? new Float64Array(p.units) }, x, h, y, a.activation === "tanh" ? Math.tanh : (v) => clamp(v, lo, hi), (v) => v);
  return [y];
}

function prepare({ attrs, inputs }: PrepareCtx<RnnAttrs>) {
  const [, , w, r, b] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor | undefined];
  if (inputs.some((t) => t.dtype !== "f32")) fail("network/unsupported-type", "simple_rnn", `operands of the types ${inputs.map((t) => t.dtype).join(" ")}`, "Supported: float32 throughout.");
  const shape = geometry(attrs, inputs);
  const values = { w: arrayFrom("f32", w.data ?? []), r: arrayFrom("f32", r.data ?? []), b: arrayFrom("f32", b?.data ?? new Float32Array(shape.units)) };
  return { params: { ...shape, tanh: Number(attrs.activation === "tanh"), ...floatRange(attrs.activation), ...values }, outputs: [{ dtype: "f32" as const }], scratch: shape.kept ? 1 : 4 * shape.units };
}

function int(p: Values, [x, h]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (x && h && y) run(p, x, h, y, p.tanh ? Math.tanh : (v) => clamp(v, p.f_lo, p.f_hi), Math.fround);
}

const values = (shape: Shape, m: number): LayerCase<RnnAttrs>["inputs"][number] => ({ dtype: "f32", shape, data: Float32Array.from({ length: count(shape) }, (_, i) => m * (((i * 37 + 22) % 101) / 50 - 1)) });

function layer(title: string, x: Shape, units: number, kept: boolean, a: RnnAttrs): LayerCase<RnnAttrs> {
  const inputs = x.at(-1) ?? 1;
  return {
    title, attrs: a, output: { dtype: "f32" }, tolerance: 1e-5,
    inputs: [{ dtype: "f32", shape: x }, kept ? { dtype: "f32", shape: [1, units], state: true } : values([units], 0.5), values([units, inputs], 0.7), values([units, units], 0.4), values([units], 0.3)],
  };
}

export default defineOp({
  name: "simple_rnn",
  family: "recurrent",
  doc: "h = act(W x + U h + b)",
  inputs: ["x", "h"],
  constants: ["w", "r", "b"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { macs: (_a, { inputs: [x, , w, r] }) => (count(x?.shape ?? []) / (w?.shape[1] ?? 1)) * (count(w?.shape ?? []) + count(r?.shape ?? [])) },
  from: {},
  net: { keras: fromKeras, tflite: { RNN: fromTflite, UNIDIRECTIONAL_SEQUENCE_RNN: fromTflite }, onnx: { RNN: fromOnnx } },
  cases: [],
  layerCases: [
    layer("tanh, kept state", [1, 5, 3], 4, true, { activation: "tanh", reverse: false }),
    layer("relu, backwards, start value in flash", [3, 1, 2], 5, false, { activation: "relu", reverse: true }),
    layer("one step", [1, 7], 3, true, { activation: "relu6", reverse: false }),
  ],
});
