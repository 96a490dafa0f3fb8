/** scikit-learn's scalers as `x * scale + offset`. */
import { fail } from "../../../ir/diagnostics.js";
import { arrayField, boolField, hasField, type Foreign } from "../../../ir/foreign.js";
import type { Builder, Lowering, Value } from "../../../ir/op.js";

/** A fitted per-feature array, or a constant where the scaler was told to leave that part out. */
function perFeature(f: Foreign, name: string, n: number, otherwise: number): ArrayLike<number> {
  const v = hasField(f, name) ? arrayField(f, name, 1).data : new Float64Array(n).fill(otherwise);
  return v.length === n ? v : fail("sklearn/bad-shape", f.where, `${name} has ${v.length} values for ${n} features`, "The file is damaged; save the model again.");
}

function scaler(centre: (f: Foreign, n: number) => ArrayLike<number>, spread: (f: Foreign, n: number) => ArrayLike<number>): Lowering {
  return (f, b) => {
    const n = b.features(b.x);
    const [c, s] = [centre(f, n), spread(f, n)];
    const scale = Float64Array.from({ length: n }, (_, i) => 1 / (s[i] ?? 1));
    if (scale.some((v) => !Number.isFinite(v))) fail("sklearn/bad-field", f.where, "a scale of zero", "Remove the constant feature and fit again.");
    return add(b, scale, scale.map((v, i) => -(c[i] ?? 0) * v));
  };
}

const add = (b: Builder, scale: Float64Array, offset: Float64Array): Value => b.add("affine", { scale, offset }, [b.x]);

/** `x * scale_ + min_` */
const minMax: Lowering = (f, b) => {
  if (boolField(f, "clip", false)) fail("sklearn/unsupported-option", f.where, "MinMaxScaler(clip=True) limits its output, which no operator does yet", "Train with clip=False, or limit the values in the sketch before they reach the model.");
  const n = b.features(b.x);
  return add(b, Float64Array.from(perFeature(f, "scale_", n, 1)), Float64Array.from(perFeature(f, "min_", n, 0)));
};

const flag = (name: string, on: (f: Foreign, n: number) => ArrayLike<number>, constant: number) => (f: Foreign, n: number): ArrayLike<number> =>
  boolField(f, name, true) ? on(f, n) : new Float64Array(n).fill(constant);

export const sklearn: Readonly<Record<string, Lowering>> = {
  StandardScaler: scaler(flag("with_mean", (f, n) => perFeature(f, "mean_", n, 0), 0), flag("with_std", (f, n) => perFeature(f, "scale_", n, 1), 1)),
  RobustScaler: scaler(flag("with_centering", (f, n) => perFeature(f, "center_", n, 0), 0), flag("with_scaling", (f, n) => perFeature(f, "scale_", n, 1), 1)),
  MaxAbsScaler: scaler((_, n) => new Float64Array(n), (f, n) => perFeature(f, "scale_", n, 1)),
  MinMaxScaler: minMax,
};
