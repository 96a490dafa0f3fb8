/* 2-D convolution of each channel by itself with weights of less than 8 bits, all unpacked before the first pixel. */
#include "params.bits.generated.h"

/* First cell of a window inside the image along one axis, and the one behind the last; cells are `step` apart. */
static inline int cell_depthwise_conv_2d_first(int at, int step)
{
    return at < 0 ? (-at + step - 1) / step : 0;
}

static inline int cell_depthwise_conv_2d_end(int at, int step, int cells, int length)
{
    const int inside = at < length ? (length - at + step - 1) / step : 0;
    return inside < cells ? inside : cells;
}

static inline void cell_depthwise_conv_2d(const cell_depthwise_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const size_t cells = (size_t)p->k_h * p->k_w * p->out_c;
    const cell_bits layer = { p->w, p->q, p->m, cells, p->out_c, p->bits, p->step, p->least, p->wide, p->many, p->zero_y, p->lo, p->hi };
    int32_t *const sums = (int32_t *)(void *)(scratch + ((cells + 31) & ~(size_t)31));
    cell_bits_row(&layer, p->w, cells, (uint32_t *)(void *)scratch);
    for (OUT_H_T oy = 0; oy < p->out_h; oy++) {
        const int y0 = (int)oy * (int)p->stride_y - p->top;
        const int ky0 = cell_depthwise_conv_2d_first(y0, (int)p->dilation_y);
        const int ky1 = cell_depthwise_conv_2d_end(y0, (int)p->dilation_y, (int)p->k_h, (int)p->in_h);
        for (OUT_W_T ox = 0; ox < p->out_w; ox++) {
            const int x0 = (int)ox * (int)p->stride_x - p->left;
            const int kx0 = cell_depthwise_conv_2d_first(x0, (int)p->dilation_x);
            const int kx1 = cell_depthwise_conv_2d_end(x0, (int)p->dilation_x, (int)p->k_w, (int)p->in_w);
            memset(sums, 0, (size_t)p->out_c * sizeof *sums);
            for (int ky = ky0; ky < ky1; ky++) {
                for (int kx = kx0; kx < kx1; kx++) {
                    const X_T *v = x + ((size_t)(y0 + ky * (int)p->dilation_y) * p->in_w + (size_t)(x0 + kx * (int)p->dilation_x)) * p->in_c;
                    cell_bits_each(v, p->in_c, p->each, p->zero_x, (const int8_t *)scratch + ((size_t)ky * p->k_w + (size_t)kx) * p->out_c, sums);
                }
            }
            cell_bits_put(&layer, sums, y);
            y += p->out_c;
        }
    }
}
