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

static inline void cell_conv_2d(const cell_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_packs packs = { p->w, p->q, p->e, p->lo, p->hi };
    int32_t *const windows = (int32_t *)(void *)scratch;
    int8_t *const copies = (int8_t *)(windows + (size_t)p->blocks * 8);
    const size_t pixels = (size_t)p->out_h * p->out_w;
    int y0 = -p->top;
    int x0 = -p->left;
    const int end = x0 + (int)p->out_w * (int)p->stride_x;
    for (size_t done = 0; done < pixels; done += 4, y += (size_t)4 * p->out_c) {
        const uint8_t rows = pixels - done < 4 ? (uint8_t)(pixels - done) : 4;
        int ys[4], xs[4];
        for (uint8_t k = 0; k < 4; k++) {
            ys[k] = y0;
            xs[k] = x0;
            /* Behind the last pixel it is repeated. */
            if (k + 1 < rows && (x0 += (int)p->stride_x) == end) {
                x0 = -p->left;
                y0 += (int)p->stride_y;
            }
        }
        if ((x0 += (int)p->stride_x) == end) {
            x0 = -p->left;
            y0 += (int)p->stride_y;
        }
        int32_t *to = windows;
        for (K_H_T ky = 0; ky < p->k_h; ky++) {
            const int8_t *from[4];
            for (uint8_t k = 0; k < 4; k++)
                from[k] = cell_conv_2d_row(p, x, ys[k] + (int)ky * (int)p->dilation_y, xs[k], copies + k * p->run);
            to = cell_pack_gather(from, p->run, to);
        }
        while (to < (int32_t *)(void *)copies)
            *to++ = 0;
        cell_pack_four(&packs, windows, p->blocks, y, p->out_c, rows);
    }
}
