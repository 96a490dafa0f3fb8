/* Integers of one scale to integers of another: bytes to bytes by a table, others by a multiplier. */
#include "params.generated.h"

static inline void cell_requantize(const cell_requantize_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++) {
        if (sizeof(X_T) == 1 && sizeof(Y_T) == 1) {
            y[i] = (Y_T)CELL_ROM(TABLE_T, p->table + (uint8_t)X_AT(x, i));
        } else {
            const int32_t v = cell_requant(X_AT(x, i) - p->zero_x, p->mult, p->shift) + p->zero_y;
            y[i] = (Y_T)(v < p->lo ? p->lo : v > p->hi ? p->hi : v);
        }
    }
}
