/* Largest of the cells of each window that lie inside the image. */
#include "params.generated.h"

/* One element of the output; the window's first cell is (y0, x0), x points to its channel. */
static inline Y_T cell_max_pool_2d_at(const cell_max_pool_2d_params *p, const X_T *x, int32_t y0, int32_t x0)
{
    X_T largest = (X_T)p->lo; /* nothing below the bound comes out anyway */
    for (K_H_T ky = 0; ky < p->k_h; ky++, y0++) {
        if (y0 < 0 || y0 >= (int32_t)p->in_h)
            continue;
        int32_t ix = x0;
        for (K_W_T kx = 0; kx < p->k_w; kx++, ix++) {
            if (ix < 0 || ix >= (int32_t)p->in_w)
                continue;
            const X_T v = x[((size_t)y0 * p->in_w + (size_t)ix) * p->channels];
            if (v > largest)
                largest = v;
        }
    }
    return (Y_T)(largest > p->hi ? p->hi : largest);
}

static inline void cell_max_pool_2d(const cell_max_pool_2d_params *p, const X_T *x, Y_T *y)
{
    for (OUT_H_T oy = 0; oy < p->out_h; oy++) {
        for (OUT_W_T ox = 0; ox < p->out_w; ox++) {
            for (CHANNELS_T c = 0; c < p->channels; c++)
                *y++ = cell_max_pool_2d_at(p, x + c, (int32_t)oy * (int32_t)p->stride_y - p->top, (int32_t)ox * (int32_t)p->stride_x - p->left);
        }
    }
}
