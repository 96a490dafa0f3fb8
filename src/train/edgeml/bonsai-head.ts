/** Bonsai's tree in training: every node predicts, weighted by how much the row belongs to it (Kumar, Goyal, Varma: ICML 2017, section 3). */
import type { Random } from "../random.js";
import { squash, squashSlope, type Head } from "./head.js";

export interface TreeShape {
  readonly dims: number;
  readonly depth: number;
  /** Scores: 1 for two classes. */
  readonly outputs: number;
  readonly sigma: number;
}

export const nodesOf = (t: TreeShape): number => 2 ** (t.depth + 1) - 1;
export const innerOf = (t: TreeShape): number => 2 ** t.depth - 1;

/** Parameters in order: W (nodes, outputs, dims), V alike, theta (inner nodes, dims). Children of k: 2k + 1, 2k + 2. */
export function bonsaiHead(t: TreeShape): Head {
  const { dims, outputs, sigma } = t;
  const [nodes, inner] = [nodesOf(t), innerOf(t)];
  const vAt = nodes * outputs * dims;
  const thetaAt = 2 * vAt;
  const w = new Float64Array(nodes * outputs);
  const v = new Float64Array(nodes * outputs);
  const share = new Float64Array(nodes);
  const dShare = new Float64Array(nodes);
  const turn = new Float64Array(inner);
  let sharp = 1;
  const dot = (p: Float64Array, at: number, z: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < dims; i++) sum += p[at + i]! * z[i]!;
    return sum;
  };

  const split = (p: Float64Array, z: Float64Array, k: number): void => {
    const side = dot(p, thetaAt + k * dims, z);
    turn[k] = side;
    const right = sharp === Infinity ? Number(side > 0) : (1 + squash(sharp * side)) / 2;
    share[2 * k + 1] = share[k]! * (1 - right);
    share[2 * k + 2] = share[k]! * right;
  };

  /** Gradient of what node k predicts, for each of its outputs. */
  const node = (p: Float64Array, z: Float64Array, k: number, dScores: Float64Array, grad: Float64Array, dz: Float64Array): void => {
    for (let l = 0; l < outputs; l++) {
      const at = k * outputs + l;
      const a = sigma * v[at]!;
      const s = squash(a);
      dShare[k]! += dScores[l]! * w[at]! * s;
      const dw = dScores[l]! * share[k]! * s;
      const dv = dScores[l]! * share[k]! * w[at]! * sigma * squashSlope(a);
      for (let i = 0, q = at * dims; i < dims; i++, q++) {
        grad[q]! += dw * z[i]!;
        grad[vAt + q]! += dv * z[i]!;
        dz[i]! += dw * p[q]! + dv * p[vAt + q]!;
      }
    }
  };

  return {
    size: thetaAt + inner * dims,
    init: (p: Float64Array, _z: Float64Array, _y: Int32Array, random: Random) => {
      const spread = 1 / Math.sqrt(dims);
      for (let i = 0; i < p.length; i++) p[i] = random.normal() * spread;
      return 1;
    },
    scores: (p, z, out, sharpness) => {
      sharp = sharpness;
      share[0] = 1;
      for (let k = 0; k < inner; k++) split(p, z, k);
      out.fill(0);
      for (let k = 0, at = 0; k < nodes; k++) {
        if (share[k] === 0) { at += outputs; continue; }
        for (let l = 0; l < outputs; l++, at++) {
          w[at] = dot(p, at * dims, z);
          v[at] = dot(p, vAt + at * dims, z);
          out[l]! += share[k]! * w[at]! * squash(sigma * v[at]!);
        }
      }
    },
    backward: (p, z, dScores, grad, dz) => {
      dShare.fill(0);
      for (let k = nodes - 1; k >= 0; k--) {
        if (share[k]! > 0) node(p, z, k, dScores, grad, dz);
        if (k >= inner || sharp === Infinity || share[k] === 0) continue;
        const right = (1 + squash(sharp * turn[k]!)) / 2;
        const [a, b] = [dShare[2 * k + 1]!, dShare[2 * k + 2]!];
        dShare[k]! += a * (1 - right) + b * right;
        const d = (share[k]! / 2) * (b - a) * sharp * squashSlope(sharp * turn[k]!);
        for (let i = 0, q = thetaAt + k * dims; i < dims; i++, q++) {
          grad[q]! += d * z[i]!;
          dz[i]! += d * p[q]!;
        }
      }
    },
  };
}
