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

function prepare(ctx: PrepareCtx<RescaleAttrs>) {
  const x = ctx.inputs[0];
  if (x === undefined || !isInt(x.dtype)) throw new Error("rescale: integer input expected");
  const bits = ctx.level === 0 ? 8 : ctx.attrs.bits;
  const top = 2 ** (bits - 1) - 1;
  const n = x.shape[0] ?? 1;
  const out = span(ctx, bits) / top;
  const factors = Array.from({ length: n }, (_, i) => (x.quant ? scaleAt(x.quant, i) : 1) / out);
  // Only the bits of a wide input that can matter after scaling are kept, so that the product fits 32 bits.
  const [, hi] = limits(x.dtype);
  const reach = Math.max(...factors.map((f, i) => Math.min(hi, (2 * top) / f + Math.abs(x.quant ? zeroAt(x.quant, i) : 0))));
  const pre = Math.max(0, Math.ceil(Math.log2(reach + 1)) - 15);
  const largest = Math.max(...factors) * 2 ** pre;
  const shift = Math.min(30, Math.max(0, MULT_BITS - 1 - Math.floor(Math.log2(largest))));
  const mult = factors.map((f) => Math.round(f * 2 ** (pre + shift)));
  const offset = factors.map((f, i) => Math.round(-f * (x.quant ? zeroAt(x.quant, i) : 0) * 2 ** shift) + (shift > 0 ? 2 ** (shift - 1) : 0));
  const common = new Set(mult).size === 1 && new Set(offset).size === 1;
  return {
    params: {
      n, common: common ? 1 : 0, pre, shift, top, mult: Int16Array.from(common ? mult.slice(0, 1) : mult),
      offset: Int32Array.from(common ? offset.slice(0, 1) : offset), reach: Math.min(2 ** 31 - 1, Math.ceil(reach)),
    },
    outputs: [{ dtype: bits === 8 ? "i8" as const : "i16" as const, quant: { scale: [out], zero: [0] } }],
  };
}

export default defineOp({
  name: "rescale",
  family: "elementwise",
  doc: "y[i] = clamp((x[i] >> pre) * mult[i] + offset[i] >> shift)",
  inputs: ["x"],
  outputs: ["y"],
  infer: (_a: RescaleAttrs, [x]) => [x ?? [1]],
  float: (_a, [x]) => [Float64Array.from(x ?? [])],
  params: { n: "len", common: "u8", pre: "u8", shift: "u8", top: "i16", reach: "i32", mult: "rom", offset: "rom" },
  levels: 2,
  prepare,
  int: (p, [x], [y]) => {
    if (!x || !y) return;
    for (let i = 0; i < p.n; i++) {
      const k = p.common ? 0 : i;
      const wide = x.BYTES_PER_ELEMENT > 2;
      const v = wide ? clamp(x[i] ?? 0, -p.reach, p.reach) >> p.pre : (x[i] ?? 0);
      y[i] = clamp((Math.imul(v, p.mult[k] ?? 0) + (p.offset[k] ?? 0)) >> p.shift, -p.top, p.top);
    }
  },
  traits: { perElementInput: true },
  from: {},
  cases: [
    { title: "to 16 bits", attrs: { bits: 16 }, features: 4, range: [-100, 250], tolerance: 0.002 },
    { title: "to 8 bits", attrs: { bits: 8 }, features: 3, range: [0, 1], tolerance: 0.02 },
  ],
});
