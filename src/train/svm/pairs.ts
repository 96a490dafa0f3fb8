/** Classification with support vectors, one machine per pair of classes. Source: libsvm's solve_c_svc and solve_nu_svc. */
import { fail } from "../../ir/diagnostics.js";
import type { LearnOptions } from "../learner.js";
import { tick } from "../scale/decide.js";
import { KernelRows, type Kernel } from "./kernels.js";
import { STOP, type Decision } from "./machine.js";
import { solve, type Problem, type Solution } from "./smo.js";

/** The bound on the coefficients, or the least share of support vectors. */
export type Softness = { readonly c: number } | { readonly nu: number };

/** A start in which the first rows of each side carry nu / 2 of all. */
function spread(n: number, from: number, to: number, sum: number, sign: number, out: Float64Array): void {
  let left = sum;
  for (let t = from; t < to && left > 0; t++) {
    out[t] = sign * Math.min(1, left);
    left -= Math.min(1, left);
  }
  if (left > n * 1e-12) fail("train/bad-hyper", "nu", "nu is larger than the smaller class of a pair allows", "Supported: nu below twice the smaller class's share of the two classes' rows.");
}

/** Class `a` (coefficients >= 0) against class `b` (coefficients <= 0); both are runs of sorted rows. */
function pairProblem(k: KernelRows, starts: Int32Array, a: number, b: number, soft: Softness): Problem {
  const split = starts[a + 1]! - starts[a]!;
  const n = split + starts[b + 1]! - starts[b]!;
  const row = (t: number): number => (t < split ? starts[a]! + t : starts[b]! + t - split);
  const nu = "nu" in soft;
  const bound = nu ? 1 : soft.c;
  const q = new Float64Array(n);
  const start = new Float64Array(n);
  if (nu) {
    spread(n, 0, split, (soft.nu * n) / 2, 1, start);
    spread(n, split, n, (soft.nu * n) / 2, -1, start);
  } else q.fill(-1, 0, split).fill(1, split);
  return {
    n, split, q, start, apart: nu,
    head: (t) => k.block(row(t), a), tail: (t) => k.block(row(t), b), diagonal: (t) => k.diagonal(row(t)),
    low: new Float64Array(n).fill(-bound, split), high: new Float64Array(n).fill(bound, 0, split),
  };
}

/** In nu-classification the margin is what came out; divided by it, it becomes one as in C-classification. */
function decisionOf(p: Problem, s: Solution, starts: Int32Array, a: number, b: number): Decision {
  const margin = p.apart ? (s.rho[0] - s.rho[1]) / 2 : 1;
  if (!(margin > 0)) fail("train/no-margin", "svm", "the two classes of a pair cannot be told apart: the margin is zero", "Use a larger nu, another kernel, or features that differ between the classes.");
  const rows = Int32Array.from({ length: p.n }, (_, t) => (t < p.split ? starts[a]! + t : starts[b]! + t - p.split));
  return { rows, beta: s.beta.map((v) => v / margin), b: -(s.rho[0] + s.rho[1]) / 2 / margin, gap: s.gap };
}

/**
 * `x` (rows, features) sorted by class, class c at rows starts[c] .. starts[c + 1]. Decisions in the order (0,1), (0,2) … (1,2) …,
 * above zero for the first class of the pair.
 */
export function trainPairs(x: Float64Array, features: number, starts: Int32Array, kernel: Kernel, soft: Softness, options: LearnOptions): Decision[] {
  const k = new KernelRows(x, features, starts, kernel);
  try {
    const classes = starts.length - 1;
    const pairs = (classes * (classes - 1)) / 2;
    const decisions: Decision[] = [];
    for (let a = 0; a < classes; a++) {
      for (let b = a + 1; b < classes; b++) {
        const p = pairProblem(k, starts, a, b, soft);
        let steps = 0;
        const onStep = (): void => tick(options, (decisions.length + ++steps / (steps + 8)) / pairs);
        decisions.push(decisionOf(p, solve(p, { tolerance: STOP, onStep }), starts, a, b));
        tick(options, decisions.length / pairs);
      }
    }
    return decisions;
  } finally {
    k.release();
  }
}
