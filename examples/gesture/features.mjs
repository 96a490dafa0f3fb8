/**
 * What a tiny chip keeps of a window: seven whole numbers an axis, in integer arithmetic alone and without a square root.
 * `features.c` computes the very same ones on the device.
 */
export const names = ["mean", "range", "spread", "step", "cross", "lean", "order"];

/** Rounded to the nearest whole number, halves upwards: `(sum + n / 2) / n` of C, for sums of any sign. */
const rounded = (sum, n) => Math.floor((sum + Math.floor(n / 2)) / n);

/** A crossing counts when the signal was at least this far (in counts) on the other side: noise does not cross. */
const CLEAR = 3;

function crossings(x, mean) {
  let [side, count] = [0, 0];
  for (const v of x) {
    const now = v >= mean + CLEAR ? 1 : v <= mean - CLEAR ? -1 : side;
    if (now !== side && side !== 0) count++;
    side = now;
  }
  return count;
}

/** The seven numbers of one axis, from its 8-bit counts. */
export function axisFeatures(x) {
  const n = x.length;
  const mean = rounded(x.reduce((a, b) => a + b, 0), n);
  const [low, high] = [Math.min(...x), Math.max(...x)];
  const away = x.reduce((a, v) => a + Math.abs(v - mean), 0);
  const steps = x.slice(1).reduce((a, v, i) => a + Math.abs(v - x[i]), 0);
  return [mean, high - low, rounded(4 * away, n), rounded(4 * steps, n), crossings(x, mean), high + low - 2 * mean, x.indexOf(high) - x.indexOf(low)];
}
