/**
 * exp and log from additions, multiplications and divisions alone, so that every engine gives the same bits.
 * Source: fdlibm's e_exp.c and e_log.c (Sun Microsystems, 1993); errors below 1 unit in the last place.
 */

const LN2_HIGH = 6.93147180369123816490e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const INVERSE_LN2 = 1.44269504088896338700;

/** 2^k for k = -1074..1023, by exact doublings. */
const powers = ((): Float64Array => {
  const p = new Float64Array(1074 + 1024);
  p[1074] = 1;
  for (let k = 1; k < 1024; k++) p[1074 + k] = p[1073 + k]! * 2;
  for (let k = -1; k >= -1074; k--) p[1074 + k] = p[1075 + k]! / 2;
  return p;
})();

export function exactExp(x: number): number {
  if (x > 709) return x > 709.78 ? Infinity : exactExp(x - 1) * Math.E;
  if (x < -745) return 0;
  const k = Math.floor(x * INVERSE_LN2 + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c = r - t * (1.66666666666666019037e-1 + t * (-2.77777777770155933842e-3 + t * (6.61375632143793436117e-5 + t * (-1.65339022054652515390e-6 + t * 4.13813679705723846039e-8))));
  return (1 - (low - (r * c) / (2 - c) - high)) * powers[1074 + k]!;
}

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

/** Natural logarithm of a positive normal number. */
export function exactLog(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x < 2.3e-308) return exactLog(x * 2 ** 54) - 54 * (LN2_HIGH + LN2_LOW);
  word[0] = x;
  const top = halves[1]!;
  let k = (top >>> 20) - 1023;
  halves[1] = (top & 0xfffff) | 0x3ff00000;
  let m = word[0];
  if (m > 1.4142135623730951) { m /= 2; k += 1; }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd = z * (6.666666666666735130e-1 + w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + even + odd) + k * LN2_LOW) - f);
}
