/** Sums of squares as the operator `gaussian`: naive Bayes writes them negative, distances (KMeans) positive. */
import type { Attrs } from "../../../ir/types.js";
import type { Form } from "../symbols.js";

const ROUNDING = 1e-5;

const mirrored = (v: Float64Array): Float64Array => v.map((x) => -x);

/** All squares with a positive sign, and some that count: a squared distance. */
export const isDistance = (f: Form): boolean => f.a !== null && f.a.every((v) => v >= 0) && f.a.some((v) => v > 0);

/** -f */
export const negated = (f: Form): Form => ({ ...f, a: f.a && mirrored(f.a), w: mirrored(f.w), c: mirrored(f.c) });

/** `y[k] = b[k] - sum of ((x - m[k]) r[k])²` of a dense form without positive squares; null where a linear part is left over. */
export function gaussianAttrs(f: Form): Attrs | null {
  const { a, w, n } = f;
  if (a === null || f.pick !== null) return null;
  const rows = f.c.length;
  const m = new Float64Array(rows * n);
  const r = new Float64Array(rows * n);
  const b = Float64Array.from(f.c);
  const size = new Float64Array(rows);
  for (let i = 0; i < m.length; i++) {
    const [q, l] = [a[i] ?? 0, w[i] ?? 0];
    if (q > 0 || (q === 0 && l !== 0)) return null;
    if (q === 0) continue;
    m[i] = -l / (2 * q);
    r[i] = Math.sqrt(-q);
    const k = Math.floor(i / n);
    b[k]! -= q * (m[i] ?? 0) ** 2;
    size[k]! -= q * (m[i] ?? 0) ** 2;
  }
  // The float32 constants of a distance cancel but for their rounding.
  const bare = b.every((v, k) => Math.abs(v) <= ROUNDING * Math.max(size[k] ?? 0, 1e-30));
  const shared = r.every((v, i) => v === r[i % n]);
  return { rows, features: n, power: 2, pick: false, m, r: shared ? r.slice(0, n) : r, b: bare ? new Float64Array(rows) : b };
}

