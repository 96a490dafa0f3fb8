/* Average over the cells of each window that lie inside the image, in float32. */
#include "params.generated.h"

/* One element of the output; the window's first cell is (y0, x0), x points to its channel. */
static inline Y_T cell_average_pool_2d_at(const cell_average_pool_2d_params *p, const X_T *x, int32_t y0, int32_t x0)
{
    float sum = 0;
    int32_t n = 0;
    for (K_H_T ky = 0; ky < p->k_h; ky++, y0++) {
        if (y0 < 0 || y0 >= (int32_t)p->in_h)
            continue;
        int32_t ix = x0;
        for (K_W_T kx = 0; kx < p->k_w; kx++, ix++) {
            if (ix < 0 || ix >= (int32_t)p->in_w)
                continue;
            sum += x[((size_t)y0 * p->in_w + (size_t)ix) * p->channels];
            n++;
        }
    }
    const float v = sum / (float)n;
    return v < p->f_lo ? p->f_lo : v > p->f_hi ? p->f_hi : v;
}

static inline void cell_average_pool_2d(const cell_average_pool_2d_params *p, const X_T *x, Y_T *y)
{
    for (OUT_H_T oy = 0; oy < p->out_h; oy++) {
        for (OUT_W_T ox = 0; ox < p->out_w; ox++) {
            for (CHANNELS_T c = 0; c < p->channels; c++)
                *y++ = cell_average_pool_2d_at(p, x + c, (int32_t)oy * (int32_t)p->stride_y - p->top, (int32_t)ox * (int32_t)p->stride_x - p->left);
        }
    }
}
