/* Fully connected layer in float32. */
#include "params.generated.h"

static inline void cell_fully_connected(const cell_fully_connected_params *p, const X_T *x, Y_T *y)
{
    for (ROWS_T r = 0; r < p->rows; r++, x += p->depth) {
        const W_T *w = p->w;
        for (OUT_T o = 0; o < p->out; o++) {
            const X_T *v = x;
            float sum = CELL_ROM(B_T, p->b + o);
            for (DEPTH_T i = 0; i < p->depth; i++)
                sum += *v++ * CELL_ROM_NEXT(W_T, w);
            *y++ = sum < p->f_lo ? p->f_lo : sum > p->f_hi ? p->f_hi : sum;
        }
    }
}
