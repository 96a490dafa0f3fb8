/**
 * Fixed-point functions of one variable as TensorFlow Lite Micro computes them, bit for bit
 * (`reference/int8-semantics.md`, section 5). Qm.n: 32-bit integers with m bits before the point and n behind it.
 */
import { doublingHigh, divideByPowerOfTwo, roundHalfAway } from "./requantise.js";

const f32 = Math.fround;
const MAX = 2 ** 31 - 1;

/** Shift left, saturated to 32 bits. */
export const shiftSaturated = (x: number, n: number): number => Math.min(MAX, Math.max(-(2 ** 31), x * 2 ** n));

/** exp of a in [-1/4, 0), Q0.31 to Q0.31. */
function expOfQuarter(a: number): number {
  const x = a + 2 ** 28;
  const x2 = doublingHigh(x, x);
  const x3 = doublingHigh(x2, x);
  const x4 = doublingHigh(x2, x2);
  const tail = divideByPowerOfTwo(doublingHigh(divideByPowerOfTwo(x4, 2) + x3, 715827883) + x2, 1);
  return 1895147668 + doublingHigh(1895147668, x + tail);
}

/** exp(-2^e) in Q0.31, for e = -2 to 4. */
const expOfPowers = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242] as const;

/** exp of a <= 0; a in Q(m).(31-m), the result in Q0.31. */
export function expOfNegative(a: number, m: number): number {
  if (a === 0) return MAX;
  const point = 31 - m;
  const quarter = 2 ** (point - 2);
  const part = (a & (quarter - 1)) - quarter;
  const rest = part - a;
  return expOfPowers.reduce<number>((y, power, i) => (m > i - 2 && (rest & 2 ** (point + i - 2)) !== 0 ? doublingHigh(y, power) : y), expOfQuarter(shiftSaturated(part, m)));
}

/** 1 / (1 + a) by three steps of Newton's method, for a in [0, 1): Q0.31 to Q2.29, where it stands doubled. */
export function halfReciprocal(a: number): number {
  const half = Math.trunc((a + 2 ** 31) / 2);
  let x = 1515870810 + doublingHigh(half, -1010580540);
  for (let i = 0; i < 3; i++) x += shiftSaturated(doublingHigh(x, 2 ** 29 - doublingHigh(half, x)), 2);
  return x;
}

/** 1 / (1 + a) for a in [0, 1), Q0.31 to Q0.31. */
export const reciprocal = (a: number): number => shiftSaturated(halfReciprocal(a), 1);

/** 1 / sqrt(n) of an integer n as `mult * 2^(shift - 31)`, by five steps of Newton's method; 0 counts as 1. */
export function inverseSquareRoot(n: number): { readonly mult: number; readonly shift: number } {
  if (n <= 1) return { mult: MAX, shift: 0 };
  let right = 11;
  let input = n;
  for (; input >= 2 ** 29; right++) input = Math.trunc(input / 4);
  const pairs = ((Math.clz32(input) - 1) >> 1) - 1;
  right -= pairs;
  const x3 = (input << (2 * pairs)) >> 1;
  const half = divideByPowerOfTwo(x3, 1);
  let x = 2 ** 28;
  for (let i = 0; i < 5; i++) {
    const cube = shiftSaturated(doublingHigh(doublingHigh(x, x), x), 6);
    x = shiftSaturated(doublingHigh(2 ** 28 + 2 ** 27, x) - doublingHigh(half, cube), 3);
  }
  x = doublingHigh(x, 1518500250);
  return right < 0 ? { mult: x * 2 ** -right, shift: 0 } : { mult: x, shift: -right };
}

const clamp16 = (x: number): number => Math.min(32767, Math.max(-32768, x));

/** A function of an int16 as 513 points; scales and zeros of both sides. All steps in float32. */
export function table513(f: (x: number) => number, from: { readonly scale: number; readonly zero: number }, to: { readonly scale: number; readonly zero: number }): Int16Array {
  const [si, so] = [f32(from.scale), f32(to.scale)];
  const [lo, hi] = [f32(si * (-32768 - from.zero)), f32(si * (32767 - from.zero))];
  const [outLo, outHi] = [f32(so * (-32768 - to.zero)), f32(so * (32767 - to.zero))];
  const step = f32(f32(hi - lo) / 512);
  const halfStep = f32(step / 2);
  const inverse = f32(65536 / f32(outHi - outLo));
  const at = (x: number): number => f32(f32(f(x)) * inverse);
  return Int16Array.from({ length: 513 }, (_, i) => {
    if (i === 512) return clamp16(roundHalfAway(at(hi)));
    const x = f32(lo + f32(i * step));
    const value = roundHalfAway(at(x));
    const middle = roundHalfAway(at(f32(x + halfStep)));
    const interpolated = roundHalfAway(f32(f32(at(f32(lo + f32((i + 1) * step))) + value) / 2));
    return clamp16(value - roundHalfAway(f32(f32(interpolated - middle) / 2)));
  });
}

/** Reads a {@link table513} (from `at` on) at an int16, with linear interpolation. */
export function lookup513(table: ArrayLike<number>, x: number, at = 0): number {
  const i = at + 256 + (x >> 7);
  const base = table[i] as number;
  return base + ((((table[i + 1] as number) - base) * (x & 127) + 64) >> 7);
}

/** Natural logarithm of a sum of at least 1 in Q12.19, to Q5.26. */
export function logOfSum(sum: number): number {
  const high = doublingHigh;
  const [log2, fourthRootOfHalf, rootOfHalf, quarter] = [1488522236, 1805811301, 1518500250, 2 ** 23];
  const headroom = Math.clz32(sum);
  const a = shiftSaturated(high(shiftSaturated(sum, headroom - 1), rootOfHalf), 1);
  const powerOfA = (12 - headroom) * 2 ** 25 + quarter;
  const headroomB = Math.clz32(high(sum, rootOfHalf)) - 1;
  const b = shiftSaturated(sum, headroomB);
  const powerOfB = (12 - headroomB) * 2 ** 25 - quarter;
  const r = Math.min(a, b);
  const p = Math.trunc((r + fourthRootOfHalf + 1) / 2);
  const q = (r - fourthRootOfHalf) * 2;
  const square = high(q, q);
  const numerator = high(q, r) + high(high(q, square), 117049297);
  const denominator = high(p, 1057819769 + q + high(127690142, square)) + high(638450708, q);
  const quotient = high(divideByPowerOfTwo(numerator, 6), reciprocal(denominator));
  return shiftSaturated(high(Math.max(powerOfA, powerOfB), log2) + quotient, 1);
}
