/** Brings integers of any scale to one common scale of 8 or 16 bits; the compiler inserts it where a kernel needs that. */
import { clamp } from "../../../ir/fixed.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import { isInt, limits, scaleAt, zeroAt } from "../../../ir/types.js";

/** `bits` of the output: 8 or 16; what the reading kernel takes at most. */
export type RescaleAttrs = { readonly bits: number };

const MULT_BITS = 14;

/** Largest |real value| seen, with room above it where the output has 16 bits. */
function span(ctx: PrepareCtx<RescaleAttrs>, bits: number): number {
  const s = ctx.outputStats[0];
  let m = 1e-9;
  for (const v of [...(s?.min ?? []), ...(s?.max ?? [])]) m = Math.max(m, Math.abs(v));
  return bits === 8 ? m : m * 2;
}

/** How the kernel's 16-bit (or wider) integers stand for the input's values; floats are first cut to `x * 2^exponent`. */
interface Reading {
  readonly scale: readonly number[];
  readonly zero: readonly number[];
  readonly exponents: Int8Array;
  /** Largest integer the input can hold. */
  readonly top: number;
}

function reading(ctx: PrepareCtx<RescaleAttrs>, n: number): Reading {
  const x = ctx.inputs[0];
  const q = x?.quant ?? { scale: [1], zero: [0] };
  const scale = Array.from({ length: n }, (_, i) => scaleAt(q, i));
  const zero = scale.map((_, i) => zeroAt(q, i));
  if (x && isInt(x.dtype)) return { scale, zero, exponents: new Int8Array(1), top: limits(x.dtype)[1] };
  const s = ctx.inputStats[0];
  // Four times the range seen still fits into 15 bits.
  const exponents = Int8Array.from(scale, (k, i) => {
    const peak = Math.max(Math.abs((s?.min[i] ?? 0) / k + (zero[i] ?? 0)), Math.abs((s?.max[i] ?? 0) / k + (zero[i] ?? 0)), 1e-30);
    return clamp(12 - Math.ceil(Math.log2(peak)), -100, 100);
  });
  return { scale: scale.map((k, i) => k * 2 ** -(exponents[i] ?? 0)), zero: zero.map((z, i) => z * 2 ** (exponents[i] ?? 0)), exponents, top: 32767 };
}

function prepare(ctx: PrepareCtx<RescaleAttrs>) {
  const bits = ctx.level === 0 ? 8 : ctx.attrs.bits;
  const top = 2 ** (bits - 1) - 1;
  const n = ctx.inputs[0]?.shape[0] ?? 1;
  const read = reading(ctx, n);
  const out = span(ctx, bits) / top;
  const factors = read.scale.map((s) => s / out);
  // Only the bits of a wide input that can matter after scaling are kept, so that the product fits 32 bits.
  const reach = Math.max(...factors.map((f, i) => Math.min(read.top, (2 * top) / f + Math.abs(read.zero[i] ?? 0))));
  const pre = Math.max(0, Math.ceil(Math.log2(reach + 1)) - 15);
  const largest = Math.max(...factors) * 2 ** pre;
  const shift = Math.min(30, Math.max(0, MULT_BITS - 1 - Math.floor(Math.log2(largest))));
  const mult = factors.map((f) => Math.round(f * 2 ** (pre + shift)));
  const offset = factors.map((f, i) => Math.round(-f * (read.zero[i] ?? 0) * 2 ** shift) + (shift > 0 ? 2 ** (shift - 1) : 0));
  const common = new Set(mult).size === 1 && new Set(offset).size === 1;
  return {
    params: {
      n, common: common ? 1 : 0, floats: isInt(ctx.inputs[0]?.dtype ?? "i16") ? 0 : 1, pre, shift, top, mult: Int16Array.from(common ? mult.slice(0, 1) : mult),
      offset: Int32Array.from(common ? offset.slice(0, 1) : offset), reach: Math.min(2 ** 31 - 1, Math.ceil(reach)), exponents: read.exponents,
    },
    outputs: [{ dtype: bits === 8 ? "i8" as const : "i16" as const, quant: { scale: [out], zero: [0] } }],
  };
}

/** `trunc(x * 2^e)` from the bits of a float32, saturated to +-32767: the twin of `cell_fixed_float`. */
function fixedFromFloat(bits: number, e: number): number {
  const exponent = (bits >>> 23) & 255;
  const shift = exponent - 150 + e;
  const mantissa = (bits & 0x7fffff) | 0x800000;
  const v = exponent === 0 || shift <= -24 ? 0 : shift > -9 ? 32767 : mantissa >> -shift;
  return bits < 0 ? -v : v;
}

export default defineOp({
  name: "rescale",
  family: "elementwise",
  doc: "y[i] = clamp((x[i] >> pre) * mult[i] + offset[i] >> shift)",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a: RescaleAttrs, [x]) => [x ?? [1]],
  float: (_a, [x]) => [Float64Array.from(x ?? [])],
  params: { n: "len", common: "u8", floats: "u8", pre: "u8", shift: "u8", top: "i16", reach: "i32", mult: "rom", offset: "rom", exponents: "rom" },
  levels: 2,
  prepare,
  int: (p, [x], [y]) => {
    if (!x || !y) return;
    const floats = x instanceof Float32Array ? new Int32Array(x.buffer, x.byteOffset, x.length) : null;
    for (let i = 0; i < p.n; i++) {
      const k = p.common ? 0 : i;
      const wide = x.BYTES_PER_ELEMENT > 2;
      const v = floats ? fixedFromFloat(floats[i] ?? 0, p.exponents[i] ?? 0) : wide ? clamp(x[i] ?? 0, -p.reach, p.reach) >> p.pre : (x[i] ?? 0);
      y[i] = clamp((Math.imul(v, p.mult[k] ?? 0) + (p.offset[k] ?? 0)) >> p.shift, -p.top, p.top);
    }
  },
  traits: { perElementInput: true, readsF32: true },
  from: {},
  cases: [
    { title: "to 16 bits", attrs: { bits: 16 }, features: 4, range: [-100, 250], inputs: ["i16", "i8", "f32"], tolerance: 0.002 },
    { title: "to 8 bits", attrs: { bits: 8 }, features: 3, range: [0, 1], tolerance: 0.02 },
  ],
});
