/* 3x3 depthwise convolution for Helium: two rows of outputs at a time, 16 channels after the other, from planes in scratch memory. */
#include "params.mve.generated.h"

static inline void cell_depthwise_conv_2d(const cell_depthwise_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_mve_taps taps = {
        (int32_t)p->in_h, (int32_t)p->in_w, p->in_c, p->left, (int32_t)p->columns, p->out_w, p->zero_x, p->lo, p->hi,
    };
    const uint8_t plain = !p->sign && p->lo == -128 && p->hi == 127;
    int8_t *const above = (int8_t *)scratch;
    int8_t *const upper = above + p->above;
    int8_t *const lower = p->stride == 1 ? upper : upper + (size_t)p->columns * CELL_MVE_COLUMN;
    if (p->top == 0)
        cell_mve_copy(above, x, (size_t)p->in_w * p->in_c);
    else
        cell_mve_fill(above, p->zero_x, (size_t)p->in_w * p->in_c);
    for (size_t r = 0; r < p->out_h; r += 2) {
        const int32_t y0 = (int32_t)(r * p->stride) - p->top;
        const size_t rows = p->out_h - r < 2 ? 1 : 2;
        const cell_mve_planes planes = { upper, rows == 2 ? lower : upper };
        for (size_t c = 0; c < p->in_c; c += 16) {
            const size_t n = p->in_c - c < 16 ? p->in_c - c : 16;
            cell_mve_taps_plane(&taps, x + c, y0, n, above + c, upper);
            if (p->stride == 2 && rows == 2)
                cell_mve_taps_plane(&taps, x + c, y0 + 2, n, above + c, lower);
            const int8_t *const w = p->w + 4 + c * 16;
            const int32_t *const q = p->q + c * 4;
            Y_T *const z = y + r * p->out_w * p->in_c + c;
            if (p->stride == 1 && plain)
                cell_mve_taps_one_plain(&taps, w, q, n, planes, z, rows);
            else if (p->stride == 1)
                cell_mve_taps_one_bounded(&taps, w, q, n, planes, z, rows);
            else if (plain)
                cell_mve_taps_two_plain(&taps, w, q, n, planes, z, rows);
            else
                cell_mve_taps_two_bounded(&taps, w, q, n, planes, z, rows);
        }
    }
}
