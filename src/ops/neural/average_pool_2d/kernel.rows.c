/* Average over a whole image that comes row by row: sums, and how many rows are in them, in scratch memory that holds zeros before the first. */
#include "params.generated.h"

static inline void cell_average_pool_2d(const cell_average_pool_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    int32_t *const sums = (int32_t *)(void *)scratch;
    int32_t *const rows = sums + p->channels;
    for (size_t pixels = (size_t)p->in_h * p->in_w; pixels > 0; pixels--) {
        for (CHANNELS_T c = 0; c < p->channels; c++)
            sums[c] += *x++;
    }
    *rows += p->in_h;
    if (*rows < (int32_t)p->k_h)
        return;
    const int32_t n = (int32_t)p->k_h * (int32_t)p->in_w;
    for (CHANNELS_T c = 0; c < p->channels; c++) {
        const int32_t v = (sums[c] > 0 ? sums[c] + n / 2 : sums[c] - n / 2) / n;
        y[c] = (Y_T)(v < p->lo ? p->lo : v > p->hi ? p->hi : v);
    }
}
