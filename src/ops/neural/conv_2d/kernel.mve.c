/* 2-D convolution for Helium: the windows of four pixels become blocks of 16 inputs, which meet two output channels at once. */
#include "params.mve.generated.h"

/* `rows` rows of n bytes from the image to a column. */
static inline void cell_conv_2d_rows(const cell_conv_2d_params *p, const X_T *x, int32_t rows, size_t n, int8_t *column)
{
    const size_t step = (size_t)p->in_w * p->in_c * p->dilation_y;
    if (p->run > 16)
        for (; rows > 0; rows--, x += step, column += p->run)
            cell_mve_copy(column, x, n);
    else
        for (; rows > 0; rows--, x += step, column += p->run)
            cell_mve_copy_first(column, x, n);
}

/* A window that begins at (y0, x0) and is not inside the image: there its column holds the zero point. */
static inline void cell_conv_2d_border(const cell_conv_2d_params *p, const X_T *x, int32_t y0, int32_t x0, int8_t *column)
{
    const int32_t dilation = (int32_t)p->dilation_y;
    const int32_t left = x0 < 0 ? -x0 : 0;
    const int32_t right = (int32_t)p->in_w - x0 < (int32_t)p->k_w ? (int32_t)p->in_w - x0 : (int32_t)p->k_w;
    const int32_t above = y0 < 0 ? (dilation - 1 - y0) / dilation : 0;
    const int32_t rows = (int32_t)p->in_h - y0 > 0 ? ((int32_t)p->in_h - y0 + dilation - 1) / dilation : 0;
    cell_mve_fill(column, p->zero_x, (size_t)p->run * p->k_h);
    if (left >= right)
        return;
    x += ((ptrdiff_t)(y0 + above * dilation) * (int32_t)p->in_w + x0 + left) * (int32_t)p->in_c;
    cell_conv_2d_rows(p, x, (rows < (int32_t)p->k_h ? rows : (int32_t)p->k_h) - above, (size_t)(right - left) * p->in_c, column + (size_t)above * p->run + (size_t)left * p->in_c);
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
    const ptrdiff_t first = ((ptrdiff_t)y0 * (int32_t)p->in_w + x0) * (int32_t)p->in_c;
    if (inside && p->direct) {
        const X_T *from = x + first;
        const size_t row = (size_t)p->in_w * p->in_c * p->dilation_y;
        for (K_H_T ky = 0; ky < p->k_h; ky++, from += row, y += (size_t)p->run * tile)
            cell_conv_2d_blocks(y, from, p->run, tile);
        return;
    }
    if (inside)
        cell_conv_2d_rows(p, x + first, (int32_t)p->k_h, p->run, column);
    else
        cell_conv_2d_border(p, x, y0, x0, column);
    cell_conv_2d_blocks(y, column, (size_t)p->run * p->k_h, tile);
}

static inline void cell_conv_2d(const cell_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    cell_mve_tiles tiles = { p->w, p->q, p->out, p->blocks, p->lo, p->hi, { 0 } };
    const uint32_t pixels = (uint32_t)p->out_h * p->out_w;
    const uint32_t tile = pixels < 4 ? 1 : 4;
    int8_t *const blocks = (int8_t *)scratch;
    int8_t *const column = blocks + (size_t)p->blocks * 16 * tile;
    int32_t y0 = -p->top;
    int32_t x0 = -p->left;
    const int32_t end = x0 + (int32_t)p->out_w * (int32_t)p->stride_x;
    cell_mve_tile_places(&tiles, tile);
    for (uint32_t pixel = 0; pixel < pixels; pixel += tile, y += (size_t)tile * p->out) {
        const uint32_t left = pixels - pixel < tile ? pixels - pixel : tile;
        if (left < tile)
            cell_mve_tile_places(&tiles, left);
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
            cell_mve_tile4(&tiles, blocks, y, p->sign);
        else
            cell_mve_row8(&tiles, blocks, y);
        x0 += (int32_t)p->stride_x;
        if (x0 == end) {
            x0 = -p->left;
            y0 += (int32_t)p->stride_y;
        }
    }
}
