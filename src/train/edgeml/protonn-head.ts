/** ProtoNN's prototypes in training: every one votes with exp(-|z - b|^2) (Gupta et al.: ICML 2017; the projection carries gamma). */
import { range, shuffle, type Random } from "../random.js";
import { exactExp } from "../exact-math.js";
import type { Head } from "./head.js";

export interface PrototypeShape {
  readonly dims: number;
  readonly prototypes: number;
  /** Scores: 1 for two classes. */
  readonly outputs: number;
}

const squaredDistance = (a: Float64Array, aAt: number, b: Float64Array, bAt: number, n: number): number => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (a[aAt + i]! - b[bAt + i]!) ** 2;
  return sum;
};

/** A few rounds of k-means over the rows of one class, from rows of it; gives (k, dims). */
function centres(z: Float64Array, rows: Int32Array, k: number, dims: number): Float64Array {
  const at = new Float64Array(k * dims);
  for (let c = 0; c < k; c++) at.set(z.subarray(rows[c % rows.length]! * dims, (rows[c % rows.length]! + 1) * dims), c * dims);
  for (let round = 0; round < 5; round++) {
    const sum = new Float64Array(k * dims);
    const count = new Int32Array(k);
    for (const r of rows) {
      let [best, near] = [0, Infinity];
      for (let c = 0; c < k; c++) {
        const d = squaredDistance(z, r * dims, at, c * dims, dims);
        if (d < near) [best, near] = [c, d];
      }
      count[best]! += 1;
      for (let i = 0; i < dims; i++) sum[best * dims + i]! += z[r * dims + i]!;
    }
    for (let c = 0; c < k; c++) if (count[c]! > 0) for (let i = 0; i < dims; i++) at[c * dims + i] = sum[c * dims + i]! / count[c]!;
  }
  return at;
}

/** Parameters in order: B (prototypes, dims), W (prototypes, outputs). */
export function protonnHead(s: PrototypeShape): Head {
  const { dims, prototypes, outputs } = s;
  const wAt = prototypes * dims;
  const near = new Float64Array(prototypes);
  /** Mean squared distance from a row to its nearest prototype. */
  const typical = (z: Float64Array, p: Float64Array, rows: number): number => {
    let sum = 0;
    for (let r = 0; r < rows; r++) {
      let least = Infinity;
      for (let m = 0; m < prototypes; m++) least = Math.min(least, squaredDistance(z, r * dims, p, m * dims, dims));
      sum += least / rows;
    }
    return sum;
  };
  return {
    size: wAt + prototypes * outputs,
    init: (p: Float64Array, z: Float64Array, y: Int32Array, random: Random) => {
      const order = shuffle(range(y.length), random);
      const classes = y.reduce((a, b) => Math.max(a, b), 0) + 1;
      for (let c = 0, m = 0; c < classes; c++) {
        const rows = order.filter((r) => y[r] === c);
        const own = Math.floor(prototypes / classes) + Number(c < prototypes % classes);
        p.set(centres(z, rows, own, dims), m * dims);
        for (let j = 0; j < own; j++, m++) for (let l = 0; l < outputs; l++) p[wAt + m * outputs + l] = outputs === 1 ? 6 * c - 3 : 3 * Number(l === c);
      }
      const factor = 1 / Math.sqrt(Math.max(1e-12, typical(z, p, y.length)));
      for (let q = 0; q < wAt; q++) p[q]! *= factor;
      return factor;
    },
    scores: (p, z, out) => {
      out.fill(0);
      for (let m = 0; m < prototypes; m++) {
        near[m] = exactExp(-squaredDistance(z, 0, p, m * dims, dims));
        for (let l = 0; l < outputs; l++) out[l]! += near[m]! * p[wAt + m * outputs + l]!;
      }
    },
    backward: (p, z, dScores, grad, dz) => {
      for (let m = 0; m < prototypes; m++) {
        let d = 0;
        for (let l = 0, q = wAt + m * outputs; l < outputs; l++, q++) {
          grad[q]! += dScores[l]! * near[m]!;
          d += dScores[l]! * p[q]!;
        }
        d *= -2 * near[m]!;
        for (let i = 0, q = m * dims; i < dims; i++, q++) {
          const step = d * (z[i]! - p[q]!);
          dz[i]! += step;
          grad[q]! -= step;
        }
      }
    },
  };
}
