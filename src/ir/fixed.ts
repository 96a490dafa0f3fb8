/** Fixed-point arithmetic shared by operators: the TypeScript twin of `runtime/coincell.h`, bit for bit. */

/** `x` as `mult / 2^shift` with `mult` of at most `bits` bits; exact to about 2^-bits. Negative x keeps its sign in mult. */
export function ratio(x: number, bits: number): { readonly mult: number; readonly shift: number } {
  if (x === 0) return { mult: 0, shift: 0 };
  let shift = bits - 1 - Math.floor(Math.log2(Math.abs(x)));
  let mult = Math.round(x * 2 ** shift);
  while (Math.abs(mult) >= 2 ** bits) mult = Math.round(x * 2 ** --shift);
  while (shift > 0 && mult % 2 === 0) { mult /= 2; shift--; }
  return { mult, shift };
}

/** Arithmetic shift right with rounding half up: `(x + 2^(s-1)) >> s` on 32-bit integers; s = 0 is x itself. */
export const shiftRound = (x: number, s: number): number => (s === 0 ? x : (x + (1 << (s - 1))) >> s);

/** Clamp to lo..hi. */
export const clamp = (x: number, lo: number, hi: number): number => (x < lo ? lo : x > hi ? hi : x);

/** Rounds half away from zero, as C's lround. */
export const roundAway = (x: number): number => (x < 0 ? -Math.round(-x) : Math.round(x));

/** Whole part of the square root of an unsigned 32-bit integer, bit by bit: no division, no multiplication. */
export function sqrtU32(x: number): number {
  let rest = x;
  let root = 0;
  for (let bit = 2 ** 30; bit >= 1; bit /= 4) {
    if (rest >= root + bit) { rest -= root + bit; root = root / 2 + bit; } else root /= 2;
  }
  return root;
}
