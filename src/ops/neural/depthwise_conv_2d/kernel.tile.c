/* Depthwise convolution for CPUs with a multiplier but no lanes: the windows of two pixels are copied, and every weight meets both. */
#include "params.tile.generated.h"

/* The window at (y0, x0), cell after cell; cells outside the image hold the zero point. */
static inline void cell_depthwise_conv_2d_window(const cell_depthwise_conv_2d_params *p, const X_T *x, int y0, int x0, int8_t *y)
{
    const uint8_t joined = p->dilation_x == 1 && x0 >= 0 && x0 + (int)p->k_w <= (int)p->in_w;
    const size_t run = joined ? (size_t)p->k_w * p->in_c : p->in_c;
    for (K_H_T ky = 0; ky < p->k_h; ky++, y0 += (int)p->dilation_y) {
        const uint8_t row = y0 >= 0 && y0 < (int)p->in_h;
        int ix = x0;
        for (K_W_T kx = 0; kx < p->k_w; kx = joined ? p->k_w : (K_W_T)(kx + 1), ix += (int)p->dilation_x, y += run) {
            if (row && ix >= 0 && ix < (int)p->in_w)
                memcpy(y, x + ((size_t)y0 * p->in_w + (size_t)ix) * p->in_c, run);
            else
                memset(y, p->zero_x, run);
        }
    }
}

static inline void cell_depthwise_conv_2d(const cell_depthwise_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_tiles tiles = { p->w, p->b, p->mult, p->right, (size_t)p->k_h * p->k_w, p->in_c, p->zero_y, p->lo, p->hi };
    int8_t *const windows = (int8_t *)scratch;
    const size_t size = tiles.depth * tiles.out;
    const size_t pixels = (size_t)p->out_h * p->out_w;
    int y0 = -p->top;
    int x0 = -p->left;
    const int end = x0 + (int)p->out_w * (int)p->stride_x;
    uint8_t rows;
    for (size_t done = 0; done < pixels; done += rows, y += rows * tiles.out) {
        rows = pixels - done > 1 ? 2 : 1;
        for (uint8_t k = 0; k < rows; k++, x0 += (int)p->stride_x) {
            if (x0 == end) {
                x0 = -p->left;
                y0 += (int)p->stride_y;
            }
            cell_depthwise_conv_2d_window(p, x, y0, x0, windows + k * size);
        }
        cell_tile_each(&tiles, windows, rows > 1 ? windows + size : windows, y, rows);
    }
}
