/** The k nearest of stored rows, and what they say: one pass over flash that keeps only the k best, so RAM grows with k, not with the rows. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import { narrowest } from "../../../ir/params.js";
import type { DType } from "../../../ir/types.js";
import { evaluate, type NeighboursAttrs } from "./attrs.js";
import { fixedPoint, indexType } from "./fixed-point.js";
import { sklearn } from "./from-sklearn.js";
import { int, params } from "./twin.js";

function prepare(ctx: PrepareCtx<NeighboursAttrs>) {
  const a = ctx.attrs;
  const [x] = ctx.inputs;
  if (ctx.arithmetic === "int" && x) return fixedPoint(ctx, x);
  const values = a.kind === "values";
  const none = Uint8Array.of(0);
  return {
    params: {
      rows: a.rows, features: a.features, k: a.k, outputs: values ? 1 : a.target.length, power: a.power, values: values ? 1 : 0, weighted: a.weighted ? 1 : 0,
      mode: 0, bytes: 0, shift0: 0, one: 1, top: 0, r: none, offset: none, shift: none, points: Float32Array.from(a.points),
      target: values ? Float32Array.from(a.target) : narrowest(a.target, ["u8", "u16"]),
    },
    outputs: [{ dtype: "f32" as DType }, { dtype: "f32" as DType }, { dtype: indexType(a.rows) }, { dtype: "u8" as DType }],
  };
}

function check(a: NeighboursAttrs, inputs: number | undefined): void {
  if (inputs !== a.features) fail("ir/shape", "neighbours", `the input has ${inputs} elements, the stored rows have ${a.features}`, "Give the model the number of features it was trained on.");
  if (a.points.length !== a.rows * a.features || a.k < 1 || a.k > Math.min(a.rows, 255)) fail("ir/bad-attribute", "neighbours", `${a.k} neighbours of ${a.rows} rows`, "k is 1 to the number of rows, 255 at most.");
  const sorted = a.target.every((v, c) => c === 0 || v >= (a.target[c - 1] ?? 0)) && a.target.at(-1) === a.rows;
  if (a.kind === "values" ? a.target.length !== a.rows : a.kind !== "classes" || !sorted) fail("ir/bad-attribute", "neighbours", `targets of kind "${a.kind}" do not cover the rows`, "Supported: classes (rows sorted by class), values (one a row).");
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

const six: NeighboursAttrs = {
  rows: 6, features: 2, k: 3, power: 2, points: Float64Array.of(0, 0, 1, 0.5, 2, 2, -1, 3, -2, -2, 0.5, 1), kind: "classes", weighted: false, target: Float64Array.of(1, 4, 4, 6),
};
const values: NeighboursAttrs = { ...six, kind: "values", target: Float64Array.of(10, 12.5, -3, 7, 40, 0) };

export default defineOp({
  name: "neighbours",
  family: "classical",
  doc: "y = votes, or the mean value, of the k rows with the smallest sum over i of |x[i] - points[r][i]|^power",
  inputs: ["x"],
  // The last three are where the search works: distances and rows of the k nearest, and the input in the unit of the rows.
  outputs: ["y", "distance", "index", "common"],
  infer: (a: NeighboursAttrs, [x]) => {
    check(a, x?.[0]);
    return [[a.kind === "values" ? 1 : a.target.length], [a.k], [a.k], [a.features]];
  },
  float: (a, [x]) => evaluate(a, x ?? []),
  params,
  levels: 2,
  prepare,
  int,
  traits: { perElementInput: true, maxInputBits: 16, inputHint },
  from: { sklearn },
  // A vote jumps where two rows are equally far, so only means over all rows have a bound.
  cases: [
    { title: "three of six vote", attrs: six, features: 2, range: [-3, 3], inputs: ["i16", "u8", "i8"], tolerance: 1 },
    { title: "weighted by city-block distance", attrs: { ...six, k: 6, power: 1, weighted: true }, features: 2, range: [-3, 3], inputs: ["i16", "u8"], tolerance: 0.02 },
    { title: "the nearest by the largest difference", attrs: { ...six, k: 1, power: 0 }, features: 2, range: [-3, 3], tolerance: 1 },
    { title: "mean of all values", attrs: { ...values, k: 6 }, features: 2, range: [-3, 3], tolerance: 0.001 },
    { title: "mean weighted by distance", attrs: { ...values, k: 6, weighted: true }, features: 2, range: [-3, 3], inputs: ["i16", "i8"], tolerance: 0.02 },
    { title: "rows on the integers of the input", attrs: { ...values, k: 2, points: Float64Array.of(0, 0, 10, 5, 20, 20, -10, 30, -20, -20, 5, 10), weighted: true }, features: 2, range: [-128, 127], inputs: ["i8", "i16"], tolerance: 1 },
  ],
});
