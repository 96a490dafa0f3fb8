/** The squashing functions between the layers of a network: relu by a shift, tanh and logistic by one interpolated table. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import { narrowest, type ParamValues } from "../../../ir/params.js";
import { arrayFrom, isInt, limits, scaleAt, zeroAt, type DType, type Tensor, type TypedArray } from "../../../ir/types.js";

export type ActivationAttrs = { readonly kind: string };

const kinds: Readonly<Record<string, { readonly code: number; readonly f: (v: number) => number }>> = {
  relu: { code: 0, f: (v) => Math.max(0, v) },
  tanh: { code: 1, f: Math.tanh },
  /** (1 + tanh(x / 2)) / 2: the same table read at half the pace. */
  logistic: { code: 2, f: (v) => 1 / (1 + Math.exp(-v)) },
};
const RELU = 0, LOGISTIC = 2;

const params = {
  n: "len", kind: "u8", shifted: "u8", common: "u8", shift: "u8", top: "i32", reach: "i32", pre: "u8", mult_shift: "u8", last: "u16",
  zero: "rom", mult: "rom", table: "rom",
} as const;
type Values = ParamValues<typeof params>;

/** tanh is 1 to 16 bits beyond this. */
const DOMAIN = 6;
/** Steps of a table position between two entries. */
const FRACTION = 256;

const table = (steps: number, top: number): Float64Array =>
  Float64Array.from({ length: steps + 1 }, (_, i) => Math.round(Math.tanh((i * DOMAIN) / steps) * top));

/** Zero points as the kernel subtracts them; wide integers come from sums, which have none. */
function zeros(x: Tensor): { readonly shifted: number; readonly zero: TypedArray } {
  const n = x.shape[0] ?? 1;
  const zero = Array.from({ length: n }, (_, i) => (x.quant ? Math.round(zeroAt(x.quant, i)) : 0));
  const shifted = zero.some((z) => z !== 0);
  if (shifted && x.dtype === "i32") throw new Error("activation: a zero point on 32-bit sums");
  return { shifted: shifted ? 1 : 0, zero: shifted ? narrowest(zero) : Int8Array.of(0) };
}

const widest = (x: Tensor): number => (isInt(x.dtype) ? Math.max(-limits(x.dtype)[0], limits(x.dtype)[1]) : 0);

function prepareRelu(ctx: PrepareCtx<ActivationAttrs>, x: Tensor) {
  const top = ctx.level === 0 ? 255 : 32767;
  const q = x.quant ?? { scale: [1], zero: [0] };
  // Eight bits hold what calibration saw; sixteen leave room above it. What goes beyond is clipped.
  let peak = 1;
  for (const [i, v] of (ctx.outputStats[0]?.max ?? []).entries()) peak = Math.max(peak, Math.min(Math.abs(v), 1e30) / scaleAt(q, i));
  peak = Math.min(peak * (ctx.level === 0 ? 1 : 2), widest(x) * 2);
  const shift = Math.max(0, Math.ceil(Math.log2(peak / top)));
  return {
    params: { n: x.shape[0] ?? 1, kind: RELU, common: 1, shift, top, reach: 0, pre: 0, mult_shift: 0, last: 0, ...zeros(x), mult: Uint16Array.of(0), table: Uint8Array.of(0) },
    outputs: [{ dtype: ctx.level === 0 ? "u8" as const : "i16" as const, quant: { scale: q.scale.map((s) => s * 2 ** shift), zero: [0] } }],
  };
}

function prepareTable(ctx: PrepareCtx<ActivationAttrs>, x: Tensor, code: number) {
  const [steps, top] = ctx.level === 0 ? [32, 127] : [128, 32767];
  const last = steps * FRACTION;
  const pace = (last / DOMAIN) * (code === LOGISTIC ? 0.5 : 1);
  const q = x.quant ?? { scale: [1], zero: [0] };
  const k = Array.from({ length: q.scale.length }, (_, i) => scaleAt(q, i) * pace);
  // Inputs beyond the table are all alike, so only the bits that matter within it are kept: the product fits 31 bits.
  const reach = Math.min(2 ** 31 - 1, widest(x) * 2, Math.ceil((last + 1) / Math.min(...k)));
  const pre = Math.max(0, Math.ceil(Math.log2(reach + 1)) - 15);
  const shift = Math.min(30, Math.max(0, 14 - Math.floor(Math.log2(Math.max(...k) * 2 ** pre))));
  const mult = k.map((v) => Math.min(65535, Math.round(v * 2 ** (pre + shift))));
  return {
    params: {
      n: x.shape[0] ?? 1, kind: code, common: mult.length === 1 ? 1 : 0, shift: 0, top, reach, pre, mult_shift: shift, last, ...zeros(x),
      mult: Uint16Array.from(mult), table: arrayFrom(top === 127 ? "u8" : "i16", table(steps, top)),
    },
    outputs: [{ dtype: top === 127 ? "i8" as const : "i16" as const, quant: { scale: [(code === LOGISTIC ? 0.5 : 1) / top], zero: [code === LOGISTIC ? -top : 0] } }],
  };
}

function prepare(ctx: PrepareCtx<ActivationAttrs>) {
  const [x] = ctx.inputs;
  const code = kinds[ctx.attrs.kind]?.code ?? RELU;
  if (x === undefined) throw new Error("activation: no input");
  if (ctx.arithmetic === "int") return code === RELU ? prepareRelu(ctx, x) : prepareTable(ctx, x, code);
  const none = { shifted: 0, common: 1, shift: 0, top: 0, reach: 0, pre: 0, mult_shift: 0, last: 0, zero: Int8Array.of(0), mult: Uint16Array.of(0), table: Uint8Array.of(0) };
  return { params: { n: x.shape[0] ?? 1, kind: code, ...none }, outputs: [{ dtype: "f32" as DType }] };
}

/** tanh of |v| in the table's units, by interpolation between two entries. */
function look(p: Values, v: number, i: number): number {
  const a = Math.min(v < 0 ? -v : v, p.reach);
  const u = Math.min(Math.imul(a >> p.pre, p.mult[p.common ? 0 : i] ?? 0) >>> p.mult_shift, p.last);
  const low = p.table[u >> 8] ?? 0;
  if (u === p.last) return low;
  return low + ((Math.imul((p.table[(u >> 8) + 1] ?? 0) - low, u & 255) + 128) >> 8);
}

function int(p: Values, [x]: readonly TypedArray[], [y]: readonly TypedArray[]): void {
  if (!x || !y) return;
  const f = Object.values(kinds).find((k) => k.code === p.kind)?.f ?? Math.tanh;
  for (let i = 0; i < p.n; i++) {
    if (x instanceof Float32Array) { y[i] = f(x[i] ?? 0); continue; }
    const v = (x[i] ?? 0) - (p.shifted ? (p.zero[p.zero.length === 1 ? 0 : i] ?? 0) : 0);
    if (p.kind !== RELU) y[i] = v < 0 ? -look(p, v, i) : look(p, v, i);
    else if (v <= 0) y[i] = 0;
    else y[i] = Math.min(p.shift === 0 ? v : ((v >> (p.shift - 1)) + 1) >> 1, p.top);
  }
}

export default defineOp({
  name: "activation",
  family: "elementwise",
  doc: "y[i] = max(0, x[i]), tanh(x[i]) or 1/(1+exp(-x[i]))",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: ActivationAttrs, [x]) => {
    if (!Object.hasOwn(kinds, a.kind)) fail("ir/bad-attribute", "activation", `kind "${a.kind}"`, `Supported: ${Object.keys(kinds).join(", ")}.`);
    return [x ?? [1]];
  },
  float: (a, [x]) => [Float64Array.from(x ?? [], kinds[a.kind]?.f ?? Number)],
  params,
  levels: 2,
  prepare,
  int,
  traits: { perElementInput: true },
  from: {},
  cases: [
    { title: "relu", attrs: { kind: "relu" }, features: 5, range: [-20, 30], tolerance: 0.001 },
    { title: "tanh", attrs: { kind: "tanh" }, features: 4, range: [-8, 8], tolerance: 0.001 },
    { title: "logistic", attrs: { kind: "logistic" }, features: 3, range: [-15, 15], tolerance: 0.001 },
  ],
});
