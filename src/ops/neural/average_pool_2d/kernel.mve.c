/* Average over windows inside the image for Helium, four channels at a time, rounded half away from zero. */
#include "params.mve.generated.h"

static inline Y_T cell_average_pool_2d_mean(const cell_average_pool_2d_params *p, int32_t sum)
{
    const int32_t n = (int32_t)((uint32_t)p->k_h * p->k_w);
    const int32_t v = (sum > 0 ? sum + n / 2 : sum - n / 2) / n;
    return (Y_T)(v < p->lo ? p->lo : v > p->hi ? p->hi : v);
}

/* Four channels of one window. */
static inline void cell_average_pool_2d_four(const cell_average_pool_2d_params *p, const X_T *x, Y_T *y)
{
    const size_t pixel = p->channels;
    cell_mve_words sum = cell_mve_zero();
    for (K_H_T ky = 0; ky < p->k_h; ky++) {
        const X_T *v = x + (size_t)ky * p->in_w * pixel;
        for (K_W_T kx = p->k_w; kx > 0; kx--, v += pixel)
            sum = cell_mve_plus_each(sum, cell_mve_widen(v));
    }
    int32_t sums[4];
    cell_mve_store_words(sums, sum);
    for (uint8_t k = 0; k < 4; k++)
        y[k] = cell_average_pool_2d_mean(p, sums[k]);
}

static inline void cell_average_pool_2d(const cell_average_pool_2d_params *p, const X_T *x, Y_T *y)
{
    for (OUT_H_T oy = 0; oy < p->out_h; oy++) {
        for (OUT_W_T ox = 0; ox < p->out_w; ox++, y += p->channels) {
            const X_T *window = x + ((size_t)oy * p->stride_y * p->in_w + (size_t)ox * p->stride_x) * p->channels;
            /* The last four end with the last channel. */
            for (size_t c = 0;; c = c + 8 <= p->channels ? c + 4 : (size_t)p->channels - 4) {
                cell_average_pool_2d_four(p, window + c, y + c);
                if (c + 4 == p->channels)
                    break;
            }
        }
    }
}
