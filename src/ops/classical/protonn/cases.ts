/** Situations every check of the operator is run on. */
import type { Case } from "../../../ir/op.js";
import type { PrototypeAttrs } from "./attrs.js";

/** Numbers without pattern, the same on every machine. */
function scatter(n: number, seed: number, spread: number): Float64Array {
  let s = seed;
  return Float64Array.from({ length: n }, () => {
    s = (Math.imul(s, 1103515245) + 12345) >>> 0;
    return (s / 2 ** 32 - 0.5) * 2 * spread;
  });
}

const made = (prototypes: number, dims: number, outputs: number, gamma: number): PrototypeAttrs => ({ dims, outputs, gamma, b: scatter(prototypes * dims, 7, 2), w: scatter(prototypes * outputs, 3, 1) });

export const cases: readonly Case<PrototypeAttrs>[] = [
  { title: "one output", attrs: made(12, 3, 1, 0.4), features: 3, range: [-2, 2], inputs: ["i8", "u8"], tolerance: 0.02 },
  { title: "four outputs", attrs: made(9, 5, 4, 0.3), features: 5, range: [-2, 2], inputs: ["i8", "u8"], tolerance: 0.02 },
  { title: "one prototype, one dimension", attrs: made(1, 1, 2, 1), features: 1, range: [-3, 3], inputs: ["i8"], tolerance: 0.02 },
  { title: "very wide", attrs: made(5, 2, 1, 0.1), features: 2, range: [-2, 2], inputs: ["i8"], tolerance: 0.1 },
];
