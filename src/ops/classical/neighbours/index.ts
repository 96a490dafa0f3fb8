/** The k nearest of stored rows: one pass over flash that keeps only the k best, so RAM grows with k, not with the rows. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import { narrowest } from "../../../ir/params.js";
import { clamp } from "../../../ir/fixed.js";
import { scaleAt, zeroAt, type DType, type Quant, type Tensor } from "../../../ir/types.js";
import { sklearn } from "./from-sklearn.js";
import { params, search, searchFloat } from "./search.js";

/** `points` (rows, features). `power` 2: squared euclidean distances; 1: city-block; 0: the largest difference. */
export type NeighboursAttrs = {
  readonly rows: number;
  readonly features: number;
  readonly k: number;
  readonly power: number;
  readonly points: Float64Array;
};

/** Largest difference in one feature whose sum (of squares) over all features stays below the first worst distance. */
const zTop = (a: NeighboursAttrs): number =>
  Math.min(65535, Math.floor(a.power === 2 ? Math.sqrt((2 ** 32 - 2) / a.features) : a.power === 1 ? (2 ** 32 - 2) / a.features : 65535));

/** Largest calibrated |x - point| of feature i, in real units. */
function spread(a: NeighboursAttrs, ctx: PrepareCtx<NeighboursAttrs>, i: number): number {
  let lo = ctx.inputStats[0]?.min[i] ?? 0;
  let hi = ctx.inputStats[0]?.max[i] ?? 0;
  if (!(lo <= hi)) [lo, hi] = [Infinity, -Infinity];
  for (let r = 0; r < a.rows; r++) {
    lo = Math.min(lo, a.points[r * a.features + i] ?? 0);
    hi = Math.max(hi, a.points[r * a.features + i] ?? 0);
  }
  return hi - lo;
}

/** Points in the input's own integers: rows that came from the same sensor are exact there. */
function pointsOf(a: NeighboursAttrs, q: Quant) {
  const values = Float64Array.from(a.points, (v, at) => clamp(Math.round(v / scaleAt(q, at % a.features) + zeroAt(q, at % a.features)), -32768, 32767));
  return narrowest(values, ["u8", "i8", "i16"]);
}

const indexType = (rows: number): DType => (rows > 256 ? "u16" : "u8");

function fixedPoint(ctx: PrepareCtx<NeighboursAttrs>, x: Tensor) {
  const a = ctx.attrs;
  const q: Quant = x.quant ?? { scale: [1], zero: [0] };
  const top = zTop(a);
  const peak = Math.max(1e-12, ...Array.from({ length: a.features }, (_, i) => spread(a, ctx, i)));
  const scales = Array.from({ length: a.features }, (_, i) => scaleAt(q, i));
  const scaled = scales.some((s) => s !== scales[0]);
  const base = { rows: a.rows, features: a.features, k: a.k, power: a.power, top, points: pointsOf(a, q) };
  // Room for inputs twice as far as any seen; beyond that a difference counts as `top`.
  const unit = top / (2 * peak);
  const outputs = (one: number) => [{ dtype: "u32" as DType, quant: { scale: [a.power === 2 ? one ** -2 : 1 / one], zero: [0] } }, { dtype: indexType(a.rows) }];
  if (!scaled) {
    const shift = Math.max(0, Math.ceil(Math.log2(1 / (unit * (scales[0] ?? 1)))));
    return { params: { ...base, scaled: 0, same_shift: 1, shift0: shift, shift: Uint8Array.of(0), r: Uint16Array.of(1) }, outputs: outputs(1 / ((scales[0] ?? 1) * 2 ** shift)) };
  }
  const each = scales.map((s) => Math.max(0, Math.min(31, Math.floor(Math.log2(65535 / (s * unit))))));
  const least = Math.min(...each);
  // One shift for all, where it costs no more than four bits of any factor.
  const same = each.every((s) => s <= least + 4);
  const r = Uint16Array.from(scales, (s, i) => Math.min(65535, Math.round(s * unit * 2 ** (same ? least : (each[i] ?? 0)))));
  return { params: { ...base, scaled: 1, same_shift: same ? 1 : 0, shift0: least, shift: Uint8Array.from(same ? [0] : each), r }, outputs: outputs(unit) };
}

function prepare(ctx: PrepareCtx<NeighboursAttrs>) {
  const a = ctx.attrs;
  const [x] = ctx.inputs;
  if (ctx.arithmetic === "int" && x) return fixedPoint(ctx, x);
  return {
    params: { rows: a.rows, features: a.features, k: a.k, power: a.power, scaled: 0, same_shift: 1, shift0: 0, top: 0, shift: Uint8Array.of(0), r: Uint16Array.of(1), points: Float32Array.from(a.points) },
    outputs: [{ dtype: "f32" as DType }, { dtype: indexType(a.rows) }],
  };
}

function check(a: NeighboursAttrs, inputs: number | undefined): void {
  if (inputs !== a.features) fail("ir/shape", "neighbours", `the input has ${inputs} elements, the stored rows have ${a.features}`, "Give the model the number of features it was trained on.");
  if (a.points.length !== a.rows * a.features || a.k < 1 || a.k > a.rows) fail("ir/bad-attribute", "neighbours", `${a.k} neighbours of ${a.rows} rows`, "k is 1 to the number of rows.");
}

function inputHint(a: NeighboursAttrs) {
  const range = { min: new Float64Array(a.features).fill(Infinity), max: new Float64Array(a.features).fill(-Infinity) };
  a.points.forEach((v, at) => {
    const i = at % a.features;
    range.min[i] = Math.min(range.min[i] ?? 0, v);
    range.max[i] = Math.max(range.max[i] ?? 0, v);
  });
  return range;
}

const six: NeighboursAttrs = { rows: 6, features: 2, k: 3, power: 2, points: Float64Array.of(0, 0, 1, 0.5, 2, 2, -1, 3, -2, -2, 0.5, 1) };

export default defineOp({
  name: "neighbours",
  family: "classical",
  doc: "the k smallest of sum over i of |x[i] - points[r][i]|^power, nearest first, and their rows",
  inputs: ["x"],
  outputs: ["distance", "index"],
  infer: (a: NeighboursAttrs, [x]) => {
    check(a, x?.[0]);
    return [[a.k], [a.k]];
  },
  float: (a, [x]) => searchFloat(a, x ?? []),
  params,
  levels: 1,
  prepare,
  int: (p, [x], [distance, index]) => { if (x && distance && index) search(p, x, distance, index); },
  traits: { perElementInput: true, maxInputBits: 16, inputHint },
  from: { sklearn },
  cases: [
    { title: "three of six", attrs: six, features: 2, range: [-3, 3], inputs: ["i16", "u8", "i8"], tolerance: 1 },
    { title: "city-block, all six", attrs: { ...six, k: 6, power: 1 }, features: 2, range: [-3, 3], tolerance: 1 },
    { title: "largest difference, the nearest", attrs: { ...six, k: 1, power: 0 }, features: 2, range: [-3, 3], tolerance: 1 },
  ],
});
