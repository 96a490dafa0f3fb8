/* 2-D convolution for Helium: the windows of four pixels become blocks of 16 inputs, which meet two output channels at once. */
#include "params.mve.generated.h"

/* The window at (y0, x0) as bytes in a row; cells outside the image hold the zero point. */
static inline void cell_conv_2d_column(const cell_conv_2d_params *p, const X_T *x, int32_t y0, int32_t x0, uint8_t inside, int8_t *column)
{
    size_t n = p->run;
    int32_t first = 0;
    if (!inside) {
        cell_mve_fill(column, p->zero_x, (size_t)p->run * p->k_h);
        const int32_t rest = (int32_t)p->in_w - x0;
        first = x0 < 0 ? -x0 : 0;
        const int32_t cells = (rest < (int32_t)p->k_w ? rest : (int32_t)p->k_w) - first;
        if (cells <= 0)
            return;
        n = (size_t)cells * p->in_c;
        column += (size_t)first * p->in_c;
    }
    for (K_H_T ky = 0; ky < p->k_h; ky++, y0 += (int32_t)p->dilation_y, column += p->run)
        if (inside || (y0 >= 0 && y0 < (int32_t)p->in_h))
            cell_mve_copy(column, x + ((size_t)y0 * p->in_w + (size_t)(x0 + first)) * p->in_c, n);
}

/* Bytes in a row as blocks, side by side with those of three other pixels where there are four. */
static inline void cell_conv_2d_blocks(int8_t *y, const int8_t *x, size_t n, uint32_t tile)
{
    if (tile == 4)
        cell_mve_every4(y, x, n);
    else
        cell_mve_copy(y, x, n);
}

/* The window at (y0, x0) as blocks. */
static inline void cell_conv_2d_gather(const cell_conv_2d_params *p, const X_T *x, int32_t y0, int32_t x0, int8_t *y, uint32_t tile, int8_t *column)
{
    const uint8_t inside = y0 >= 0 && x0 >= 0 && y0 + (int32_t)(p->k_h - 1) * (int32_t)p->dilation_y < (int32_t)p->in_h && x0 + (int32_t)p->k_w <= (int32_t)p->in_w;
    if (inside && p->direct) {
        x += ((size_t)y0 * p->in_w + (size_t)x0) * p->in_c;
        const size_t row = (size_t)p->in_w * p->in_c * p->dilation_y;
        for (K_H_T ky = 0; ky < p->k_h; ky++, x += row, y += (size_t)p->run * tile)
            cell_conv_2d_blocks(y, x, p->run, tile);
        return;
    }
    cell_conv_2d_column(p, x, y0, x0, inside, column);
    cell_conv_2d_blocks(y, column, (size_t)p->run * p->k_h, tile);
}

static inline void cell_conv_2d(const cell_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_mve_tiles tiles = { p->w, p->q, p->out, p->blocks, p->lo, p->hi, p->sign };
    const uint32_t pixels = (uint32_t)p->out_h * p->out_w;
    const uint32_t tile = pixels < 4 ? 1 : 4;
    int8_t *const blocks = (int8_t *)scratch;
    int8_t *const column = blocks + (size_t)p->blocks * 16 * tile;
    int32_t y0 = -p->top;
    int32_t x0 = -p->left;
    const int32_t end = x0 + (int32_t)p->out_w * (int32_t)p->stride_x;
    for (uint32_t pixel = 0; pixel < pixels; pixel += tile, y += (size_t)tile * p->out) {
        const uint32_t left = pixels - pixel < tile ? pixels - pixel : tile;
        for (uint32_t k = 0; k < tile; k++) {
            int8_t *const to = blocks + (size_t)k * 16;
            if (p->flat) {
                cell_conv_2d_blocks(to, x + (size_t)(pixel + (k < left ? k : left - 1)) * p->in_c, p->in_c, tile);
                continue;
            }
            cell_conv_2d_gather(p, x, y0, x0, to, tile, column);
            if (k + 1 >= left)
                continue;
            x0 += (int32_t)p->stride_x;
            if (x0 == end) {
                x0 = -p->left;
                y0 += (int32_t)p->stride_y;
            }
        }
        if (tile == 4)
            cell_mve_tile4(&tiles, blocks, left, y);
        else
            cell_mve_row8(&tiles, blocks, y);
        x0 += (int32_t)p->stride_x;
        if (x0 == end) {
            x0 = -p->left;
            y0 += (int32_t)p->stride_y;
        }
    }
}
