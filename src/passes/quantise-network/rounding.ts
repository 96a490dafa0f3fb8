/**
 * Rounding by what it does to the layer's output, not to each weight by itself: the error of the weights rounded so far moves the ones
 * that are left (Babai's nearest plane, which is what OBQ and GPTQ compute), then single steps are taken as long as one helps.
 */

/** Integers that a weight may take: from `lo` to `hi` in steps of `step`. */
export interface Levels {
  readonly lo: number;
  readonly hi: number;
  readonly step: number;
}

/** A covariance, ready: `order` says which weight stands where, `factor` is upper triangular with factor' factor = covariance, damped. */
export interface Factored {
  readonly n: number;
  readonly order: Int32Array;
  readonly covariance: Float64Array;
  readonly factor: Float64Array;
}

/** Part of the mean variance that is added to every variance: directions that no row shows still cost something. */
const DAMPING = 0.01;

/** The weights whose inputs vary most come last, and so are rounded first, while all others can still make up for them. */
export function factored(covariance: Float64Array, n: number): Factored {
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => (covariance[a * n + a] as number) - (covariance[b * n + b] as number));
  let trace = 0;
  for (let i = 0; i < n; i++) trace += covariance[i * n + i] as number;
  const damping = DAMPING * (trace / n) + 1e-30;
  const c = Float64Array.from({ length: n * n }, (_, at) => (covariance[(order[Math.floor(at / n)] as number) * n + (order[at % n] as number)] as number) + (Math.floor(at / n) === at % n ? damping : 0));
  return { n, order, covariance: c, factor: cholesky(c, n) };
}

function cholesky(c: Float64Array, n: number): Float64Array {
  const r = c.slice();
  for (let i = 0; i < n; i++) {
    const d = Math.sqrt(Math.max(1e-30, r[i * n + i] as number));
    for (let j = i; j < n; j++) r[i * n + j] = (r[i * n + j] as number) / d;
    for (let k = i + 1; k < n; k++) {
      const f = r[i * n + k] as number;
      if (f !== 0) for (let j = k; j < n; j++) r[k * n + j] = (r[k * n + j] as number) - f * (r[i * n + j] as number);
    }
  }
  return r;
}

const onLevel = (v: number, { lo, hi, step }: Levels): number => Math.min(hi, Math.max(lo, lo + step * Math.round((v - lo) / step)));

/** Weights in the order of the factor, rounded to multiples of `scale`, and the error of the output. @param q is written; @param e scratch of n */
export function nearestPlane({ n, factor }: Factored, w: Float64Array, scale: number, levels: Levels, q: Float64Array, e: Float64Array): number {
  let error = 0;
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    let sum = 0;
    for (let j = i + 1; j < n; j++) sum += (factor[row + j] as number) * (e[j] as number);
    const own = factor[row + i] as number;
    const level = onLevel(((w[i] as number) + sum / own) / scale, levels);
    q[i] = level;
    e[i] = (w[i] as number) - level * scale;
    const rest = own * (e[i] as number) + sum;
    error += rest * rest;
  }
  return error;
}

const SWEEPS = 4;

/** Single steps up or down, the best place after place, until none helps. Returns the error of the output. */
export function descend({ n, covariance }: Factored, w: Float64Array, scale: number, levels: Levels, q: Float64Array): number {
  const e = Float64Array.from({ length: n }, (_, i) => (w[i] as number) - (q[i] as number) * scale);
  const slope = Float64Array.from({ length: n }, (_, i) => { let g = 0; for (let j = 0; j < n; j++) g += (covariance[i * n + j] as number) * (e[j] as number); return g; });
  for (let sweep = 0, moved = true; moved && sweep < SWEEPS; sweep++) {
    moved = false;
    for (let i = 0; i < n; i++) {
      const way = (slope[i] as number) > 0 ? levels.step : -levels.step;
      const level = (q[i] as number) + way;
      const d = way * scale;
      if (level < levels.lo || level > levels.hi || d * d * (covariance[i * n + i] as number) >= 2 * d * (slope[i] as number)) continue;
      q[i] = level;
      e[i] = (e[i] as number) - d;
      for (let j = 0; j < n; j++) slope[j] = (slope[j] as number) - d * (covariance[i * n + j] as number);
      moved = true;
    }
  }
  let error = 0;
  for (let i = 0; i < n; i++) error += (e[i] as number) * (slope[i] as number);
  return error;
}

/** Solves (covariance + damping) d = right, both in the order of the factor. */
export function solved({ n, factor: r }: Factored, right: Float64Array): Float64Array {
  const d = right.slice();
  for (let i = 0; i < n; i++) {
    const v = (d[i] as number) / (r[i * n + i] as number);
    d[i] = v;
    for (let j = i + 1; j < n; j++) d[j] = (d[j] as number) - v * (r[i * n + j] as number);
  }
  for (let i = n - 1; i >= 0; i--) {
    let v = d[i] as number;
    for (let j = i + 1; j < n; j++) v -= (r[i * n + j] as number) * (d[j] as number);
    d[i] = v / (r[i * n + i] as number);
  }
  return d;
}
