/** One seeded generator for all tests: the same rows on every machine. */
export interface Random {
  /** 0 <= x < 1 */
  next(): number;
  /** Whole number, 0 <= x < n. */
  below(n: number): number;
  between(lo: number, hi: number): number;
  pick<T>(list: readonly T[]): T;
  /** About normal, mean 0, deviation 1. */
  normal(): number;
}

/** mulberry32 */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    next, below,
    between: (lo, hi) => lo + next() * (hi - lo),
    pick: <T>(list: readonly T[]): T => list[below(list.length)] as T,
    normal: () => next() + next() + next() + next() + next() + next() + next() + next() + next() + next() + next() + next() - 6,
  };
}

const buffer = new DataView(new ArrayBuffer(8));

/** Any double there is: all exponents, both signs, denormals; now and then a special one. */
export function anyDouble(r: Random): number {
  if (r.next() < 0.05) return r.pick([0, -0, 5e-324, -5e-324, 1.17549435e-38, -1.17549435e-38, 1e-45, 3.4028234663852886e38, -3.4028234663852886e38, 1, -1]);
  buffer.setUint32(0, r.below(2 ** 32));
  buffer.setUint32(4, r.below(2 ** 32));
  const v = buffer.getFloat64(0);
  return Number.isFinite(v) ? v : r.normal();
}
