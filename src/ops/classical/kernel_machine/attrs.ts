/** What a kernel machine is, and its meaning in double precision. Source: libsvm's svm.cpp (Kernel::k_function, svm_predict_values). */
import { fail } from "../../../ir/diagnostics.js";

/**
 * `sv` (n, features). `dual` (rows, n) in libsvm's layout: one row for a single output; with k classes, k - 1 rows, where row r of a
 * vector of class c is its coefficient against class r (r < c) or r + 1. `support`: vectors per class, in order; one entry for a
 * single output. `b` (outputs): minus libsvm's rho.
 */
export type KernelAttrs = {
  readonly kernel: string;
  readonly gamma: number;
  readonly coef0: number;
  readonly degree: number;
  readonly features: number;
  readonly sv: Float64Array;
  readonly dual: Float64Array;
  readonly support: Int32Array;
  readonly b: Float64Array;
};

export const kernels = ["linear", "poly", "rbf", "sigmoid"] as const;
export const MAX_DEGREE = 16;

export const groupsOf = (a: KernelAttrs): number => a.support.length;
export const rowsOf = (a: KernelAttrs): number => Math.max(1, a.support.length - 1);
export const outputsOf = (a: KernelAttrs): number => (a.support.length < 2 ? 1 : (a.support.length * (a.support.length - 1)) / 2);
export const vectorsOf = (a: KernelAttrs): number => a.support.reduce((s, n) => s + n, 0);

/** Index of the pair (i, j), i < j, among the pairs of k classes: (0,1), (0,2) … (1,2) … */
export const pairIndex = (k: number, i: number, j: number): number => (i * (2 * k - i - 1)) / 2 + j - i - 1;

/** (groups, rows): the output that row r of a vector of class c goes to. */
export function pairTable(groups: number): number[] {
  if (groups < 2) return [0];
  return Array.from({ length: groups }, (_, c) => Array.from({ length: groups - 1 }, (__, r) => (r < c ? pairIndex(groups, r, c) : pairIndex(groups, c, r + 1)))).flat();
}

const wrong = (what: string): never => fail("ir/bad-attribute", "kernel_machine", what, "Give arrays whose lengths agree, and a kernel that is supported.");

export function checkKernel(a: KernelAttrs): void {
  const n = vectorsOf(a);
  if (!(kernels as readonly string[]).includes(a.kernel)) wrong(`kernel "${a.kernel}"; supported: ${kernels.join(", ")}`);
  if (a.kernel === "poly" && !(Number.isInteger(a.degree) && a.degree >= 0 && a.degree <= MAX_DEGREE)) wrong(`degree ${a.degree}; supported: 0 to ${MAX_DEGREE}`);
  if (groupsOf(a) < 1 || n < 1) wrong("no support vectors");
  if (a.sv.length !== n * a.features) wrong(`sv has ${a.sv.length} values for ${n} vectors of ${a.features}`);
  if (a.dual.length !== n * rowsOf(a)) wrong(`dual has ${a.dual.length} values for ${n} vectors`);
  if (a.b.length !== outputsOf(a)) wrong(`b has ${a.b.length} values for ${outputsOf(a)} outputs`);
}

/** libsvm's powi: repeated squaring, in that order of rounding. */
function powi(base: number, times: number): number {
  let ret = 1;
  for (let t = times, tmp = base; t > 0; t = Math.floor(t / 2), tmp *= tmp) if (t % 2 === 1) ret *= tmp;
  return ret;
}

function kernelValue(a: KernelAttrs, x: ArrayLike<number>, at: number): number {
  let sum = 0;
  const rbf = a.kernel === "rbf";
  for (let j = 0; j < a.features; j++) {
    const [v, s] = [x[j] ?? 0, a.sv[at + j] ?? 0];
    sum += rbf ? (v - s) ** 2 : v * s;
  }
  if (rbf) return Math.exp(-a.gamma * sum);
  if (a.kernel === "linear") return sum;
  const inner = a.gamma * sum + a.coef0;
  return a.kernel === "poly" ? powi(inner, a.degree) : Math.tanh(inner);
}

/** One output per pair of classes (or one in all). */
export function evaluate(a: KernelAttrs, x: ArrayLike<number>): Float64Array {
  const [n, rows] = [vectorsOf(a), rowsOf(a)];
  const pair = pairTable(groupsOf(a));
  const y = new Float64Array(outputsOf(a));
  for (let c = 0, i = 0; c < groupsOf(a); c++) {
    for (const end = i + (a.support[c] ?? 0); i < end; i++) {
      const k = kernelValue(a, x, i * a.features);
      for (let r = 0; r < rows; r++) y[pair[c * rows + r] ?? 0]! += (a.dual[r * n + i] ?? 0) * k;
    }
  }
  return y.map((v, p) => v + (a.b[p] ?? 0));
}
