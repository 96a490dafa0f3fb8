/* Fully connected layer with weights of less than 8 bits. */
#include "params.bits.generated.h"

static inline void cell_fully_connected(const cell_fully_connected_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_bits layer = { p->w, p->q, p->m, p->depth, p->out, p->bits, p->step, p->least, p->wide, p->many, p->zero_y, p->lo, p->hi };
    for (ROWS_T left = p->rows; left > 0;) {
        const uint8_t rows = left >= 4 ? 4 : 1;
        cell_bits_rows(&layer, x, rows, y, (uint32_t *)(void *)scratch);
        x += (size_t)rows * p->depth;
        y += (size_t)rows * p->out;
        left = (ROWS_T)(left - rows);
    }
}
