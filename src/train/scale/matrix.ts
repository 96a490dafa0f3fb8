/** Small dense symmetric matrices, row-major: Cholesky (Golub and Van Loan, 4.2) and the cyclic Jacobi eigenvalue method (8.5). */

/** Lower triangle L with A = L L'; null where A is not safely positive definite. */
export function cholesky(a: Float64Array, n: number): Float64Array | null {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let v = a[i * n + j]!;
      for (let k = 0; k < j; k++) v -= l[i * n + k]! * l[j * n + k]!;
      if (i !== j) l[i * n + j] = v / l[j * n + j]!;
      else if (v > a[i * n + i]! * 1e-13) l[i * n + i] = Math.sqrt(v);
      else return null;
    }
  }
  return l;
}

/** Solves L L' x = b. */
export function solveCholesky(l: Float64Array, n: number, b: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= l[k * n + i]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  return x;
}

/** `x' x / divisor` of rows whose means have been taken off. */
export function scatter(x: Float64Array, rows: number, n: number, divisor: number): Float64Array {
  const s = new Float64Array(n * n);
  for (let r = 0; r < rows; r++) {
    for (let i = 0, at = r * n; i < n; i++) {
      const v = x[at + i]!;
      if (v === 0) continue;
      for (let j = 0; j <= i; j++) s[i * n + j]! += v * x[at + j]!;
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) s[j * n + i] = s[i * n + j]! /= divisor;
  return s;
}

export interface Eigen {
  /** Largest first. */
  readonly values: Float64Array;
  /** (n, n): row k is the vector of value k; its largest element is positive. */
  readonly vectors: Float64Array;
}

/** Turns rows p and q of `m` by the angle of cosine c and sine s. */
function turnRows(m: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const [u, v] = [m[p * n + k]!, m[q * n + k]!];
    m[p * n + k] = c * u - s * v;
    m[q * n + k] = s * u + c * v;
  }
}

function turnColumns(m: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n * n; k += n) {
    const [u, v] = [m[k + p]!, m[k + q]!];
    m[k + p] = c * u - s * v;
    m[k + q] = s * u + c * v;
  }
}

/** One sweep over all pairs; what is already zero to working precision is left. */
function sweep(m: Float64Array, v: Float64Array, n: number): boolean {
  let turned = false;
  for (let p = 0; p < n - 1; p++) {
    for (let q = p + 1; q < n; q++) {
      const off = m[p * n + q]!;
      if (Math.abs(off) <= 1e-17 * (Math.abs(m[p * n + p]!) + Math.abs(m[q * n + q]!)) || Math.abs(off) < 1e-300) continue;
      const theta = (m[q * n + q]! - m[p * n + p]!) / (2 * off);
      const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      const c = 1 / Math.sqrt(t * t + 1);
      turnRows(m, n, p, q, c, t * c);
      turnColumns(m, n, p, q, c, t * c);
      m[p * n + q] = m[q * n + p] = 0;
      turnRows(v, n, p, q, c, t * c);
      turned = true;
    }
  }
  return turned;
}

const MOST_SWEEPS = 40;

export function eigen(a: Float64Array, n: number): Eigen {
  const m = Float64Array.from(a);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let k = 0; k < MOST_SWEEPS && sweep(m, v, n); k++);
  const order = Array.from({ length: n }, (_, i) => i).sort((p, q) => m[q * n + q]! - m[p * n + p]! || p - q);
  const vectors = new Float64Array(n * n);
  order.forEach((from, k) => {
    const row = v.subarray(from * n, (from + 1) * n);
    const peak = row.reduce((best, w) => (Math.abs(w) > Math.abs(best) ? w : best), 0);
    vectors.set(peak < 0 ? row.map((w) => -w) : row, k * n);
  });
  return { values: Float64Array.from(order, (i) => m[i * n + i]!), vectors };
}
