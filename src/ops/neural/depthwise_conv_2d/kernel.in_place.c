/* Depthwise convolution whose output may lie exactly where its input does: channel by channel, with the rows of one window copied out
 * before the output overwrites them. Cells outside the image hold the zero point, so that no step asks where the border is. */
#include "params.in_place.generated.h"

/* Rows y0 and below of the channel at x, `rows` of them, each `width` cells wide in the window with `left` cells of border. */
static inline void cell_depthwise_conv_2d_rows(const cell_depthwise_conv_2d_params *p, const X_T *x, int y0, int8_t *z, size_t rows)
{
    for (z += p->left; rows > 0; rows--, y0++, z += p->width) {
        if (y0 < 0 || y0 >= (int)p->in_h) {
            memset(z, p->zero_x, p->inside);
            continue;
        }
        const X_T *v = x + (size_t)y0 * p->in_w * p->in_c;
        for (INSIDE_T k = 0; k < p->inside; k++, v += p->in_c)
            z[k] = *v;
    }
}

/* Three cells in a row: two windows that are `step` cells apart meet every weight. */
static inline void cell_depthwise_conv_2d_three(const int8_t *v, const W_T *w, size_t step, int32_t *sum)
{
    const int8_t w0 = CELL_ROM(W_T, w), w1 = CELL_ROM(W_T, w + 1), w2 = CELL_ROM(W_T, w + 2);
    sum[0] += v[0] * w0;
    sum[1] += v[step] * w0;
    sum[0] += v[1] * w1;
    sum[1] += v[step + 1] * w1;
    sum[0] += v[2] * w2;
    sum[1] += v[step + 2] * w2;
}

/* Two whole windows. */
static inline void cell_depthwise_conv_2d_sums(const cell_depthwise_conv_2d_params *p, const int8_t *v, const W_T *w, size_t step, int32_t *sum)
{
    const size_t down = (size_t)p->width * p->dilation_y;
    if (p->k_w == 3 && p->k_h == 3 && p->dilation_x == 1) {
        cell_depthwise_conv_2d_three(v, w, step, sum);
        cell_depthwise_conv_2d_three(v + down, w + 3, step, sum);
        cell_depthwise_conv_2d_three(v + 2 * down, w + 6, step, sum);
        return;
    }
    for (K_H_T ky = p->k_h; ky > 0; ky--, v += down) {
        const int8_t *cell = v;
        for (K_W_T kx = p->k_w; kx > 0; kx--, cell += p->dilation_x) {
            const int8_t weight = CELL_ROM_NEXT(W_T, w);
            sum[0] += cell[0] * weight;
            sum[1] += cell[step] * weight;
        }
    }
}

/* One row of outputs of channel c, two at a time; the last one alone is made twice. */
static inline void cell_depthwise_conv_2d_row(const cell_depthwise_conv_2d_params *p, const cell_tiles *stage, IN_C_T c, const int8_t *window, Y_T *y)
{
    const int32_t bias = CELL_ROM(int32_t, p->b + c);
    const W_T *w = p->w + (size_t)c * p->cells;
    OUT_W_T left = p->out_w;
    for (; left > 1; left = (OUT_W_T)(left - 2), window += 2 * (size_t)p->stride_x, y += 2 * (size_t)p->in_c) {
        int32_t sum[2] = { bias, bias };
        cell_depthwise_conv_2d_sums(p, window, w, p->stride_x, sum);
        const int8_t first = cell_tile_stage(stage, c, sum[0]), second = cell_tile_stage(stage, c, sum[1]);
        y[0] = first;
        y[p->in_c] = second;
    }
    if (left > 0) {
        int32_t sum[2] = { bias, bias };
        cell_depthwise_conv_2d_sums(p, window, w, 0, sum);
        y[0] = cell_tile_stage(stage, c, sum[0]);
    }
}

static inline void cell_depthwise_conv_2d(const cell_depthwise_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_tiles stage = { p->w, p->b, p->mult, p->right, p->cells, p->in_c, p->zero_y, p->lo, p->hi };
    int8_t *const window = (int8_t *)scratch;
    const size_t fresh = p->stride_y < p->rows ? p->stride_y : p->rows;
    const size_t kept = (p->rows - fresh) * p->width;
    memset(window, p->zero_x, (size_t)p->rows * p->width);
    for (IN_C_T c = 0; c < p->in_c; c++) {
        int y0 = -p->top;
        cell_depthwise_conv_2d_rows(p, x + c, y0, window, p->rows);
        Y_T *z = y + c;
        for (OUT_H_T oy = p->out_h; oy > 0; oy--, z += (size_t)p->out_w * p->in_c) {
            cell_depthwise_conv_2d_row(p, &stage, c, window, z);
            y0 += (int)p->stride_y;
            memmove(window, window + fresh * p->width, kept);
            if (oy > 1)
                cell_depthwise_conv_2d_rows(p, x + c, y0 + (int)(p->rows - fresh), window + kept, fresh);
        }
    }
}
