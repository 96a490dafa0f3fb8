/* 2-D convolution for Helium: the windows of four pixels become blocks of 16 inputs, which meet two output channels at once. */
#include "params.mve.generated.h"

/* The window at (y0, x0) as bytes in a row; cells outside the image hold the zero point. */
static inline void cell_conv_2d_column(const cell_conv_2d_params *p, const X_T *x, int32_t y0, int32_t x0, int8_t *column)
{
    const int32_t first = x0 < 0 ? -x0 : 0;
    const int32_t rest = (int32_t)p->in_w - x0;
    const int32_t last = rest < (int32_t)p->k_w ? rest : (int32_t)p->k_w;
    const size_t before = (size_t)first * p->in_c;
    for (K_H_T ky = 0; ky < p->k_h; ky++, y0 += (int32_t)p->dilation_y, column += p->run) {
        if (y0 < 0 || y0 >= (int32_t)p->in_h || first >= last) {
            cell_mve_fill(column, p->zero_x, p->run);
            continue;
        }
        const size_t inside = (size_t)(last - first) * p->in_c;
        if (inside < p->run)
            cell_mve_fill(column, p->zero_x, p->run);
        cell_mve_copy(column + before, x + ((size_t)y0 * p->in_w + (size_t)(x0 + first)) * p->in_c, inside);
    }
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
    cell_conv_2d_column(p, x, y0, x0, column);
    cell_conv_2d_blocks(y, column, (size_t)p->run * p->k_h, tile);
}

static inline void cell_conv_2d(const cell_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_mve_tiles tiles = { p->w, p->q, p->out, p->blocks, p->lo, p->hi, p->sign };
    const uint32_t pixels = (uint32_t)p->out_h * p->out_w;
    const uint32_t tile = pixels < 4 ? 1 : 4;
    int8_t *const blocks = (int8_t *)scratch;
    int8_t *const column = blocks + (size_t)p->blocks * 16 * tile;
    for (uint32_t pixel = 0;;) {
        int32_t y0 = (int32_t)(pixel / p->out_w * p->stride_y) - p->top;
        int32_t x0 = (int32_t)(pixel % p->out_w * p->stride_x) - p->left;
        for (uint32_t k = 0; k < tile; k++) {
            cell_conv_2d_gather(p, x, y0, x0, blocks + (size_t)k * 16, tile, column);
            x0 += (int32_t)p->stride_x;
            if (x0 == (int32_t)p->out_w * (int32_t)p->stride_x - p->left) {
                x0 = -p->left;
                y0 += (int32_t)p->stride_y;
            }
        }
        if (tile == 4)
            cell_mve_tile4(&tiles, blocks, y + (size_t)pixel * p->out, p->out);
        else
            cell_mve_row8(&tiles, blocks, y + (size_t)pixel * p->out);
        if (pixel + tile == pixels)
            return;
        /* The last tile ends with the last pixel. */
        pixel = pixel + 2 * tile <= pixels ? pixel + tile : pixels - tile;
    }
}
