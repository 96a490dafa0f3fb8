/** Machines of one decision: the one-class machine and regression in a tube. Source: libsvm's solve_one_class and solve_epsilon_svr. */
import type { LearnOptions } from "../learner.js";
import { tick } from "../scale/decide.js";
import { KernelRows, type Kernel } from "./kernels.js";
import { STOP, type Decision } from "./machine.js";
import { solve, type Problem, type Solution } from "./smo.js";

const none = new Float32Array(0);

function run(k: KernelRows, p: Problem, options: LearnOptions): Solution {
  let steps = 0;
  try {
    return solve(p, { tolerance: STOP, onStep: () => tick(options, ++steps / (steps + 8)) });
  } finally {
    k.release();
  }
}

/** Above zero where a row is like most: at most a share `nu` of the training rows lies below. */
export function trainOneClass(x: Float64Array, rows: number, features: number, kernel: Kernel, nu: number, options: LearnOptions): Decision {
  const k = new KernelRows(x, features, [0, rows], kernel);
  const start = new Float64Array(rows);
  const whole = Math.floor(nu * rows);
  start.fill(1, 0, whole);
  if (whole < rows) start[whole] = nu * rows - whole;
  const s = run(k, {
    n: rows, split: rows, q: new Float64Array(rows), start, apart: false,
    head: (t) => k.block(t, 0), tail: () => none, diagonal: (t) => k.diagonal(t),
    low: new Float64Array(rows), high: new Float64Array(rows).fill(1),
  }, options);
  return { rows: Int32Array.from({ length: rows }, (_, i) => i), beta: s.beta, b: -s.rho[0], gap: s.gap };
}

/** Two variables a row, one for each side of the tube |f - y| <= epsilon. */
export function trainTube(x: Float64Array, y: Float64Array, features: number, kernel: Kernel, c: number, epsilon: number, options: LearnOptions): Decision {
  const n = y.length;
  const k = new KernelRows(x, features, [0, n], kernel);
  const q = new Float64Array(2 * n);
  y.forEach((v, i) => {
    q[i] = epsilon - v;
    q[n + i] = -epsilon - v;
  });
  const column = (t: number): Float32Array => k.block(t < n ? t : t - n, 0);
  const s = run(k, {
    n: 2 * n, split: n, q, start: new Float64Array(2 * n), apart: false,
    head: column, tail: column, diagonal: (t) => k.diagonal(t < n ? t : t - n),
    low: new Float64Array(2 * n).fill(-c, n), high: new Float64Array(2 * n).fill(c, 0, n),
  }, options);
  return { rows: Int32Array.from({ length: n }, (_, i) => i), beta: Float64Array.from({ length: n }, (_, i) => s.beta[i]! + s.beta[n + i]!), b: -s.rho[0], gap: s.gap };
}
