/* Fully connected layer for CPUs with nothing but a 32-bit multiply: a row as words, then four outputs at a time. */
#include "params.pack.generated.h"

static inline void cell_fully_connected(const cell_fully_connected_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_packs packs = { p->w, p->q, p->e, p->lo, p->hi };
    int32_t *const words = (int32_t *)(void *)scratch;
    for (ROWS_T r = 0; r < p->rows; r++, x += p->depth, y += p->out) {
        cell_pack_stream(x, p->depth, words);
        cell_pack_row(&packs, words, p->blocks, y, p->out);
    }
}
