/* Fully connected layer: one sum of products for each row and output. */
#include "params.generated.h"

static inline void cell_fully_connected(const cell_fully_connected_params *p, const X_T *x, Y_T *y)
{
    for (ROWS_T r = 0; r < p->rows; r++, x += p->depth) {
        const W_T *w = p->w;
        for (OUT_T o = 0; o < p->out; o++) {
            const X_T *v = x;
            CELL_ACC(X_T) sum = CELL_ROM(B_T, p->b + o);
            for (DEPTH_T i = 0; i < p->depth; i++, v++)
                sum += CELL_MUL(int16_t, W_T, (int16_t)(*v - p->zero_x), CELL_ROM_NEXT(W_T, w));
            const OUT_T m = p->per_channel ? o : 0;
            const int32_t q = CELL_REQUANT(X_T, sum, CELL_ROM(MULT_T, p->mult + m), CELL_ROM(SHIFT_T, p->shift + m)) + p->zero_y;
            *y++ = (Y_T)(q < p->lo ? p->lo : q > p->hi ? p->hi : q);
        }
    }
}
