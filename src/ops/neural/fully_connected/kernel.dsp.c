/* Fully connected layer for the DSP extension: rows spread to 16-bit lanes (four at once, where there are so many) meet two outputs at once. */
#include "params.dsp.generated.h"

static inline void cell_fully_connected(const cell_fully_connected_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_dsp_tiles tiles = { p->w, p->q, p->pairs, p->words, p->lo, p->hi, p->act };
    uint32_t *const lanes = (uint32_t *)(void *)scratch;
    for (ROWS_T left = p->rows; left > 0;) {
        const uint8_t tile = left >= 4 ? 4 : 1;
        for (uint8_t k = 0; k < tile; k++, x += p->depth)
            cell_dsp_spread(x, p->depth, lanes + k, tile);
        if (tile == 4)
            cell_dsp_tile4(&tiles, lanes, y, p->out);
        else
            cell_dsp_tile1(&tiles, lanes, y);
        left = (ROWS_T)(left - tile);
        y += (size_t)tile * p->out;
    }
}
