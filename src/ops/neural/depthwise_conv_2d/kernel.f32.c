/* 2-D convolution of each channel by itself, in float32. */
#include "params.generated.h"

static inline float cell_depthwise_conv_2d_sum(const cell_depthwise_conv_2d_params *p, float sum, const X_T *x, const W_T *w, int32_t y0, int32_t x0)
{
    for (K_H_T ky = 0; ky < p->k_h; ky++, y0 += (int32_t)p->dilation_y) {
        if (y0 < 0 || y0 >= (int32_t)p->in_h) {
            w += (size_t)p->k_w * p->out_c;
            continue;
        }
        int32_t ix = x0;
        for (K_W_T kx = 0; kx < p->k_w; kx++, ix += (int32_t)p->dilation_x, w += p->out_c) {
            if (ix >= 0 && ix < (int32_t)p->in_w)
                sum += x[((size_t)y0 * p->in_w + (size_t)ix) * p->in_c] * CELL_ROM(W_T, w);
        }
    }
    return sum;
}

static inline void cell_depthwise_conv_2d(const cell_depthwise_conv_2d_params *p, const X_T *x, Y_T *y)
{
    for (OUT_H_T oy = 0; oy < p->out_h; oy++) {
        const int32_t y0 = (int32_t)oy * (int32_t)p->stride_y - p->top;
        for (OUT_W_T ox = 0; ox < p->out_w; ox++) {
            const int32_t x0 = (int32_t)ox * (int32_t)p->stride_x - p->left;
            OUT_C_T o = 0;
            for (IN_C_T c = 0; c < p->in_c; c++) {
                for (EACH_T j = 0; j < p->each; j++, o++) {
                    const float sum = cell_depthwise_conv_2d_sum(p, CELL_ROM(B_T, p->b + o), x + c, p->w + o, y0, x0);
                    *y++ = sum < p->f_lo ? p->f_lo : sum > p->f_hi ? p->f_hi : sum;
                }
            }
        }
    }
}
