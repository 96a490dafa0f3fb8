/** Functions of one variable, in double precision. The order of `kinds` is that of the cases in kernel.f32.c. */
import { fail } from "../../../ir/diagnostics.js";

export const kinds = [
  "exp", "log", "sqrt", "rsqrt", "square", "sin", "cos", "floor", "ceil", "round", "sign", "elu", "gelu", "gelu_tanh", "hard_swish", "erf", "softplus", "silu",
] as const;
export type Kind = (typeof kinds)[number];

/** 1 - erf(x): by its power series near zero, by its continued fraction elsewhere. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 2) {
    let term = x;
    let sum = x;
    for (let k = 1; k < 60; k++) {
      term *= (-x * x) / k;
      sum += term / (2 * k + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let rest = 0;
  for (let k = 60; k >= 1; k--) rest = k / 2 / (x + rest);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + rest));
}

/** Half to even, as TFLite rounds floats. */
function roundEven(x: number): number {
  const down = Math.floor(x);
  const half = x - down - 0.5;
  return half < 0 || (half === 0 && down % 2 === 0) ? down : down + 1;
}

const functions: Readonly<Record<Kind, (x: number, alpha: number) => number>> = {
  exp: Math.exp, log: Math.log, sqrt: Math.sqrt, rsqrt: (x) => 1 / Math.sqrt(x), square: (x) => x * x, sin: Math.sin, cos: Math.cos,
  floor: Math.floor, ceil: Math.ceil, round: roundEven, sign: Math.sign,
  // TFLite subtracts in float32, after rounding.
  elu: (x, alpha) => (x < 0 ? alpha * (Math.fround(Math.exp(x)) - 1) : x),
  gelu: (x) => 0.5 * x * erfc(-x * Math.SQRT1_2),
  gelu_tanh: (x) => 0.5 * x * (1 + Math.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))),
  hard_swish: (x) => (x * Math.min(6, Math.max(0, x + 3))) / 6,
  erf: (x) => 1 - erfc(x),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  silu: (x) => x / (1 + Math.exp(-x)),
};

/** @throws where the kind is unknown. */
export function functionOf(kind: string, alpha: number): (x: number) => number {
  const f = functions[kind as Kind] ?? fail("ir/bad-attribute", "unary", `the function ${kind}`, `Known: ${kinds.join(", ")}.`);
  return (x) => f(x, alpha);
}
