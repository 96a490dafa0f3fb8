/** Functions for which TFLite has another rule in int8 than "round the value"; they are run once for each entry of a table. */
import { inverseSquareRoot } from "../../../ir/gemmlowp.js";
import { divideByPowerOfTwo, multiplier, requant, roundHalfAway } from "../../../ir/requantise.js";

const f32 = Math.fround;

interface Scaled {
  readonly scale: number;
  readonly zero: number;
}

/** 1 / sqrt(x); zero and below, where it has no value, give the largest output. */
function rsqrtOf(x: Scaled, y: Scaled): (q: number) => number {
  const out = multiplier(1 / f32(f32(Math.sqrt(x.scale)) * y.scale));
  const up = 20;
  return (q) => {
    if (q <= x.zero) return Infinity;
    const { mult, shift } = inverseSquareRoot(q - x.zero);
    return requant(requant(1, mult, shift + up), out.mult, out.shift - up) + y.zero;
  };
}

const saturate16 = (x: number): number => Math.min(32767, Math.max(-32768, x));
/** round(a * b / 2^15) of 16-bit values. */
const doublingHigh16 = (a: number, b: number): number => saturate16(Math.trunc((a * b + (a * b >= 0 ? 2 ** 14 : 1 - 2 ** 14)) / 2 ** 15));
const multiplier16 = (m: number): number => (m >= 2 ** 31 - 1 - 2 ** 15 ? 0x7fff : (m + 2 ** 15) >> 16);

/** x * relu6(x + 3) / 6 in 16-bit fixed point. */
function hardSwishOf(x: Scaled, y: Scaled): (q: number) => number {
  const fine = f32(x.scale / 128);
  const out = multiplier(f32(fine / y.scale));
  const gate = multiplier(f32(fine / f32(3 / 32768)));
  const [out16, gate16] = [multiplier16(out.mult), multiplier16(gate.mult)];
  return (q) => {
    const v = (q - x.zero) * 128;
    let g = gate.shift > 0 ? saturate16(v * 2 ** (gate.shift - 1)) : v;
    g = doublingHigh16(g, gate16);
    if (gate.shift > 0) g = saturate16(g * 2);
    if (gate.shift < 0) g = divideByPowerOfTwo(g, -gate.shift);
    g = (g + 2 ** 15) >> 1;
    const product = saturate16(Math.trunc((g * doublingHigh16(v, out16)) / 2 ** 15));
    // Past 1 the exponent would need a shift left, which TFLite refuses: the plain value then.
    return (out.shift > 0 ? roundHalfAway(product * 2 ** out.shift) : divideByPowerOfTwo(product, -out.shift)) + y.zero;
  };
}

/** Rounded to zero. Below zero, where it has no value, it is zero. */
const sqrtOf = (x: Scaled, y: Scaled) => (q: number): number => Math.trunc(f32(f32(Math.sqrt(f32(x.scale * Math.max(0, q - x.zero)))) / y.scale)) + y.zero;

const rules: Readonly<Record<string, (x: Scaled, y: Scaled) => (q: number) => number>> = { rsqrt: rsqrtOf, hard_swish: hardSwishOf, sqrt: sqrtOf };

/** The rule of a function at one int8 value; null where there is none of its own. */
export const exactOf = (kind: string, x: Scaled, y: Scaled): ((q: number) => number) | null => rules[kind]?.(x, y) ?? null;
