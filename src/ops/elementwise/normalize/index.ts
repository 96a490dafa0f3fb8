/** A row divided by its own length: every row comes out with norm 1; a row of zeros stays as it is. */
import { fail } from "../../../ir/diagnostics.js";
import { clamp, sqrtU32 } from "../../../ir/fixed.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import type { ParamValues } from "../../../ir/params.js";
import { zeroAt, type DType, type TypedArray } from "../../../ir/types.js";
import { onnx } from "./from-onnx.js";
import { sklearn } from "./from-sklearn.js";

export type NormalizeAttrs = { readonly norm: string };

const norms = ["l1", "l2", "max"] as const;
const L1 = 0, L2 = 1;

const params = { n: "len", norm: "u8", zero: "i32", square_shift: "u8", out_shift: "u8", top: "i16" } as const;
type Values = ParamValues<typeof params>;

function prepare({ attrs, arithmetic, inputs: [x], level }: PrepareCtx<NormalizeAttrs>) {
  const n = x?.shape[0] ?? 1;
  const norm = norms.findIndex((v) => v === attrs.norm);
  const zero = x?.quant ? Math.round(zeroAt(x.quant, 0)) : 0;
  // Even, so that the root of the sum is shifted by half of it; n squares of 28 bits then fit 32.
  const squareShift = Math.max(0, 2 * Math.ceil((Math.log2(n) - 4) / 2));
  const bits = level === 0 ? 7 : 15;
  return {
    params: { n, norm, zero, square_shift: squareShift, out_shift: 15 - bits, top: 2 ** bits - 1 },
    outputs: arithmetic === "float" ? [{ dtype: "f32" as DType }] : [{ dtype: bits === 7 ? "i8" as DType : "i16" as DType, quant: { scale: [2 ** -bits], zero: [0] } }],
  };
}

/** Largest |x - zero|, which decides how far the row is shifted up. */
const OF_TOP = 2 ** 14;

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  if (x instanceof Float32Array) { y.set(scaled(x, norms[p.norm] ?? "l2", Math.fround)); return; }
  let largest = 0;
  for (let i = 0; i < p.n; i++) largest = Math.max(largest, Math.abs((x[i] ?? 0) - p.zero));
  y.fill(0);
  if (largest === 0) return;
  let up = 0;
  let down = 0;
  while (largest >= OF_TOP) { largest = largest >>> 1; down++; }
  while (largest < OF_TOP / 2) { largest = largest << 1; up++; }
  // The magnitude is shifted, so that no element becomes larger than the largest one.
  const at = (i: number): number => {
    const v = (x[i] ?? 0) - p.zero;
    return Math.sign(v) * ((Math.abs(v) >> down) << up);
  };
  let sum = 0;
  for (let i = 0; i < p.n; i++) {
    const v = at(i);
    sum += p.norm === L2 ? Math.imul(v, v) >>> p.square_shift : Math.abs(v);
  }
  let divisor = p.norm === L1 ? sum : largest;
  let shift = 15;
  if (p.norm === L2) {
    shift -= p.square_shift >> 1;
    while (sum < 2 ** 30) { sum *= 4; shift++; }
    divisor = sqrtU32(sum);
  }
  for (let i = 0; i < p.n; i++) y[i] = clamp((Math.trunc((at(i) * 2 ** shift) / divisor) | 0) >> p.out_shift, -p.top, p.top);
}

/** `round` is float32 rounding, or none. */
function scaled(x: ArrayLike<number>, norm: string, round: (v: number) => number): Float64Array {
  let size = 0;
  for (let i = 0; i < x.length; i++) {
    const v = Math.abs(x[i] ?? 0);
    size = norm === "max" ? Math.max(size, v) : round(size + (norm === "l1" ? v : round(v * v)));
  }
  if (norm === "l2") size = round(Math.sqrt(size));
  return Float64Array.from(x, (v) => (size === 0 ? v : v / size));
}

export default defineOp({
  name: "normalize",
  family: "elementwise",
  doc: "y = x / norm(x), norm = sum |x|, sqrt(sum x^2) or max |x|",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: NormalizeAttrs, [x]) => {
    if (!norms.some((n) => n === a.norm)) fail("ir/bad-attribute", "normalize", `norm "${a.norm}"`, `Supported: ${norms.join(", ")}.`);
    return [x ?? [1]];
  },
  float: (a, [x]) => [scaled(x ?? [], a.norm, Number)],
  params,
  levels: 2,
  prepare,
  int,
  traits: { maxInputBits: 16 },
  from: { sklearn, onnx },
  cases: [
    ...norms.map((norm) => ({ title: `norm ${norm}`, attrs: { norm }, features: 7, range: [-40, 90] as const, tolerance: 0.002 })),
    { title: "norm l2 of many", attrs: { norm: "l2" }, features: 67, range: [-1, 1], tolerance: 0.002 },
    { title: "norm l2 of one", attrs: { norm: "l2" }, features: 1, range: [-1, 1], inputs: ["i16", "u8"], tolerance: 0.002 },
  ],
});
