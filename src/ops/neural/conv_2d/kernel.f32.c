/* 2-D convolution in float32. */
#include "params.generated.h"

static inline void cell_conv_2d(const cell_conv_2d_params *p, const X_T *x, Y_T *y)
{
    /* An output that starts behind the input may run over what has been read from its end. */
    const uint8_t back = (uintptr_t)y > (uintptr_t)x;
    for (OUT_H_T i = 0; i < p->out_h; i++) {
        const OUT_H_T oy = back ? (OUT_H_T)(p->out_h - 1 - i) : i;
        const int32_t y0 = (int32_t)oy * (int32_t)p->stride_y - p->top;
        for (OUT_W_T k = 0; k < p->out_w; k++) {
            const OUT_W_T ox = back ? (OUT_W_T)(p->out_w - 1 - k) : k;
            const int32_t x0 = (int32_t)ox * (int32_t)p->stride_x - p->left;
            Y_T *z = y + ((size_t)oy * p->out_w + ox) * p->out_c;
            for (OUT_C_T o = 0; o < p->out_c; o++) {
                const X_T *group = x + (size_t)(o / p->group) * p->depth;
                const W_T *w = p->w + (size_t)o * p->k_h * p->k_w * p->depth;
                float sum = CELL_ROM(B_T, p->b + o);
                for (K_H_T ky = 0; ky < p->k_h; ky++) {
                    const int32_t iy = y0 + (int32_t)ky * (int32_t)p->dilation_y;
                    for (K_W_T kx = 0; kx < p->k_w; kx++) {
                        const int32_t ix = x0 + (int32_t)kx * (int32_t)p->dilation_x;
                        if (iy < 0 || iy >= (int32_t)p->in_h || ix < 0 || ix >= (int32_t)p->in_w) {
                            w += p->depth;
                            continue;
                        }
                        const X_T *v = group + ((size_t)iy * p->in_w + (size_t)ix) * p->in_c;
                        for (DEPTH_T c = 0; c < p->depth; c++)
                            sum += *v++ * CELL_ROM_NEXT(W_T, w);
                    }
                }
                *z++ = sum < p->f_lo ? p->f_lo : sum > p->f_hi ? p->f_hi : sum;
            }
        }
    }
}
