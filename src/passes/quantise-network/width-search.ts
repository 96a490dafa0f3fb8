/**
 * A width for every layer: from all at 8 bits downwards, each step the one that saves most flash for the noise it adds; how far, says
 * what the network still gets right.
 */

/** What one width of a layer costs. */
export interface Choice {
  readonly bits: number;
  readonly bytes: number;
  /** Noise that it adds to the answers. */
  readonly noise: number;
}

/** Index of the choice of each layer. */
export type Widths = readonly number[];

/** @param layers choices of each layer, from the widest on */
export function pathOf(layers: readonly (readonly Choice[])[]): readonly Widths[] {
  let now: Widths = layers.map(() => 0);
  const path = [now];
  for (;;) {
    let [best, price]: [Widths | null, number] = [null, Infinity];
    layers.forEach((choices, l) => {
      const from = choices[now[l] ?? 0] as Choice;
      for (let to = (now[l] ?? 0) + 1; to < choices.length; to++) {
        const { bytes, noise } = choices[to] as Choice;
        const p = Math.max(0, noise - from.noise) / (from.bytes - bytes);
        if (bytes < from.bytes && p < price) { price = p; best = now.map((v, i) => (i === l ? to : v)); }
      }
    });
    if (!best) return path;
    now = best;
    path.push(now);
  }
}

export const bytesOfWidths = (layers: readonly (readonly Choice[])[], w: Widths): number => w.reduce((sum, c, l) => sum + (layers[l]?.[c]?.bytes ?? 0), 0);

/** The last place on a path that is good, as if all before it were; -1: not even the first is. */
export function lastGood(n: number, good: (at: number) => boolean): number {
  if (!good(0)) return -1;
  let [low, high] = [0, n];
  while (high - low > 1) {
    const mid = (low + high) >> 1;
    if (good(mid)) low = mid;
    else high = mid;
  }
  return low;
}
