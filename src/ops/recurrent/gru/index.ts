/**
 * Gated recurrent unit, one direction. Gates in the order update, reset, new. A state that the network keeps is written; a start
 * value is only read. `after`: the reset gate acts on the product with the recurrent weights (Keras' reset_after), else before it.
 */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { expectUnits, expectWords, sequence } from "../../../ir/recurrent.js";
import { multiplier, scaleOf } from "../../../ir/requantise.js";
import { sigmoidTable } from "../../../ir/sigmoid.js";
import { arrayFrom, count, scaleAt, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { layerCases } from "./cases.js";
import { fromOnnx } from "./from-onnx.js";
import { runInt, runReal, type GruAttrs } from "./reference.js";
import { fromKeras } from "./from-keras.js";

const params = {
  steps: "len", inputs: "len", units: "len", reverse: "u8", kept: "u8", after: "u8", zero_x: "i16", zero_h: "i16",
  out_mult: "i32", out_shift: "i8", w: "rom", r: "rom", b: "rom", mult: "rom", shift: "rom", table: "rom",
} as const;
type Values = ParamValues<typeof params>;

function infer(_a: GruAttrs, [x = [], h, w = [], r = [], b]: readonly Shape[]): readonly Shape[] {
  const { units } = sequence("gru", 3, x, w, r);
  expectUnits("gru", units, h);
  if (b && count(b) !== 6 * units) fail("ir/bad-shape", "gru", `${count(b)} biases for ${units} units`, "Give two biases for each gate and unit.");
  return [[...x.slice(0, -1), units]];
}

const geometry = (a: GruAttrs, t: readonly Tensor[]) => ({
  ...sequence("gru", 3, t[0]?.shape ?? [], t[2]?.shape ?? [], t[3]?.shape ?? []), reverse: Number(a.reverse), kept: Number(t[1]?.state === true), after: Number(a.after),
});

function float(a: GruAttrs, [x, h, w, r, b]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  if (!x || !h || !w || !r || !io) return [new Float64Array(0)];
  const p = geometry(a, io.inputs);
  const y = new Float64Array(p.steps * p.units);
  runReal(p, { w, r, b: b ?? new Float64Array(6 * p.units) }, x, h, y, (v) => v);
  return [y];
}

/** One multiplier for each gate and operand: to units of 1/4096. */
function gateMultipliers(x: Tensor, y: Tensor, w: Tensor, r: Tensor, units: number) {
  const of = (t: Tensor, weights: Tensor) => [0, 1, 2].map((g) => {
    const q = weights.quant ?? fail("network/no-scale", "gru", "the weights have no scale", "Give calibration rows.");
    if (q.zero.some((z) => z !== 0)) fail("network/weights", "gru", "weights with a zero point", "Supported: int8 weights with zero point 0.");
    return multiplier(scaleOf(t, "gru").scale * Math.fround(scaleAt(q, g * units)) * 4096);
  });
  const all = [...of(x, w), ...of(y, r)];
  return { mult: Int32Array.from(all, (m) => m.mult), shift: Int8Array.from(all, (m) => m.shift) };
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<GruAttrs>) {
  const [x, h, w, r, b] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor | undefined];
  const y = outputs[0] as Tensor;
  const shape = geometry(attrs, inputs);
  const { units } = shape;
  const types = [x, h, w, r, y].map((t) => t.dtype).join(" ");
  if (types === "f32 f32 f32 f32 f32") {
    const none = { zero_x: 0, zero_h: 0, out_mult: 0, out_shift: 0, mult: Int32Array.of(0), shift: Int8Array.of(0), table: Uint16Array.of(0) };
    const values = { w: arrayFrom("f32", w.data ?? []), r: arrayFrom("f32", r.data ?? []), b: arrayFrom("f32", b?.data ?? new Float32Array(6 * units)) };
    return { params: { ...shape, ...none, ...values }, outputs: [{ dtype: "f32" as const }], scratch: 8 * units };
  }
  if (types !== "i8 i16 i8 i8 i8") fail("network/unsupported-type", "gru", `input, state, weights, output of the types ${types}`, "Supported: int8 with an int16 state, or float32 throughout.");
  expectWords("gru", b);
  const start = scaleOf(h, "gru");
  if (start.scale !== 2 ** -15 || start.zero !== 0) fail("network/scale", "gru", `a state with the scale ${start.scale}`, "Supported: 1/32768, zero point 0.");
  const out = scaleOf(y, "gru");
  const { mult, shift } = multiplier(2 ** -15 / out.scale);
  const ints = {
    zero_x: scaleOf(x, "gru").zero, zero_h: out.zero, out_mult: mult, out_shift: shift, table: sigmoidTable,
    w: Int8Array.from(w.data ?? []), r: Int8Array.from(r.data ?? []), b: Int32Array.from(b?.data ?? new Int32Array(6 * units)),
  };
  return { params: { ...shape, ...ints, ...gateMultipliers(x, y, w, r, units) }, outputs: [{ dtype: y.dtype }], scratch: 6 * units };
}

function int(p: Values, [x, h]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !h || !y) return;
  if (x instanceof Float32Array) runReal(p, p, x, h, y, Math.fround);
  else runInt(p, x, h, y);
}

export default defineOp({
  name: "gru",
  family: "recurrent",
  doc: "h = sigm(Z) * h + (1 - sigm(Z)) * tanh(W x + sigm(R) * (U h))",
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
  net: { keras: fromKeras, onnx: { GRU: fromOnnx } },
  cases: [],
  layerCases,
});
