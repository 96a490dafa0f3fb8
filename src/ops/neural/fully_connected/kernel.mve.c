/* Fully connected layer for Helium: rows copied to blocks of 16 inputs, four at once where there are so many. */
#include "params.mve.generated.h"

static inline void cell_fully_connected(const cell_fully_connected_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    cell_mve_tiles tiles = { p->w, p->q, p->out, p->blocks, p->lo, p->hi, { 0 } };
    int8_t *const blocks = (int8_t *)scratch;
    if (p->rows < 4) {
        for (ROWS_T k = 0; k < p->rows; k++, x += p->depth, y += p->out) {
            cell_mve_copy(blocks, x, p->depth);
            cell_mve_row8(&tiles, blocks, y);
        }
        return;
    }
    for (size_t row = 0; row < p->rows; row += 4) {
        const uint32_t rows = p->rows - row < 4 ? (uint32_t)(p->rows - row) : 4;
        for (uint32_t k = 0; k < 4; k++)
            cell_mve_every4(blocks + k * 16, x + (row + (k < rows ? k : rows - 1)) * p->depth, p->depth);
        cell_mve_tile_places(&tiles, rows);
        cell_mve_tile4(&tiles, blocks, y + row * p->out, p->sign);
    }
}
