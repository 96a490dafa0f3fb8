/** xorshift32: numbers that look random and are the same on every machine. */

/** Draws from [0, 1). @param seed not 0 */
export function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
