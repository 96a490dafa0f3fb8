/* Fully connected layer for CPUs with a multiplier but no lanes: two rows at a time, where there are two. */
#include "params.tile.generated.h"

static inline void cell_fully_connected(const cell_fully_connected_params *p, const X_T *x, Y_T *y)
{
    const cell_tiles tiles = { p->w, p->b, p->mult, p->right, p->depth, p->out, p->zero_y, p->lo, p->hi };
    for (ROWS_T left = p->rows; left > 0;) {
        const uint8_t rows = left > 1 ? 2 : 1;
        cell_tile(&tiles, x, x + p->depth, y, rows);
        x += (size_t)rows * p->depth;
        y += (size_t)rows * p->out;
        left = (ROWS_T)(left - rows);
    }
}
