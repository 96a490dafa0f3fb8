/* 2-D convolution for the DSP extension: the windows of four pixels become columns of 16-bit lanes, which meet two output channels at once. */
#include "params.dsp.generated.h"

/* The window at (y0, x0) as bytes in a row; cells outside the image hold the zero point. */
static inline void cell_conv_2d_column(const cell_conv_2d_params *p, const X_T *x, int32_t y0, int32_t x0, int8_t *column)
{
    const int32_t first = x0 < 0 ? -x0 : 0;
    const int32_t rest = (int32_t)p->in_w - x0;
    const int32_t last = rest < (int32_t)p->k_w ? rest : (int32_t)p->k_w;
    const size_t before = (size_t)first * p->in_c;
    for (K_H_T ky = 0; ky < p->k_h; ky++, y0 += (int32_t)p->dilation_y, column += p->run) {
        if (y0 < 0 || y0 >= (int32_t)p->in_h || first >= last) {
            memset(column, p->zero_x, p->run);
            continue;
        }
        const size_t inside = (size_t)(last - first) * p->in_c;
        memset(column, p->zero_x, before);
        memcpy(column + before, x + ((size_t)y0 * p->in_w + (size_t)(x0 + first)) * p->in_c, inside);
        memset(column + before + inside, p->zero_x, p->run - before - inside);
    }
}

static inline uint8_t cell_conv_2d_inside(const cell_conv_2d_params *p, int32_t y0, int32_t x0)
{
    return y0 >= 0 && x0 >= 0 && y0 + (int32_t)(p->k_h - 1) * (int32_t)p->dilation_y < (int32_t)p->in_h && x0 + (int32_t)p->k_w <= (int32_t)p->in_w;
}

/* The window at (y0, x0) as lanes. */
static inline void cell_conv_2d_gather(const cell_conv_2d_params *p, const X_T *x, int32_t y0, int32_t x0, uint32_t *y, size_t lane, int8_t *column)
{
    const uint8_t inside = cell_conv_2d_inside(p, y0, x0);
    if (inside && p->direct) {
        x += ((size_t)y0 * p->in_w + (size_t)x0) * p->in_c;
        const size_t row = (size_t)p->in_w * p->in_c * p->dilation_y;
        for (K_H_T ky = 0; ky < p->k_h; ky++, x += row, y += (size_t)(p->run >> 1) * lane)
            cell_dsp_spread(x, p->run, y, lane);
        return;
    }
    if (inside) {
        const X_T *from = x + ((size_t)y0 * p->in_w + (size_t)x0) * p->in_c;
        int8_t *to = column;
        for (K_H_T ky = 0; ky < p->k_h; ky++, from += (size_t)p->in_w * p->in_c * p->dilation_y, to += p->run)
            memcpy(to, from, p->run);
    } else {
        cell_conv_2d_column(p, x, y0, x0, column);
    }
    cell_dsp_spread(column, (size_t)p->run * p->k_h, y, lane);
}

/* The windows of four pixels in one row that lie inside the image. */
static inline void cell_conv_2d_four(const cell_conv_2d_params *p, const X_T *x, uint32_t *y)
{
    const size_t row = (size_t)p->in_w * p->in_c * p->dilation_y;
    for (K_H_T ky = 0; ky < p->k_h; ky++, x += row, y += (size_t)p->run * 2)
        cell_dsp_tile_spread(x, (size_t)p->stride_x * p->in_c, p->run, y);
}

static inline void cell_conv_2d(const cell_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_dsp_tiles tiles = { p->w, p->q, p->pairs, p->words, p->lo, p->hi, p->act };
    uint32_t *const lanes = (uint32_t *)(void *)scratch;
    int8_t *const column = (int8_t *)(scratch + (size_t)p->words * 16);
    const uint32_t pixels = (uint32_t)p->out_h * p->out_w;
    const int32_t step = (int32_t)p->stride_x;
    int32_t y0 = -p->top;
    int32_t x0 = -p->left;
    const int32_t end = x0 + (int32_t)p->out_w * step;
    /* An output that starts behind the input may run over what has been read from its end. */
    const uint8_t back = p->flat && (uintptr_t)y > (uintptr_t)x;
    for (uint32_t rest = pixels; rest > 0;) {
        const uint32_t tile = (back ? rest % 4 == 0 : rest >= 4) ? 4 : 1;
        const uint32_t first = back ? rest - tile : pixels - rest;
        Y_T *const z = y + (size_t)first * p->out_c;
        if (p->flat) {
            if (tile == 4)
                cell_dsp_tile_spread(x + (size_t)first * p->in_c, p->in_c, p->in_c, lanes);
            else
                cell_dsp_spread(x + (size_t)first * p->in_c, p->in_c, lanes, 1);
        } else if (tile == 4 && p->direct && x0 + 4 * step <= end && cell_conv_2d_inside(p, y0, x0) && cell_conv_2d_inside(p, y0, x0 + 3 * step)) {
            cell_conv_2d_four(p, x + ((size_t)y0 * p->in_w + (size_t)x0) * p->in_c, lanes);
            x0 += 4 * step;
        } else {
            for (uint32_t k = 0; k < tile; k++, x0 += step) {
                if (x0 == end) {
                    x0 = -p->left;
                    y0 += (int32_t)p->stride_y;
                }
                cell_conv_2d_gather(p, x, y0, x0, lanes + k, tile, column);
            }
        }
        if (x0 == end) {
            x0 = -p->left;
            y0 += (int32_t)p->stride_y;
        }
        if (tile == 4)
            cell_dsp_tile4(&tiles, lanes, z, p->out_c);
        else
            cell_dsp_tile1(&tiles, lanes, z);
        rest -= tile;
    }
}
