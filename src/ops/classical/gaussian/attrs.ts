/** Points with a width per feature: `y_c = b_c - sum over i of |(x_i - m_ci) r_ci|^power`. */
export type GaussianAttrs = {
  readonly rows: number;
  readonly features: number;
  /** 2, or 1 for city-block distances. */
  readonly power: number;
  /** Only the index of the largest y is wanted: rows are left as soon as they have lost. */
  readonly pick: boolean;
  /** (rows, features) */
  readonly m: Float64Array;
  /** (rows, features), or (features) where all rows share it. */
  readonly r: Float64Array;
  /** (rows) */
  readonly b: Float64Array;
};

export const widthAt = (a: GaussianAttrs, c: number, i: number): number => a.r[a.r.length === a.features ? i : c * a.features + i] ?? 1;

export function evaluate(a: GaussianAttrs, x: ArrayLike<number>): Float64Array {
  const y = Float64Array.from(a.b);
  for (let c = 0; c < a.rows; c++) {
    for (let i = 0; i < a.features; i++) {
      const z = Math.abs(((x[i] ?? 0) - (a.m[c * a.features + i] ?? 0)) * widthAt(a, c, i));
      y[c]! -= a.power === 2 ? z * z : z;
    }
  }
  if (!a.pick) return y;
  let best = 0;
  for (let c = 1; c < a.rows; c++) if ((y[c] ?? 0) > (y[best] ?? 0)) best = c;
  return Float64Array.of(best);
}
