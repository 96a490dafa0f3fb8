/**
 * Two straight lines that meet at zero, and bounds: relu, relu6, leaky relu, clip, abs, neg. Integer semantics: TFLite Micro's
 * Relu, LeakyRelu and Abs; in int8 as a table of 256 answers made by the same rule.
 */
import { byteTable, F32_MAX, oneType, quantOf, unsupported } from "../../../ir/elementwise.js";
import { clamp } from "../../../ir/fixed.js";
import { numberOption, operand } from "../../../ir/foreign-node.js";
import { defineOp, type ForeignNode, type LayerCase, type NetBuilder, type PrepareCtx, type Value } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { multiplier, requant, roundHalfAway } from "../../../ir/requantise.js";
import { count, limits, type IntDType, type Tensor, type TypedArray } from "../../../ir/types.js";
import { fromOnnx } from "./from-onnx.js";
import { toTflite } from "./to-tflite.js";
import { fromKeras } from "./from-keras.js";
import type { RectifyAttrs } from "./attrs.js";

export type { RectifyAttrs } from "./attrs.js";

const params = {
  n: "len", zero_x: "i16", zero_y: "i16", lo: "i16", hi: "i16", mult_above: "i32", mult_below: "i32", shift_above: "i8", shift_below: "i8",
  flip_above: "u8", flip_below: "u8", f_above: "f32", f_below: "f32", f_lo: "f32", f_hi: "f32", table: "rom",
} as const;
type Values = ParamValues<typeof params>;

const f32 = Math.fround;

type Ints = Pick<Values, "zero_x" | "zero_y" | "lo" | "hi" | "mult_above" | "mult_below" | "shift_above" | "shift_below" | "flip_above" | "flip_below">;

function integers(a: RectifyAttrs, x: Tensor, y: Tensor): Ints {
  const from = quantOf(x, "rectify");
  const to = a.rescale ? quantOf(y, "rectify") : from;
  const [min, max] = limits(y.dtype as IntDType);
  const bound = (real: number): number => clamp(to.zero + roundHalfAway(f32(real / to.scale)), min, max);
  const slope = (s: number) => multiplier(f32(f32(from.scale * Math.abs(s)) / to.scale));
  const [above, below] = [slope(f32(a.above)), slope(f32(a.below))];
  return {
    zero_x: from.zero, zero_y: to.zero, lo: bound(a.lo), hi: bound(a.hi), mult_above: above.mult, shift_above: above.shift, mult_below: below.mult, shift_below: below.shift,
    flip_above: Number(a.above < 0), flip_below: Number(a.below < 0),
  };
}

/** The rule for one integer; the kernel has it for 16 bits, bytes are looked up. */
function valueOf(p: Ints, q: number): number {
  const v = q - p.zero_x;
  const w = v >= 0 ? requant(v, p.mult_above, p.shift_above) : requant(v, p.mult_below, p.shift_below);
  return clamp((v >= 0 ? p.flip_above : p.flip_below) ? p.zero_y - w : p.zero_y + w, p.lo, p.hi);
}

const noInts: Ints = { zero_x: 0, zero_y: 0, lo: 0, hi: 0, mult_above: 0, mult_below: 0, shift_above: 0, shift_below: 0, flip_above: 0, flip_below: 0 };

function prepare({ attrs, inputs, outputs }: PrepareCtx<RectifyAttrs>) {
  const [x, y] = [inputs[0], outputs[0]] as [Tensor, Tensor];
  oneType([x, y], "rectify");
  const n = count(x.shape);
  const floats = { f_above: f32(attrs.above), f_below: f32(attrs.below), f_lo: f32(attrs.lo), f_hi: f32(attrs.hi) };
  const none = Int8Array.of(0);
  if (x.dtype === "f32") return { params: { n, ...noInts, ...floats, table: none }, outputs: [{ dtype: "f32" as const }] };
  if (x.dtype !== "i8" && x.dtype !== "i16") return unsupported(x, "rectify", "int8, int16, float32");
  const ints = integers(attrs, x, y);
  return { params: { n, ...ints, ...floats, table: x.dtype === "i8" ? byteTable("i8", "i8", (q) => valueOf(ints, q)) : none }, outputs: [{ dtype: y.dtype }] };
}

const line = (above: number, below: number, lo: number, hi: number, v: number): number => Math.min(hi, Math.max(lo, v * (v >= 0 ? above : below)));

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  for (let i = 0; i < p.n; i++) {
    const q = x[i] as number;
    y[i] = x instanceof Float32Array ? line(p.f_above, p.f_below, p.f_lo, p.f_hi, q) : x instanceof Int8Array ? (p.table[q & 255] as number) : valueOf(p, q);
  }
}

/** Slopes above and below zero, bounds. */
const shaped = (above: number, below: number, lo = -F32_MAX, hi = F32_MAX): RectifyAttrs => ({ above, below, lo, hi, rescale: true });
const lower = (attrs: RectifyAttrs) => (n: ForeignNode, b: NetBuilder): readonly Value[] => [b.add("rectify", attrs, [operand(n, 0)], n.outputs[0])];

function lowerRelu6(n: ForeignNode, b: NetBuilder): readonly Value[] {
  const [x, y] = [b.tensor(operand(n, 0)).quant, n.outputs[0]?.quant];
  if (x && y && (x.scale[0] !== y.scale[0] || x.zero[0] !== y.zero[0])) b.note(`${n.name}: RELU6 is clamped without rescaling, exactly as TensorFlow Lite Micro does, although the file gives its output another scale.`);
  return lower({ ...shaped(1, 0, 0, 6), rescale: false })(n, b);
}

/** The fused activation that does the same. */
function activationOf({ above, below, lo, hi, rescale }: RectifyAttrs): string | null {
  if (above !== 1 || !rescale) return null;
  if (below === 0 && lo <= 0) return hi === F32_MAX ? "relu" : hi === 6 ? "relu6" : null;
  return below === 1 && lo === -1 && hi === 1 ? "relu_n1_to_1" : null;
}

type Input = LayerCase<RectifyAttrs>["inputs"][number];
const x8 = (scale: number, zero: number): Input => ({ dtype: "i8", shape: [1, 3, 87], quant: { scale: [scale], zero: [zero] } });
const x16: Input = { dtype: "i16", shape: [1, 301], quant: { scale: [0.001], zero: [0] } };
const y8 = { dtype: "i8", quant: { scale: [0.04], zero: [-9] } } as const;
const y16 = { dtype: "i16", quant: { scale: [0.0013], zero: [0] } } as const;

export default defineOp({
  name: "rectify",
  family: "neural",
  doc: "y = x * (x >= 0 ? above : below), within lo .. hi",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a, [x = []]) => [x],
  float: (a, [x]) => [(x ?? new Float64Array(0)).map((v) => line(a.above, a.below, a.lo, a.hi, v))],
  params,
  levels: 1,
  prepare,
  int,
  traits: {
    asActivation: activationOf,
    elementwise: true,
    inPlace: true,
    quantise: { sameScale: (a) => !a.rescale, homogeneous: (a) => a.hi >= F32_MAX && (a.lo === 0 || a.lo <= -F32_MAX) },
  },
  from: {},
  net: {
    keras: fromKeras,
    onnx: fromOnnx,
    tflite: {
      RELU: lower(shaped(1, 0, 0)), RELU6: lowerRelu6, RELU_N1_TO_1: lower(shaped(1, 1, -1, 1)), RELU_0_TO_1: lower(shaped(1, 0, 0, 1)),
      LEAKY_RELU: (n, b) => lower(shaped(1, numberOption(n, "alpha")))(n, b), ABS: lower(shaped(1, -1)), NEG: lower(shaped(-1, -1)),
    },
  },
  write: { tflite: toTflite },
  cases: [],
  layerCases: [
    { title: "relu", attrs: shaped(1, 0, 0), inputs: [x8(0.05, 3)], output: y8, tolerance: 1 },
    { title: "relu6 in its own scale", attrs: { ...shaped(1, 0, 0, 6), rescale: false }, inputs: [x8(0.05, -7)], output: { dtype: "i8", quant: { scale: [0.05], zero: [-7] } }, tolerance: 1 },
    { title: "leaky relu", attrs: shaped(1, 0.3), inputs: [x8(0.05, 127)], output: y8, tolerance: 1 },
    { title: "leaky relu that turns up", attrs: shaped(1, -0.3), inputs: [x8(0.05, 3)], output: y8, tolerance: 1 },
    { title: "abs, int16", attrs: shaped(1, -1), inputs: [x16], output: y16, tolerance: 1 },
    { title: "relu6, int16", attrs: shaped(1, 0, 0, 6), inputs: [x16], output: y16, tolerance: 1 },
    { title: "neg, int16", attrs: shaped(-1, -1), inputs: [x16], output: y16, tolerance: 1 },
    { title: "leaky relu, int16", attrs: shaped(1, 0.1), inputs: [x16], output: y16, tolerance: 1 },
    { title: "leaky relu, float32", attrs: shaped(1, 0.1), inputs: [{ dtype: "f32", shape: [2, 3] }], output: { dtype: "f32" }, tolerance: 0.00001 },
  ],
});
