/** Seeded random numbers for all learners: the same stream on every machine (sfc32 by Chris Doty-Humphrey, PractRand; seeded by splitmix32). */

export interface Random {
  /** 32 random bits. */
  bits(): number;
  /** Uniform in [0, 1), a multiple of 2^-32. */
  unit(): number;
  /** Whole number in [0, n), n up to 2^21. */
  below(n: number): number;
  /** About normal, mean 0, deviation 1: the sum of twelve uniforms, so that no library function is asked. */
  normal(): number;
  /** An independent stream: tree `index` of a forest draws the same numbers however many trees there are. */
  stream(index: number): Random;
}

/** Mixes one word into the next. */
function splitmix(state: number): number {
  let z = (state + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}

export function makeRandom(seed: number): Random {
  // A seed may be any number: its whole part below 2^53 counts.
  const whole = Math.trunc(Number.isFinite(seed) ? seed : 0);
  const low = whole | 0;
  const high = Math.floor(whole / 2 ** 32) | 0;
  let a = splitmix(low);
  let b = splitmix(a ^ high);
  let c = splitmix(b + 0x632be5ab);
  let counter = 1;
  const bits = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();
  const unit = (): number => bits() * 2 ** -32;
  return {
    bits, unit,
    below: (n) => Math.floor(unit() * n),
    normal: () => { let sum = -6; for (let i = 0; i < 12; i++) sum += unit(); return sum; },
    stream: (index) => makeRandom(splitmix(low ^ splitmix(index + 1)) * 2 ** 20 + (splitmix(high ^ (index + 0x51ed)) >>> 12)),
  };
}

/** Fisher and Yates, in place. */
export function shuffle(items: Int32Array, random: Random): Int32Array {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = items[i] ?? 0;
    items[i] = items[j] ?? 0;
    items[j] = kept;
  }
  return items;
}

export function range(n: number): Int32Array {
  const all = new Int32Array(n);
  for (let i = 0; i < n; i++) all[i] = i;
  return all;
}

/** `count` different numbers of 0..n-1, in ascending order. */
export const sample = (n: number, count: number, random: Random): Int32Array => shuffle(range(n), random).slice(0, count).sort();

/** How often each of n rows is drawn when n are drawn with replacement. */
export function bootstrap(n: number, random: Random): Int32Array {
  const drawn = new Int32Array(n);
  for (let i = 0; i < n; i++) drawn[random.below(n)]! += 1;
  return drawn;
}
