/* 2-D convolution for CPUs with nothing but a 32-bit multiply: the windows of four pixels side by side as words of two, then channel by channel. */
#include "params.pack.generated.h"

/* One row of the window at (y0, x0): where it lies in the image, or a copy in which cells outside hold the zero point. */
static inline const int8_t *cell_conv_2d_row(const cell_conv_2d_params *p, const X_T *x, int y0, int x0, int8_t *copy)
{
    const int rest = (int)p->in_w - x0;
    const uint8_t row = y0 >= 0 && y0 < (int)p->in_h;
    if (row && x0 >= 0 && rest >= (int)p->k_w)
        return x + ((size_t)y0 * p->in_w + (size_t)x0) * p->in_c;
    const int first = x0 < 0 ? -x0 : 0;
    const int last = rest < (int)p->k_w ? rest : (int)p->k_w;
    memset(copy, p->zero_x, p->run);
    if (row && first < last)
        memcpy(copy + (size_t)first * p->in_c, x + ((size_t)y0 * p->in_w + (size_t)(x0 + first)) * p->in_c, (size_t)(last - first) * p->in_c);
    return copy;
}

/* The windows of four pixels, whose first cells are at (y, x), side by side. */
static inline void cell_conv_2d_windows(const cell_conv_2d_params *p, const X_T *x, const int *y0, const int *x0, int32_t *windows)
{
    const int32_t *const end = windows + (size_t)p->blocks * 8;
    int8_t *const copies = (int8_t *)(windows + (size_t)p->blocks * 8);
    for (K_H_T ky = 0; ky < p->k_h; ky++) {
        const int8_t *rows[4];
        for (uint8_t k = 0; k < 4; k++)
            rows[k] = cell_conv_2d_row(p, x, y0[k] + (int)ky * (int)p->dilation_y, x0[k], copies + k * p->run);
        windows = cell_pack_gather(rows, p->run, windows);
    }
    while (windows < end)
        *windows++ = 0;
}

static inline void cell_conv_2d(const cell_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_packs packs = { p->w, p->q, p->e, p->lo, p->hi };
    int32_t *const windows = (int32_t *)(void *)scratch;
    const int end = (int)p->out_w * (int)p->stride_x - p->left;
    int y0[4] = { -p->top, 0, 0, 0 };
    int x0[4] = { -p->left, 0, 0, 0 };
    uint8_t rows;
    for (size_t left = (size_t)p->out_h * p->out_w; left > 0; left -= rows, y += (size_t)rows * p->out_c) {
        rows = left < 4 ? (uint8_t)left : 4;
        int next_y = y0[0], next_x = x0[0];
        for (uint8_t k = 0; k < 4; k++) {
            /* Behind the last pixel that one is repeated. */
            y0[k] = k < rows ? next_y : y0[k - 1];
            x0[k] = k < rows ? next_x : x0[k - 1];
            if ((next_x += (int)p->stride_x) == end) {
                next_x = -p->left;
                next_y += (int)p->stride_y;
            }
        }
        cell_conv_2d_windows(p, x, y0, x0, windows);
        cell_pack_four(&packs, windows, p->blocks, y, p->out_c, rows);
        y0[0] = next_y;
        x0[0] = next_x;
    }
}
