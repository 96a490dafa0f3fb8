/* 3x3 depthwise convolution for Helium: two rows of outputs at a time, 16 channels after the other, from planes in scratch memory. */
#include "params.mve.generated.h"

static inline void cell_depthwise_conv_2d(const cell_depthwise_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_mve_taps taps = {
        (int32_t)p->in_h, (int32_t)p->in_w, p->in_c, p->left, (int32_t)p->columns, p->stride, p->out_w, p->zero_x, p->lo, p->hi, p->sign,
    };
    int8_t *const upper = (int8_t *)scratch;
    int8_t *const lower = p->stride == 1 ? upper : upper + (size_t)p->columns * CELL_MVE_COLUMN;
    const cell_mve_planes planes = { upper, lower };
    for (size_t row = 0;; row = row + 4 <= p->out_h ? row + 2 : (size_t)p->out_h - 2) {
        const int32_t y0 = (int32_t)(row * p->stride) - p->top;
        for (size_t c = 0; c < p->in_c; c += 16) {
            const size_t n = p->in_c - c < 16 ? p->in_c - c : 16;
            cell_mve_taps_plane(&taps, x + c, y0, n, upper);
            if (p->stride == 2)
                cell_mve_taps_plane(&taps, x + c, y0 + 2, n, lower);
            cell_mve_taps_rows(&taps, p->w + 4 + c * 16, p->q + c * 4, n, planes, y + row * p->out_w * p->in_c + c);
        }
        if (row + 2 == p->out_h)
            return;
    }
}
