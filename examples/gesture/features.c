/* The columns of features.mjs on the device: one axis of a window, 8-bit counts, to seven whole numbers. No multiplication by anything
 * but 2 and 4, two divisions, no float. The window itself is what costs RAM: three axes of 100 readings are 300 bytes. */
#include <stdint.h>

#define CLEAR 3 /* counts: nearer to the mean, noise would cross it */

static int16_t rounded(int32_t sum, uint8_t n) {
  sum += n / 2;
  return (int16_t)(sum >= 0 ? sum / n : -((-sum + n - 1) / n)); /* downwards for negative sums too */
}

void gesture_features(const int8_t *x, uint8_t n, int16_t out[7]) {
  int16_t sum = 0, steps = 0, away = 0, low = x[0], high = x[0];
  uint8_t i, low_at = 0, high_at = 0, crossings = 0;
  int8_t side = 0;
  for (i = 0; i < n; i++) {
    sum += x[i];
    if (x[i] < low) { low = x[i]; low_at = i; }
    if (x[i] > high) { high = x[i]; high_at = i; }
    if (i > 0) steps += (int16_t)(x[i] > x[i - 1] ? x[i] - x[i - 1] : x[i - 1] - x[i]);
  }
  const int16_t mean = rounded(sum, n);
  for (i = 0; i < n; i++) {
    const int16_t d = (int16_t)(x[i] - mean);
    const int8_t now = (int8_t)(d >= CLEAR ? 1 : d <= -CLEAR ? -1 : side);
    away += (int16_t)(d < 0 ? -d : d);
    if (now != side && side != 0) crossings++;
    side = now;
  }
  out[0] = mean;
  out[1] = (int16_t)(high - low);
  out[2] = rounded(4 * (int32_t)away, n);
  out[3] = rounded(4 * (int32_t)steps, n);
  out[4] = crossings;
  out[5] = (int16_t)(high + low - 2 * mean);
  out[6] = (int16_t)(high_at - low_at);
}
