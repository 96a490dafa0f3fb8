/** Distances to centres with a width per feature: naive Bayes, mixtures, clusters and nearest centroids. */
import { fail } from "../../../ir/diagnostics.js";
import { defineOp, type PrepareCtx } from "../../../ir/op.js";
import type { DType } from "../../../ir/types.js";
import { evaluate, widthAt, type GaussianAttrs } from "./attrs.js";
import { fixedPoint } from "./fixed-point.js";
import { sklearn } from "./from-sklearn.js";
import { params, score } from "./score.js";

function prepare(ctx: PrepareCtx<GaussianAttrs>) {
  const a = ctx.attrs;
  const label = { dtype: (a.rows > 256 ? "i16" : "u8") as DType };
  if (ctx.arithmetic === "int") {
    const made = fixedPoint(ctx);
    return { params: made.params, outputs: [a.pick ? label : made.output] };
  }
  return {
    params: {
      rows: a.rows, features: a.features, power: a.power, pick: a.pick ? 1 : 0, shared: a.r.length === a.features ? 1 : 0, same_shift: 1, shift0: 0, fold: 0, top: 0,
      r: Float32Array.from(a.r), offset: Float32Array.from(a.m), shift: Uint8Array.of(0), b: Float32Array.from(a.b),
    },
    outputs: [a.pick ? label : { dtype: "f32" as DType }],
  };
}

/** Where the model itself places its inputs: four deviations around the means, or one span around bare points. */
function inputHint(a: GaussianAttrs) {
  const bare = a.r.every((v) => v === 1);
  const min = new Float64Array(a.features).fill(Infinity);
  const max = new Float64Array(a.features).fill(-Infinity);
  for (let i = 0; i < a.features; i++) {
    const m = Array.from({ length: a.rows }, (_, c) => a.m[c * a.features + i] ?? 0);
    const span = Math.max(Math.max(...m) - Math.min(...m), Math.abs(m[0] ?? 0) * 0.01, 1e-6);
    m.forEach((v, c) => {
      const room = bare ? span : Math.min(2.83 / Math.max(Math.abs(widthAt(a, c, i)), 1e-12), 1e9);
      min[i] = Math.min(min[i] ?? 0, v - room);
      max[i] = Math.max(max[i] ?? 0, v + room);
    });
  }
  return { min, max };
}

const bad = (what: string): never => fail("ir/shape", "gaussian", what, "Give the model the number of features it was trained on.");

function check(a: GaussianAttrs, inputs: number | undefined): void {
  if (inputs !== a.features) bad(`the input has ${inputs} elements, the centres have ${a.features}`);
  if (a.m.length !== a.rows * a.features || (a.r.length !== a.features && a.r.length !== a.m.length) || a.b.length !== a.rows) bad("means, widths and constants do not fit together");
  if (![...a.m, ...a.r, ...a.b].every(Number.isFinite)) fail("ir/not-finite", "gaussian", "a mean, width or constant is not finite", "Remove classes of weight 0 and features of variance 0, and fit again.");
}

const three: GaussianAttrs = {
  rows: 3, features: 2, power: 2, pick: false, m: Float64Array.of(0.5, -1, 2, 3, -1.5, 0.25), r: Float64Array.of(1, 0.5, 0.25, 2, 0.7, 0.7), b: Float64Array.of(-1, -2, -1.5),
};

export default defineOp({
  name: "gaussian",
  family: "classical",
  doc: "y[c] = b[c] - sum over i of |(x[i] - m[c][i]) * r[c][i]|^power",
  inputs: ["x"],
  outputs: ["y"],
  infer: (a: GaussianAttrs, [x]) => {
    check(a, x?.[0]);
    return [[a.pick ? 1 : a.rows]];
  },
  float: (a, [x]) => [evaluate(a, x ?? [])],
  params,
  levels: 2,
  prepare,
  int: (p, [x], [y]) => { if (x && y) score(p, x, y); },
  traits: {
    perElementInput: true,
    maxInputBits: 16,
    inputHint,
    labelForm: (a) => (a.pick ? null : { op: "gaussian", attrs: { ...a, pick: true } }),
  },
  from: { sklearn },
  cases: [
    { title: "three classes", attrs: three, features: 2, range: [-3, 4], inputs: ["i16", "i8", "u8"], tolerance: 0.002 },
    { title: "points, city-block", attrs: { ...three, power: 1, r: Float64Array.of(1, 1), b: new Float64Array(3) }, features: 2, range: [-3, 4], tolerance: 0.002 },
    { title: "one class very narrow", attrs: { ...three, r: Float64Array.of(1, 0.5, 3e4, 2, 0.7, 0.7) }, features: 2, range: [-3, 4], tolerance: 1 },
    { title: "means far outside the input", attrs: { ...three, m: three.m.map((v) => v + 2000), r: new Float64Array(6).fill(0.001), b: Float64Array.of(0, 1, 2) }, features: 2, range: [-3, 4], inputs: ["i16", "u8"], tolerance: 0.05 },
    { title: "constants far larger than distances", attrs: { ...three, b: Float64Array.of(-1e6, 0, 2e6) }, features: 2, range: [-3, 4], tolerance: 0.002 },
    { title: "index only", attrs: { ...three, pick: true }, features: 2, range: [-3, 4], tolerance: 1 },
  ],
});
