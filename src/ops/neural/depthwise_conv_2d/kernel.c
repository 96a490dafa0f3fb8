/* 2-D convolution of each channel by itself; cells outside the image hold the zero point and add nothing. */
#include "params.generated.h"

/* Output channel o of the window whose first cell is (y0, x0); x points to its input channel. */
static inline Y_T cell_depthwise_conv_2d_at(const cell_depthwise_conv_2d_params *p, const X_T *x, OUT_C_T o, int32_t y0, int32_t x0)
{
    const W_T *w = p->w + o;
    CELL_ACC(X_T) sum = CELL_ROM(B_T, p->b + o);
    for (K_H_T ky = 0; ky < p->k_h; ky++, y0 += (int32_t)p->dilation_y) {
        if (y0 < 0 || y0 >= (int32_t)p->in_h) {
            w += (size_t)p->k_w * p->out_c;
            continue;
        }
        int32_t ix = x0;
        for (K_W_T kx = 0; kx < p->k_w; kx++, ix += (int32_t)p->dilation_x, w += p->out_c) {
            if (ix < 0 || ix >= (int32_t)p->in_w)
                continue;
            const X_T v = x[((size_t)y0 * p->in_w + (size_t)ix) * p->in_c];
            sum += CELL_MUL(int16_t, W_T, (int16_t)(v - p->zero_x), CELL_ROM(W_T, w));
        }
    }
    const int32_t v = CELL_REQUANT(X_T, sum, CELL_ROM(MULT_T, p->mult + o), CELL_ROM(SHIFT_T, p->shift + o)) + p->zero_y;
    return (Y_T)(v < p->lo ? p->lo : v > p->hi ? p->hi : v);
}

static inline void cell_depthwise_conv_2d(const cell_depthwise_conv_2d_params *p, const X_T *x, Y_T *y)
{
    for (OUT_H_T oy = 0; oy < p->out_h; oy++) {
        const int32_t y0 = (int32_t)oy * (int32_t)p->stride_y - p->top;
        for (OUT_W_T ox = 0; ox < p->out_w; ox++) {
            const int32_t x0 = (int32_t)ox * (int32_t)p->stride_x - p->left;
            OUT_C_T o = 0;
            for (IN_C_T c = 0; c < p->in_c; c++) {
                for (EACH_T j = 0; j < p->each; j++, o++)
                    *y++ = cell_depthwise_conv_2d_at(p, x + c, o, y0, x0);
            }
        }
    }
}
