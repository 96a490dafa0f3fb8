/** Situations every check of the operator is run on. */
import type { Case } from "../../../ir/op.js";
import type { BonsaiAttrs } from "./attrs.js";

/** Numbers without pattern, the same on every machine. */
function scatter(n: number, seed: number, spread: number): Float64Array {
  let s = seed;
  return Float64Array.from({ length: n }, () => {
    s = (Math.imul(s, 1103515245) + 12345) >>> 0;
    return (s / 2 ** 32 - 0.5) * 2 * spread;
  });
}

export const tree = (dims: number, outputs: number, depth: number, sigma: number, spread = 1): BonsaiAttrs => {
  const size = (2 ** (depth + 1) - 1) * outputs * dims;
  return { dims, outputs, depth, sigma, w: scatter(size, 3, spread), v: scatter(size, 5, spread), theta: new Float64Array((2 ** depth - 1) * dims) };
};

/** A branch that follows one element, far from the drawn rows: rounding cannot turn it. */
const turning = (a: BonsaiAttrs): BonsaiAttrs => ({ ...a, theta: a.theta.map((_, i) => (i % a.dims === 0 ? 1 : 0)) });

export const cases: readonly Case<BonsaiAttrs>[] = [
  { title: "a root alone", attrs: tree(3, 1, 0, 1), features: 3, range: [-2, 2], inputs: ["i16", "i8", "u8"], tolerance: 0.03 },
  { title: "two levels, three outputs", attrs: turning(tree(4, 3, 2, 1.5)), features: 4, range: [-2, 2], inputs: ["i16", "i8"], tolerance: 0.03 },
  { title: "steep and large", attrs: tree(5, 2, 1, 3, 30), features: 5, range: [-0.1, 0.1], inputs: ["i16", "u8"], tolerance: 0.08 },
  { title: "one dimension", attrs: tree(1, 1, 1, 0.25), features: 1, range: [0, 1], inputs: ["i16", "i8"], tolerance: 0.03 },
];
