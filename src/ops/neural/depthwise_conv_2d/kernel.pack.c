/* 3x3 depthwise convolution for CPUs with nothing but a 32-bit multiply: channel by channel, band by band of rows, as a plane in scratch memory. */
#include "params.pack.generated.h"

/* Rows of the output from their sums, as many as there are. */
static inline void cell_depthwise_conv_2d_put(const cell_depthwise_conv_2d_params *p, const cell_packs *packs, cell_pack_outputs *f, const int32_t *sums, Y_T *y, uint32_t row, size_t rows)
{
    if (row >= p->out_h)
        return;
    const size_t rest = p->out_h - row;
    f->y = y + row * (size_t)p->out_w * p->in_c;
    f->end = sums + (rows < rest ? rows : rest) * p->out_w;
    cell_pack_put(packs, sums, f);
}

static inline void cell_depthwise_conv_2d(const cell_depthwise_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_packs packs = { p->w, p->q, p->e, p->lo, p->hi };
    const cell_pack_image image = {
        (int32_t)p->in_h, (int32_t)p->in_w, p->in_c, p->left, (int32_t)p->columns, (int32_t)p->rows, (int32_t)p->half * p->stride, (int8_t)p->zero_x,
    };
    const size_t width = (size_t)p->out_w * 4;
    const size_t apart = p->lines * width;
    const size_t pitch = (size_t)p->columns * 4;
    int32_t *const sums = (int32_t *)(void *)scratch;
    int32_t *const plane = sums + apart / 2;
    cell_pack_taps taps = { plane, p->w, sums, apart, pitch, width, p->stride * (pitch - width), 0 };
    cell_pack_outputs outputs = { p->q, y, p->in_c, sums };
    for (IN_C_T c = 0; c < p->in_c; c++, taps.w += 3, outputs.q += 4) {
        for (uint32_t band = 0; band < p->out_h; band += 2 * (uint32_t)p->half) {
            cell_pack_plane(&image, x + c, (int32_t)(band * p->stride) - p->top, plane);
            for (uint32_t r = 0; r < p->half; r += p->lines) {
                const uint32_t lower = band + r, upper = lower + p->half;
                taps.rows = p->half - r < p->lines ? p->half - r : p->lines;
                taps.x = plane + (size_t)r * p->stride * p->columns;
                if (p->stride == 1)
                    cell_pack_taps_one(&taps);
                else
                    cell_pack_taps_two(&taps);
                cell_depthwise_conv_2d_put(p, &packs, &outputs, sums, y + c, lower, taps.rows);
                cell_depthwise_conv_2d_put(p, &packs, &outputs, sums + apart / 4, y + c, upper, taps.rows);
            }
        }
    }
}
