/* Transposed 2-D convolution: each output gathers the cells of the image whose windows reach it. */
#include "params.generated.h"

/* Output channel o at (y0 - top, x0 - left). Cell ky of the window comes from row (y0 - ky) / stride, where that is whole. */
static inline Y_T cell_transpose_conv_at(const cell_transpose_conv_params *p, const X_T *x, OUT_C_T o, int32_t y0, int32_t x0)
{
    const W_T *kernel = p->w + (size_t)o * p->k_h * p->k_w * p->depth;
    CELL_ACC(X_T) sum = CELL_ROM(B_T, p->b + o);
    int32_t iy = y0 / (int32_t)p->stride_y;
    for (int32_t ky = y0 % (int32_t)p->stride_y; ky < (int32_t)p->k_h && iy >= 0; ky += (int32_t)p->stride_y, iy--) {
        if (iy >= (int32_t)p->in_h)
            continue;
        int32_t ix = x0 / (int32_t)p->stride_x;
        for (int32_t kx = x0 % (int32_t)p->stride_x; kx < (int32_t)p->k_w && ix >= 0; kx += (int32_t)p->stride_x, ix--) {
            if (ix >= (int32_t)p->in_w)
                continue;
            const X_T *v = x + ((size_t)iy * p->in_w + (size_t)ix) * p->depth;
            const W_T *w = kernel + ((size_t)ky * p->k_w + (size_t)kx) * p->depth;
            for (DEPTH_T c = 0; c < p->depth; c++, v++)
                sum += CELL_MUL(int16_t, W_T, (int16_t)(*v - p->zero_x), CELL_ROM_NEXT(W_T, w));
        }
    }
    const int32_t v = CELL_REQUANT(X_T, sum, CELL_ROM(MULT_T, p->mult + o), CELL_ROM(SHIFT_T, p->shift + o)) + p->zero_y;
    return (Y_T)(v < p->lo ? p->lo : v > p->hi ? p->hi : v);
}

static inline void cell_transpose_conv(const cell_transpose_conv_params *p, const X_T *x, Y_T *y)
{
    for (OUT_H_T oy = 0; oy < p->out_h; oy++) {
        for (OUT_W_T ox = 0; ox < p->out_w; ox++) {
            for (OUT_C_T o = 0; o < p->out_c; o++)
                *y++ = cell_transpose_conv_at(p, x, o, (int32_t)oy + p->top, (int32_t)ox + p->left);
        }
    }
}
