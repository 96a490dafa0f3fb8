/* Depthwise convolution for the DSP extension without scratch memory: pixel by pixel, four channels at a time. */
#include "params.dsp_direct.generated.h"

static inline void cell_depthwise_conv_2d(const cell_depthwise_conv_2d_params *p, const X_T *x, Y_T *y)
{
    const size_t row = (size_t)p->in_w * p->in_c;
    const cell_dsp_direct layer = { p->w, p->q, p->in_c, row, p->k_w, (size_t)p->k_h * p->k_w, p->zero_x, p->lo, p->hi, p->act };
    int32_t y0 = -p->top;
    for (OUT_H_T r = 0; r < p->out_h; r++, y0 += p->stride_y) {
        const int32_t above = y0 < 0 ? -y0 : 0;
        const int32_t under = (int32_t)p->in_h - y0 < (int32_t)p->k_h ? (int32_t)p->in_h - y0 : (int32_t)p->k_h;
        int32_t x0 = -p->left;
        for (OUT_W_T c = 0; c < p->out_w; c++, x0 += p->stride_x, y += p->in_c) {
            const int32_t before = x0 < 0 ? -x0 : 0;
            const int32_t behind = (int32_t)p->in_w - x0 < (int32_t)p->k_w ? (int32_t)p->in_w - x0 : (int32_t)p->k_w;
            const cell_dsp_window in = {
                x + (size_t)(y0 + above) * row + (size_t)(x0 + before) * p->in_c, (uint32_t)above * p->k_w + (uint32_t)before,
                under > above ? (uint32_t)(under - above) : 0, behind > before ? (uint32_t)(behind - before) : 0,
            };
            cell_dsp_direct_pixel(&layer, &in, y);
        }
    }
}
