/* 2-D convolution with weights of less than 8 bits: the windows of four pixels become rows of bytes, which meet the weights of one output after the other. */
#include "params.bits.generated.h"

/* The window at (y0, x0) as bytes in a row; cells outside the image hold the zero point. */
static inline void cell_conv_2d_column(const cell_conv_2d_params *p, const X_T *x, int y0, int x0, int8_t *column)
{
    const int first = x0 < 0 ? -x0 : 0;
    const int rest = (int)p->in_w - x0;
    const int last = rest < (int)p->k_w ? rest : (int)p->k_w;
    const size_t before = (size_t)first * p->in_c;
    const size_t inside = first < last ? (size_t)(last - first) * p->in_c : 0;
    for (K_H_T ky = 0; ky < p->k_h; ky++, y0 += (int)p->dilation_y, column += p->run) {
        const uint8_t row = y0 >= 0 && y0 < (int)p->in_h && inside > 0;
        if (!row || inside < p->run)
            memset(column, p->zero_x, p->run);
        if (row)
            memcpy(column + before, x + ((size_t)y0 * p->in_w + (size_t)(x0 + first)) * p->in_c, inside);
    }
}

static inline void cell_conv_2d(const cell_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const size_t depth = (size_t)p->run * p->k_h;
    const cell_bits layer = { p->w, p->q, p->m, depth, p->out_c, p->bits, p->step, p->least, p->wide, p->many, p->zero_y, p->lo, p->hi };
    int8_t *const column = (int8_t *)scratch + ((depth + 31) & ~(size_t)31);
    const size_t pixels = (size_t)p->out_h * p->out_w;
    int y0 = -p->top;
    int x0 = -p->left;
    const int end = x0 + (int)p->out_w * (int)p->stride_x;
    uint8_t rows;
    for (size_t done = 0; done < pixels; done += rows, y += (size_t)rows * p->out_c) {
        rows = pixels - done >= 4 ? 4 : 1;
        if (p->flat) {
            memcpy(column, x, rows * depth);
            x += rows * depth;
        }
        for (uint8_t k = 0; !p->flat && k < rows; k++, x0 += (int)p->stride_x) {
            if (x0 == end) {
                x0 = -p->left;
                y0 += (int)p->stride_y;
            }
            cell_conv_2d_column(p, x, y0, x0, column + k * depth);
        }
        cell_bits_rows(&layer, column, rows, y, (uint32_t *)(void *)scratch);
    }
}
