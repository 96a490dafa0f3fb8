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
    const cell_bits layer = { p->w, p->q, p->m, (size_t)p->k_h * p->k_w * p->out_c, p->out_c, p->bits, p->step, p->least, p->wide, p->many, p->zero_y, p->lo, p->hi };
    const int8_t *const weights = (const int8_t *)scratch;
    cell_bits_row(&layer, p->w, layer.depth, (uint32_t *)(void *)scratch);
    const size_t next_x = (size_t)p->dilation_x * p->in_c;
    for (OUT_H_T oy = 0; oy < p->out_h; oy++) {
        const int y0 = (int)oy * (int)p->stride_y - p->top;
        const int ky0 = cell_depthwise_conv_2d_first(y0, (int)p->dilation_y);
        const int ky1 = cell_depthwise_conv_2d_end(y0, (int)p->dilation_y, (int)p->k_h, (int)p->in_h);
        for (OUT_W_T ox = 0; ox < p->out_w; ox++) {
            const int x0 = (int)ox * (int)p->stride_x - p->left;
            const int kx0 = cell_depthwise_conv_2d_first(x0, (int)p->dilation_x);
            const int kx1 = cell_depthwise_conv_2d_end(x0, (int)p->dilation_x, (int)p->k_w, (int)p->in_w);
            const uint8_t *q = p->q;
            OUT_C_T o = 0;
            for (IN_C_T c = 0; c < p->in_c; c++) {
                for (EACH_T j = 0; j < p->each; j++, o++) {
                    cell_bits_output to;
                    q = cell_bits_next(&layer, q, &to);
                    int32_t sum = to.bias;
                    for (int ky = ky0; ky < ky1; ky++) {
                        const X_T *v = x + ((size_t)(y0 + ky * (int)p->dilation_y) * p->in_w + (size_t)(x0 + kx0 * (int)p->dilation_x)) * p->in_c + c;
                        const int8_t *w = weights + ((size_t)ky * p->k_w + (size_t)kx0) * p->out_c + o;
                        for (int kx = kx0; kx < kx1; kx++, v += next_x, w += p->out_c)
                            sum += (int32_t)(*v - p->zero_x) * *w;
                    }
                    *y++ = cell_bits_stage(&layer, &to, sum);
                }
            }
        }
    }
}
