/**
 * Long short-term memory, one direction. Gates in the order input, forget, cell, output. States that the network keeps are
 * written; start values (constants, or what another node made) are only read. Integer semantics: TFLite Micro's 8x8_16 LSTM.
 */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { expectUnits, expectWords, sequence } from "../../../ir/recurrent.js";
import { multiplier, scaleOf } from "../../../ir/requantise.js";
import { sigmoidTable } from "../../../ir/sigmoid.js";
import { count, scaleAt, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { layerCases } from "./cases.js";
import { fromTflite } from "./from-tflite.js";
import { fromOnnx } from "./from-onnx.js";
import { runInt, runReal, type LstmAttrs } from "./reference.js";
import { fromKeras } from "./from-keras.js";

const params = {
  steps: "len", inputs: "len", units: "len", reverse: "u8", kept: "u8", cells: "u8", zero_x: "i16", zero_h: "i16", lo: "i16", hi: "i16", in_shift: "i8",
  cell_mult: "i32", cell_shift: "u8", out_mult: "i32", out_shift: "i8", f_clip: "f32", w: "rom", r: "rom", b: "rom", mult: "rom", shift: "rom", table: "rom",
} as const;
type Values = ParamValues<typeof params>;

function infer(a: LstmAttrs, [x = [], h, c, w = [], r = [], b]: readonly Shape[]): readonly Shape[] {
  const { steps, units } = sequence("lstm", 4, x, w, r);
  expectUnits("lstm", units, h, c);
  if (b && count(b) !== 4 * units) fail("ir/bad-shape", "lstm", `${count(b)} biases for ${units} units`, "Give one bias for each gate and unit.");
  return [a.cells ? [steps + 1, 1, units] : [...x.slice(0, -1), units]];
}

const isKept = (h: Tensor | undefined, c: Tensor | undefined): boolean => {
  if (Boolean(h?.state) !== Boolean(c?.state)) fail("network/no-state", "lstm", "one of hidden and cell state is kept from call to call, the other is not", "Supported: both, or none.");
  return h?.state === true;
};

const geometry = (a: LstmAttrs, t: readonly Tensor[]) => ({
  ...sequence("lstm", 4, t[0]?.shape ?? [], t[3]?.shape ?? [], t[4]?.shape ?? []), reverse: Number(a.reverse), kept: Number(isKept(t[1], t[2])), cells: Number(a.cells),
});

function float(a: LstmAttrs, xs: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  const [x, h, c, w, r, b] = xs;
  if (!x || !h || !c || !w || !r || !io) return [new Float64Array(0)];
  const p = geometry(a, io.inputs);
  const y = new Float64Array((p.steps + p.cells) * p.units);
  runReal(p, { w, r, b: b ?? new Float64Array(4 * p.units) }, [x, h, c, y], a.cellClip, (v) => v);
  return [y];
}

/** One multiplier for each gate: to units of 1/4096, from the input and from the hidden state. */
function gateMultipliers(x: Tensor, h: Tensor, w: Tensor, r: Tensor, units: number) {
  const f32 = Math.fround;
  const of = (t: Tensor, weights: Tensor) => [0, 1, 2, 3].map((g) => {
    const q = weights.quant ?? fail("network/no-scale", "lstm", "the weights have no scale", "Convert the model with full integer quantisation.");
    return multiplier(f32(scaleOf(t, "lstm").scale * f32(scaleAt(q, g * units))) * 4096);
  });
  const all = [...of(x, w), ...of(h, r)];
  return { mult: Int32Array.from(all, (m) => m.mult), shift: Int8Array.from(all, (m) => m.shift) };
}

function checkTypes(x: Tensor, h: Tensor, c: Tensor, w: Tensor, r: Tensor, y: Tensor): void {
  const types = [x.dtype, h.dtype, c.dtype, w.dtype, r.dtype, y.dtype].join(" ");
  if (types !== "i8 i8 i16 i8 i8 i8") fail("network/unsupported-type", "lstm", `input, hidden, cell, weights, output of the types ${types}`, "Supported: int8 with int16 cells (full integer quantisation), or float32 throughout.");
  if ([w, r].some((t) => t.quant?.zero.some((z) => z !== 0))) fail("network/weights", "lstm", "weights with a zero point", "Supported: int8 weights with zero point 0.");
  const [kept, out] = [scaleOf(h, "lstm"), scaleOf(y, "lstm")];
  if (kept.scale !== out.scale || kept.zero !== out.zero) fail("network/scale", "lstm", "the output and the hidden state have different scales", "Supported: the same, as TensorFlow's converter writes them.");
}

/** The cell's scale is 2^power. */
function cellPower(c: Tensor): number {
  const { scale, zero } = scaleOf(c, "lstm");
  const power = Math.round(Math.log2(scale));
  const fits = Math.abs(Math.log2(scale) - power) < 1e-3 && zero === 0 && power >= -16 && power <= 0;
  return fits ? power : fail("network/scale", "lstm", `cells with the scale ${scale} and zero point ${zero}`, "Supported: a power of two from 2^-16 to 1, zero point 0.");
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<LstmAttrs>) {
  const [x, h, c, w, r, b] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor | undefined];
  const y = outputs[0] as Tensor;
  const shape = geometry(attrs, inputs);
  const { units } = shape;
  if (x.dtype === "f32") {
    if ([h, c, w, r].some((t) => t.dtype !== "f32")) fail("network/unsupported-type", "lstm", "a float32 input with weights or states of another type", "Supported: float32 throughout; hybrid quantisation is not.");
    const none = { zero_x: 0, zero_h: 0, lo: 0, hi: 0, in_shift: 0, cell_mult: 0, cell_shift: 0, out_mult: 0, out_shift: 0, mult: Int32Array.of(0), shift: Int8Array.of(0), table: Uint16Array.of(0) };
    const values = { w: Float32Array.from(w.data ?? []), r: Float32Array.from(r.data ?? []), b: Float32Array.from(b?.data ?? new Float32Array(4 * units)) };
    return { params: { ...shape, ...none, ...values, f_clip: Math.fround(attrs.cellClip) }, outputs: [{ dtype: "f32" as const }], scratch: shape.kept ? 1 : 8 * units };
  }
  checkTypes(x, h, c, w, r, y);
  expectWords("lstm", b);
  const power = cellPower(c);
  const left = 12 + power;
  const limit = attrs.cellClip > 0 ? Math.trunc(Math.min(32767, attrs.cellClip / 2 ** power)) : 0;
  const out = multiplier(2 ** -30 / scaleOf(h, "lstm").scale);
  const ints = {
    zero_x: scaleOf(x, "lstm").zero, zero_h: scaleOf(h, "lstm").zero, lo: limit > 0 ? -limit : -32768, hi: limit > 0 ? limit : 32767, in_shift: -29 - power,
    cell_mult: left < 0 ? 3 : 3 * 2 ** left, cell_shift: Math.max(0, -left), out_mult: out.mult, out_shift: out.shift, f_clip: 0,
    w: Int8Array.from(w.data ?? []), r: Int8Array.from(r.data ?? []), b: Int32Array.from(b?.data ?? new Int32Array(4 * units)), table: sigmoidTable,
  };
  return { params: { ...shape, ...ints, ...gateMultipliers(x, h, w, r, units) }, outputs: [{ dtype: y.dtype }], scratch: shape.kept ? 1 : 3 * units };
}

function int(p: Values, [x, h, c]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !h || !c || !y) return;
  if (x instanceof Float32Array) runReal(p, p, [x, h, c, y], p.f_clip, Math.fround);
  else runInt(p, [x, h, c, y]);
}

export default defineOp({
  name: "lstm",
  family: "recurrent",
  doc: "c = sigm(F) * c + sigm(I) * tanh(G); h = sigm(O) * tanh(c); I, F, G, O = w x + r h + b",
  inputs: ["x", "h", "c"],
  constants: ["w", "r", "b"],
  outputs: ["y"],
  infer,
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { macs: (_a, { inputs: [x, , , w, r] }) => (count(x?.shape ?? []) / (w?.shape[1] ?? 1)) * (count(w?.shape ?? []) + count(r?.shape ?? [])) },
  from: {},
  net: { keras: fromKeras, tflite: { UNIDIRECTIONAL_SEQUENCE_LSTM: fromTflite }, onnx: { LSTM: fromOnnx } },
  cases: [],
  layerCases,
});
