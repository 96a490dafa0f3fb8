/**
 * Singular value decomposition filter: every filter weighs the input, remembers what came out in the last calls, and weighs that.
 * The state holds (units * rank, memory) values, the latest at the end of each row. Integer semantics: TFLite Micro's int8 SVDF.
 */
import { fail } from "../../../ir/diagnostics.js";
import { clamp } from "../../../ir/fixed.js";
import { floatRange } from "../../../ir/layer.js";
import { defineOp, type NodeIo, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { expectWords } from "../../../ir/recurrent.js";
import { multiplier, realRange, requant, scaleOf } from "../../../ir/requantise.js";
import { arrayFrom, count, limits, type IntDType, type Shape, type Tensor, type TypedArray } from "../../../ir/types.js";
import { layerCases } from "./cases.js";
import { fromTflite } from "./from-tflite.js";
import { run, runReal, type SvdfAttrs } from "./reference.js";

const params = {
  units: "len", rank: "len", inputs: "len", memory: "len", zero_x: "i16", zero_s: "i16", zero_y: "i16", lo: "i16", hi: "i16",
  mult: "i32", shift: "i8", out_mult: "i32", out_shift: "i8", f_lo: "f32", f_hi: "f32", wf: "rom", wt: "rom", b: "rom",
} as const;
type Values = ParamValues<typeof params>;

function geometry(a: SvdfAttrs, [x = [], state = [], wf = [], wt = [], b]: readonly Shape[]) {
  const [filters = 0, inputs = 0] = wf;
  const [rows = 0, memory = 0] = wt;
  const units = filters / a.rank;
  const fits = Number.isInteger(units) && units > 0 && rows === filters && memory > 0 && count(x) === inputs && count(state) === filters * memory && (!b || count(b) === units);
  return fits ? { units, rank: a.rank, inputs, memory } : fail("ir/bad-shape", "svdf", `input (${x.join(", ")}), state (${state.join(", ")}), weights (${wf.join(", ")}) and (${wt.join(", ")}), rank ${a.rank}`, "Supported: batch 1, weights (units * rank, inputs) and (units * rank, memory), a state of units * rank * memory values.");
}

function float(a: SvdfAttrs, [x, state, wf, wt, b]: readonly Float64Array[], io?: NodeIo): readonly Float64Array[] {
  if (!x || !state || !wf || !wt || !io) return [new Float64Array(0)];
  const p = geometry(a, io.inputs.map((t) => t.shape));
  const y = new Float64Array(p.units);
  const [lo, hi] = realRange(a.activation);
  runReal(p, { wf, wt, b: b ?? new Float64Array(p.units), f_lo: lo, f_hi: hi }, x, state, y, (v) => v);
  return [y];
}

function prepare({ attrs, inputs, outputs }: PrepareCtx<SvdfAttrs>) {
  const [x, state, wf, wt, b] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor | undefined];
  const y = outputs[0] as Tensor;
  const shape = geometry(attrs, inputs.map((t) => t.shape));
  if (!state.state) fail("network/no-state", "svdf", `${state.name} is not kept from call to call`, "The file is damaged; convert the model again.");
  const types = [x, state, wf, wt, y].map((t) => t.dtype).join(" ");
  if (types === "f32 f32 f32 f32 f32") {
    const none = { zero_x: 0, zero_s: 0, zero_y: 0, lo: 0, hi: 0, mult: 0, shift: 0, out_mult: 0, out_shift: 0 };
    const values = { wf: arrayFrom("f32", wf.data ?? []), wt: arrayFrom("f32", wt.data ?? []), b: arrayFrom("f32", b?.data ?? new Float32Array(shape.units)) };
    return { params: { ...shape, ...none, ...values, ...floatRange(attrs.activation) }, outputs: [{ dtype: "f32" as const }] };
  }
  if (types !== "i8 i16 i8 i16 i8" && types !== "i8 i8 i8 i8 i8") fail("network/unsupported-type", "svdf", `input, state, weights, weights of time, output of the types ${types}`, "Supported: int8 with a state and time weights of int16 or int8, or float32 throughout.");
  expectWords("svdf", b);
  const [sx, ss, sy, sf, st] = [x, state, y, wf, wt].map((t) => scaleOf(t, "svdf")) as [Scaled, Scaled, Scaled, Scaled, Scaled];
  if (attrs.activation !== "none" && !(attrs.activation === "relu" && sy.zero === -128)) fail("network/unsupported", "svdf", `the activation ${attrs.activation} in integers`, "Supported: none, or relu where the output's zero point is -128.");
  if (sf.zero !== 0 || st.zero !== 0) fail("network/weights", "svdf", "weights with a zero point", "Supported: weights with zero point 0.");
  const f32 = Math.fround;
  const first = multiplier(f32(f32(sx.scale * sf.scale) / ss.scale));
  const second = multiplier(f32(f32(ss.scale * st.scale) / sy.scale));
  const [lo, hi] = limits(state.dtype as IntDType);
  const ints = { zero_x: sx.zero, zero_s: ss.zero, zero_y: sy.zero, lo, hi, mult: first.mult, shift: first.shift, out_mult: second.mult, out_shift: second.shift, f_lo: 0, f_hi: 0 };
  const values = { wf: Int8Array.from(wf.data ?? []), wt: arrayFrom(wt.dtype, wt.data ?? []), b: Int32Array.from(b?.data ?? new Int32Array(shape.units)) };
  return { params: { ...shape, ...ints, ...values }, outputs: [{ dtype: y.dtype }] };
}
type Scaled = ReturnType<typeof scaleOf>;

function int(p: Values, [x, state]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !state || !y) return;
  if (x instanceof Float32Array) { runReal(p, p, x, state, y, Math.fround); return; }
  const latest = (f: number): number => {
    let s = 0;
    for (let i = 0; i < p.inputs; i++) s = (s + Math.imul((x[i] as number) - p.zero_x, p.wf[f * p.inputs + i] as number)) | 0;
    // TFLite Micro limits the value before it adds the zero point: an int8 state wraps where a model drives it out of its range.
    return clamp(requant(s, p.mult, p.shift), p.lo, p.hi) + p.zero_s;
  };
  const share = (s: number, i: number): number => (s + Math.imul((state[i] as number) - p.zero_s, p.wt[i] as number)) | 0;
  run(p, state, latest, share, (s, u) => { y[u] = clamp(requant((s + (p.b[u] as number)) | 0, p.out_mult, p.out_shift) + p.zero_y, -128, 127); });
}

export default defineOp({
  name: "svdf",
  family: "recurrent",
  doc: "state[f] = state[f] without its first, then wf[f] x; y[u] = act(b[u] + sum over rank and memory of wt * state)",
  inputs: ["x", "state"],
  constants: ["wf", "wt", "b"],
  outputs: ["y"],
  infer: (a, shapes) => [[1, geometry(a, shapes).units]],
  float,
  params,
  levels: 1,
  prepare,
  int,
  traits: { macs: (_a, { inputs: [, , wf, wt] }) => count(wf?.shape ?? []) + count(wt?.shape ?? []) },
  from: {},
  net: { tflite: { SVDF: fromTflite } },
  cases: [],
  layerCases,
});
