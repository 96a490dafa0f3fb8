/** What a Bonsai tree is, and its meaning in double precision (Kumar, Goyal, Varma: Resource-efficient machine learning in 2 KB RAM, ICML 2017). */
import { fail } from "../../../ir/diagnostics.js";

/** `w`, `v` (nodes, outputs, dims), `theta` (inner nodes, dims); nodes in breadth-first order, children of k: 2k + 1, 2k + 2. */
export type BonsaiAttrs = {
  readonly dims: number;
  readonly outputs: number;
  readonly depth: number;
  readonly sigma: number;
  readonly w: Float64Array;
  readonly v: Float64Array;
  readonly theta: Float64Array;
};

export const MAX_DEPTH = 8;
export const nodesOf = (a: BonsaiAttrs): number => 2 ** (a.depth + 1) - 1;

/** tanh by two parabolas, exact at 0 and 2 in value and at 0 in slope; what the learner trains with. */
export const squash = (a: number): number => (a >= 2 ? 1 : a <= -2 ? -1 : a - (a * Math.abs(a)) / 4);

const wrong = (what: string): never => fail("ir/bad-attribute", "bonsai", what, "Give arrays whose lengths agree, of finite numbers; train the model again.");

export function checkBonsai(a: BonsaiAttrs): void {
  if (!(Number.isInteger(a.depth) && a.depth >= 0 && a.depth <= MAX_DEPTH)) wrong(`depth ${a.depth}; supported: 0 to ${MAX_DEPTH}`);
  if (!(a.outputs >= 1)) wrong("no outputs");
  const size = nodesOf(a) * a.outputs * a.dims;
  if (a.w.length !== size || a.v.length !== size) wrong(`${a.w.length} and ${a.v.length} weights for ${nodesOf(a)} nodes of ${a.outputs} outputs and ${a.dims} inputs`);
  if (a.theta.length !== (2 ** a.depth - 1) * a.dims) wrong(`theta has ${a.theta.length} values for ${2 ** a.depth - 1} inner nodes`);
  if (![a.w, a.v, a.theta].every((m) => m.every(Number.isFinite)) || !Number.isFinite(a.sigma) || a.sigma <= 0) wrong("a weight that is not finite, or sigma that is not positive");
}

export function evaluate(a: BonsaiAttrs, z: ArrayLike<number>): Float64Array {
  const dot = (m: Float64Array, row: number): number => {
    let sum = 0;
    for (let i = 0; i < a.dims; i++) sum += (m[row * a.dims + i] ?? 0) * (z[i] ?? 0);
    return sum;
  };
  const y = new Float64Array(a.outputs);
  for (let d = 0, k = 0; d <= a.depth; d++) {
    for (let l = 0; l < a.outputs; l++) y[l]! += dot(a.w, k * a.outputs + l) * squash(a.sigma * dot(a.v, k * a.outputs + l));
    if (d < a.depth) k = 2 * k + (dot(a.theta, k) > 0 ? 2 : 1);
  }
  return y;
}
