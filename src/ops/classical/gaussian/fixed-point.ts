/** The constants of kernel.c: `z = (x * r + offset) >> shift` is `(x - m) * width` in steps of 1/unit. */
import type { PrepareCtx } from "../../../ir/op.js";
import { narrowest, type ParamValues } from "../../../ir/params.js";
import { arrayFrom, scaleAt, zeroAt, type DType, type Quant, type Tensor } from "../../../ir/types.js";
import { widthAt, type GaussianAttrs } from "./attrs.js";
import type { params } from "./score.js";

/** Largest |z|. */
const Z_TOP = 32767;
/** A class this many widths away has lost, whatever the exact distance: z may be clipped there. */
const LOST = 100;

/**
 * Steps per width. All of the calibrated range should fit; but one very narrow class (a feature that never varied in it)
 * must not take the precision of all others, so the unit follows, feature by feature, the class that is least surprised.
 */
function unitOf(ctx: PrepareCtx<GaussianAttrs>): number {
  const a = ctx.attrs;
  const s = ctx.inputStats[0];
  let largest = 1e-9;
  let calm = 1e-9;
  for (let i = 0; i < a.features; i++) {
    let least = Infinity;
    for (let c = 0; c < a.rows; c++) {
      const m = a.m[c * a.features + i] ?? 0;
      const reach = Math.max(Math.abs((s?.min[i] ?? m) - m), Math.abs((s?.max[i] ?? m) - m)) * Math.abs(widthAt(a, c, i));
      if (!Number.isFinite(reach)) continue;
      largest = Math.max(largest, reach);
      least = Math.min(least, reach);
    }
    if (Number.isFinite(least)) calm = Math.max(calm, least);
  }
  return Z_TOP / Math.min(largest * 1.25, Math.max(calm * 2.5, LOST));
}

/** Bound of r * centre: with r * x and the rounding constant the sum still fits 32 bits. */
const OFFSET_TOP = 2 ** 30 - 2 ** 24;

/** One width on the input's integers: r / 2^shift steps of z per step of x. */
interface Width { readonly gain: number; readonly centre: number }

/** Largest shift at which neither r nor r * centre leaves its range. */
function shiftFor(w: Width, rTop: number): number {
  const limit = Math.min(rTop, OFFSET_TOP / Math.max(1, Math.abs(w.centre)));
  return Math.max(0, Math.min(24, Math.floor(Math.log2(limit / Math.max(w.gain, 1e-12)))));
}

function constants(w: Width, shift: number, rTop: number): { readonly r: number; readonly offset: number } {
  // What is still too narrow at shift 0 leaves the range of z within one step of x, so clipping r changes nothing.
  const r = Math.min(rTop, Math.floor(OFFSET_TOP / Math.max(1, Math.abs(w.centre))), Math.round(w.gain * 2 ** shift));
  return { r, offset: Math.round(-w.centre * r) + (shift > 0 ? 2 ** (shift - 1) : 0) };
}

/** How far the squares are shifted right, so that their sum and the constants fit 32 bits together. */
function foldOf(a: GaussianAttrs, unit: number): number {
  if (a.power === 1) return 0;
  const peak = Math.max(...a.b.map(Math.abs));
  let fold = 0;
  while (a.features * Math.floor(Z_TOP ** 2 / 2 ** fold) > 1.5 * 2 ** 30 || (peak * unit ** 2) / 2 ** fold > 2 ** 29) fold++;
  return fold;
}

function widthsOf(a: GaussianAttrs, x: Tensor, unit: number): Width[] {
  const q: Quant = x.quant ?? { scale: [1], zero: [0] };
  return Array.from({ length: a.rows * a.features }, (_, at) => {
    const i = at % a.features;
    return { gain: Math.abs(widthAt(a, Math.floor(at / a.features), i)) * scaleAt(q, i) * unit, centre: (a.m[at] ?? 0) / scaleAt(q, i) + zeroAt(q, i) };
  });
}

export function fixedPoint(ctx: PrepareCtx<GaussianAttrs>): { readonly params: ParamValues<typeof params>; readonly output: { readonly dtype: DType; readonly quant: Quant } } {
  const a = ctx.attrs;
  const x = ctx.inputs[0];
  if (x === undefined) throw new Error("gaussian: no input");
  const rTop = ctx.level === 0 ? 255 : 32767;
  let unit = unitOf(ctx);
  // With one unit, constants beyond 32 bits would only say that no distance matters.
  while (a.power === 1 && Math.max(...a.b.map(Math.abs)) * unit > 2 ** 29) unit /= 2;
  const widths = widthsOf(a, x, unit);
  const shared = a.r.length === a.features;
  // A shared width has one shift for all centres.
  const each = widths.map((_, at) => (shared ? Math.min(...Array.from({ length: a.rows }, (__, c) => shiftFor(widths[c * a.features + (at % a.features)] as Width, rTop))) : shiftFor(widths[at] as Width, rTop)));
  const least = Math.min(...each);
  // One shift for all saves a byte and a loop per number, where it costs no more than four bits of the width.
  const same = each.every((s) => s <= least + (ctx.level === 0 ? 2 : 4));
  const made = widths.map((w, at) => constants(w, same ? least : (each[at] ?? 0), rTop));
  const own = shared ? made.slice(0, a.features) : made;
  const fold = foldOf(a, unit);
  const one = a.power === 1 ? unit : unit ** 2 / 2 ** fold;
  return {
    params: {
      rows: a.rows, features: a.features, power: a.power, pick: a.pick ? 1 : 0, shared: shared ? 1 : 0, same_shift: same ? 1 : 0, shift0: least, fold, top: Z_TOP,
      r: arrayFrom(ctx.level === 0 ? "u8" : "i16", own.map((v) => v.r)), offset: narrowest(made.map((v) => v.offset)),
      shift: Uint8Array.from(same ? [0] : each.slice(0, own.length)), b: arrayFrom("i32", a.b.map((v) => Math.round(v * one))),
    },
    output: { dtype: "i32", quant: { scale: [1 / one], zero: [0] } },
  };
}
