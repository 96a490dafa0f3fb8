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
class TreeHead implements Head {
  readonly size: number;
  private readonly nodes: number;
  private readonly inner: number;
  private readonly vAt: number;
  private readonly thetaAt: number;
  /** Products with W and V, (nodes, outputs); how much of the row belongs to each node; the turn at each inner one. */
  private readonly w: Float64Array;
  private readonly v: Float64Array;
  private readonly share: Float64Array;
  private readonly dShare: Float64Array;
  private readonly turn: Float64Array;
  private sharp = 1;

  constructor(private readonly t: TreeShape) {
    [this.nodes, this.inner] = [nodesOf(t), innerOf(t)];
    this.vAt = this.nodes * t.outputs * t.dims;
    this.thetaAt = 2 * this.vAt;
    this.size = this.thetaAt + this.inner * t.dims;
    [this.w, this.v] = [new Float64Array(this.nodes * t.outputs), new Float64Array(this.nodes * t.outputs)];
    [this.share, this.dShare, this.turn] = [new Float64Array(this.nodes), new Float64Array(this.nodes), new Float64Array(this.inner)];
  }

  init(p: Float64Array, _z: Float64Array, _y: Int32Array, random: Random): number {
    const spread = 1 / Math.sqrt(this.t.dims);
    for (let i = 0; i < p.length; i++) p[i] = random.normal() * spread;
    return 1;
  }

  private dot(p: Float64Array, at: number, z: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < this.t.dims; i++) sum += p[at + i]! * z[i]!;
    return sum;
  }

  /** Part of node k's share that goes right. */
  private right(k: number): number {
    return this.sharp === Infinity ? Number(this.turn[k]! > 0) : (1 + squash(this.sharp * this.turn[k]!)) / 2;
  }

  scores(p: Float64Array, z: Float64Array, out: Float64Array, sharpness: number): void {
    const { share, w, v } = this;
    const { outputs, dims, sigma } = this.t;
    this.sharp = sharpness;
    share[0] = 1;
    for (let k = 0; k < this.inner; k++) {
      this.turn[k] = this.dot(p, this.thetaAt + k * dims, z);
      const right = this.right(k);
      share[2 * k + 1] = share[k]! * (1 - right);
      share[2 * k + 2] = share[k]! * right;
    }
    out.fill(0);
    for (let k = 0, at = 0; k < this.nodes; k++) {
      if (share[k] === 0) { at += outputs; continue; }
      for (let l = 0; l < outputs; l++, at++) {
        w[at] = this.dot(p, at * dims, z);
        v[at] = this.dot(p, this.vAt + at * dims, z);
        out[l]! += share[k]! * w[at]! * squash(sigma * v[at]!);
      }
    }
  }

  backward(p: Float64Array, z: Float64Array, dScores: Float64Array, grad: Float64Array, dz: Float64Array): void {
    this.dShare.fill(0);
    for (let k = this.nodes - 1; k >= 0; k--) {
      if (this.share[k] === 0) continue;
      this.node(p, z, k, dScores, grad, dz);
      if (k < this.inner && this.sharp !== Infinity) this.branch(p, z, k, grad, dz);
    }
  }

  /** Gradient of what node k predicts, for each of its outputs. */
  private node(p: Float64Array, z: Float64Array, k: number, dScores: Float64Array, grad: Float64Array, dz: Float64Array): void {
    const { outputs, dims, sigma } = this.t;
    for (let l = 0; l < outputs; l++) {
      const at = k * outputs + l;
      const a = sigma * this.v[at]!;
      const s = squash(a);
      this.dShare[k]! += dScores[l]! * this.w[at]! * s;
      const dw = dScores[l]! * this.share[k]! * s;
      const dv = dScores[l]! * this.share[k]! * this.w[at]! * sigma * squashSlope(a);
      for (let i = 0, q = at * dims; i < dims; i++, q++) {
        grad[q]! += dw * z[i]!;
        grad[this.vAt + q]! += dv * z[i]!;
        dz[i]! += dw * p[q]! + dv * p[this.vAt + q]!;
      }
    }
  }

  /** Gradient of where node k sends the row; its children are done. */
  private branch(p: Float64Array, z: Float64Array, k: number, grad: Float64Array, dz: Float64Array): void {
    const { dims } = this.t;
    const right = this.right(k);
    const [a, b] = [this.dShare[2 * k + 1]!, this.dShare[2 * k + 2]!];
    this.dShare[k]! += a * (1 - right) + b * right;
    const d = (this.share[k]! / 2) * (b - a) * this.sharp * squashSlope(this.sharp * this.turn[k]!);
    for (let i = 0, q = this.thetaAt + k * dims; i < dims; i++, q++) {
      grad[q]! += d * z[i]!;
      dz[i]! += d * p[q]!;
    }
  }
}

export const bonsaiHead = (t: TreeShape): Head => new TreeHead(t);
