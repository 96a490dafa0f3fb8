/** Situations every check of the operator is run on. */
import type { Case } from "../../../ir/op.js";
import type { KernelAttrs } from "./attrs.js";

/** Numbers without pattern, the same on every machine. */
function scatter(n: number, seed: number, spread: number): Float64Array {
  let s = seed;
  return Float64Array.from({ length: n }, () => {
    s = (Math.imul(s, 1103515245) + 12345) >>> 0;
    return (s / 2 ** 32 - 0.5) * 2 * spread;
  });
}

const made = (kernel: string, support: readonly number[], features: number, more: Partial<KernelAttrs> = {}): KernelAttrs => {
  const n = support.reduce((a, b) => a + b, 0);
  const k = support.length;
  return {
    kernel, gamma: 0.2, coef0: kernel === "rbf" ? 0 : 0.5, degree: 3, features, sv: scatter(n * features, 7, 2), dual: scatter(n * Math.max(1, k - 1), 3, 1),
    support: Int32Array.from(support), b: scatter(k < 2 ? 1 : (k * (k - 1)) / 2, 5, 1), ...more,
  };
};

export const cases: readonly Case<KernelAttrs>[] = [
  { title: "rbf, one output", attrs: made("rbf", [12], 3), features: 3, range: [-2, 2], inputs: ["i16", "i8", "u8"], tolerance: 0.005 },
  { title: "rbf, four classes", attrs: made("rbf", [3, 5, 2, 4], 2), features: 2, range: [-2, 2], inputs: ["i16", "u8"], tolerance: 0.003 },
  { title: "poly of degree 3, three classes", attrs: made("poly", [4, 3, 6], 4), features: 4, range: [-2, 2], inputs: ["i16", "i8"], tolerance: 0.01 },
  { title: "poly of degree 2", attrs: made("poly", [9], 5, { degree: 2, coef0: -1 }), features: 5, range: [-2, 2], inputs: ["i16", "u8"], tolerance: 0.01 },
  { title: "sigmoid", attrs: made("sigmoid", [8], 3), features: 3, range: [-2, 2], inputs: ["i16", "i8"], tolerance: 0.005 },
  { title: "one support vector", attrs: made("rbf", [1], 1, { sv: Float64Array.of(-0.4), gamma: 2 }), features: 1, range: [-1, 1], tolerance: 0.003 },
];
