/* 2-D convolution for the DSP extension: the windows of four pixels become columns of 16-bit lanes, which meet two output channels at once. */
#include "params.dsp.generated.h"

/* `n` cells of row y0 of the image from column x0 on; those outside hold the zero point. */
static inline void cell_conv_2d_line(const cell_conv_2d_params *p, const X_T *x, int32_t y0, int32_t x0, int32_t n, int8_t *y)
{
    const int32_t first = x0 < 0 ? -x0 : 0;
    const int32_t rest = (int32_t)p->in_w - x0;
    const int32_t last = rest < n ? rest : n;
    const size_t all = (size_t)n * p->in_c;
    if (y0 < 0 || y0 >= (int32_t)p->in_h || first >= last) {
        memset(y, p->zero_x, all);
        return;
    }
    const size_t before = (size_t)first * p->in_c;
    const size_t inside = (size_t)(last - first) * p->in_c;
    memset(y, p->zero_x, before);
    cell_dsp_copy(x + ((size_t)y0 * p->in_w + (size_t)(x0 + first)) * p->in_c, inside, y + before);
    memset(y + before + inside, p->zero_x, all - before - inside);
}

/* Windows of `pixels` (1 or 4) pixels `step` bytes apart as lanes: of all rows what fills whole words, then what is left of each. */
static inline void cell_conv_2d_windows(const cell_conv_2d_params *p, const int8_t *x, size_t row, size_t step, uint32_t pixels, uint32_t *y, size_t lane)
{
    const size_t whole = p->run & ~(size_t)3;
    const size_t tail = p->run & 3;
    const int8_t *line = x;
    for (K_H_T ky = 0; ky < p->k_h; ky++, line += row, y += (whole >> 1) * lane) {
        if (pixels == 4)
            cell_dsp_tile_spread(line, step, whole, y);
        else
            cell_dsp_spread(line, whole, y, lane);
    }
    if (tail > 0)
        for (uint32_t k = 0; k < pixels; k++)
            cell_dsp_tile_tails(x + k * step + whole, row, p->k_h, tail, y + k, lane);
}

static inline uint8_t cell_conv_2d_inside(const cell_conv_2d_params *p, int32_t y0, int32_t x0)
{
    return y0 >= 0 && x0 >= 0 && y0 + (int32_t)(p->k_h - 1) * (int32_t)p->dilation_y < (int32_t)p->in_h && x0 + (int32_t)p->k_w <= (int32_t)p->in_w;
}

/* The windows of `pixels` pixels of one row, from the image, from rows with their borders, or one by one as `column`. */
static inline void cell_conv_2d_gather(const cell_conv_2d_params *p, const X_T *x, const cell_dsp_place *at, uint32_t pixels, uint32_t *y, size_t lane, int8_t *column)
{
    const size_t pixel = p->in_c;
    const int32_t step = (int32_t)p->stride_x;
    if (p->lines > 0) {
        const size_t row = (size_t)p->wide * p->dilation_y;
        cell_conv_2d_windows(p, at->band + (size_t)(at->x + p->left) * pixel, row, (size_t)step * pixel, pixels, y, lane);
        return;
    }
    if (cell_conv_2d_inside(p, at->y, at->x) && cell_conv_2d_inside(p, at->y, at->x + (int32_t)(pixels - 1) * step)) {
        const size_t row = (size_t)p->in_w * pixel;
        cell_conv_2d_windows(p, x + (size_t)at->y * row + (size_t)at->x * pixel, row * p->dilation_y, (size_t)step * pixel, pixels, y, lane);
        return;
    }
    for (uint32_t k = 0; k < pixels; k++) {
        int8_t *to = column;
        for (K_H_T ky = 0; ky < p->k_h; ky++, to += p->run)
            cell_conv_2d_line(p, x, at->y + (int32_t)ky * (int32_t)p->dilation_y, at->x + (int32_t)k * step, (int32_t)p->k_w, to);
        cell_conv_2d_windows(p, column, p->run, 0, 1, y + k, lane);
    }
}

/* On to the next row of outputs where this one has ended; rows of a new band are copied with their borders. */
static inline void cell_conv_2d_row(const cell_conv_2d_params *p, const X_T *x, cell_dsp_place *at, uint32_t row, int8_t *band)
{
    at->x = -p->left;
    at->y = (int32_t)row * (int32_t)p->stride_y - p->top;
    if (p->lines == 0)
        return;
    const uint32_t within = row % p->band;
    at->band = band + (size_t)within * p->stride_y * p->wide;
    if (within == 0)
        for (LINES_T k = 0; k < p->lines; k++)
            cell_conv_2d_line(p, x, at->y + (int32_t)k, at->x, (int32_t)(p->wide / p->in_c), band + (size_t)k * p->wide);
}

/* Four pixels (or one), all channels; they may stand in several rows. */
static inline void cell_conv_2d_tile(const cell_conv_2d_params *p, const X_T *x, cell_dsp_place *at, uint32_t done, uint32_t tile, uint32_t *lanes, int8_t *column)
{
    if (p->flat) {
        if (tile == 4)
            cell_dsp_tile_spread(x + (size_t)done * p->in_c, p->in_c, p->in_c, lanes);
        else
            cell_dsp_spread(x + (size_t)done * p->in_c, p->in_c, lanes, 1);
        return;
    }
    uint32_t ox = done % p->out_w;
    const uint32_t together = ox + tile <= p->out_w ? tile : 1;
    for (uint32_t k = 0; k < tile; k += together, ox += together, at->x += (int32_t)(together * p->stride_x)) {
        if (ox == 0 || ox == p->out_w) {
            ox = 0;
            cell_conv_2d_row(p, x, at, (done + k) / p->out_w, column);
        }
        cell_conv_2d_gather(p, x, at, together, lanes + k, tile, column);
    }
}

static inline void cell_conv_2d(const cell_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_dsp_tiles tiles = { p->w, p->q, p->pairs, p->words, p->lo, p->hi, p->act };
    uint32_t *const lanes = (uint32_t *)(void *)scratch;
    int8_t *const column = (int8_t *)(scratch + (size_t)p->words * 16);
    const uint32_t pixels = (uint32_t)p->out_h * p->out_w;
    /* An output that starts behind the input may run over what has been read from its end. */
    const uint8_t back = p->flat && (uintptr_t)y > (uintptr_t)x;
    cell_dsp_place at = { 0, 0, column };
    for (uint32_t rest = pixels; rest > 0;) {
        const uint32_t tile = (back ? rest % 4 == 0 : rest >= 4) ? 4 : 1;
        const uint32_t first = back ? rest - tile : pixels - rest;
        Y_T *const z = y + (size_t)first * p->out_c;
        cell_conv_2d_tile(p, x, &at, first, tile, lanes, column);
        if (tile == 4)
            cell_dsp_tile4(&tiles, lanes, z, p->out_c);
        else
            cell_dsp_tile1(&tiles, lanes, z);
        rest -= tile;
    }
}
