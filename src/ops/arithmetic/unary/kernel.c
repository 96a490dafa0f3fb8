/* A function of every element, by a table: 256 answers for bytes; for 16 bits 513 points with straight lines between them. */
#include "params.generated.h"

static inline void cell_unary(const cell_unary_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++) {
        const X_T v = X_AT(x, i);
        if (sizeof(X_T) == 1) {
            y[i] = (Y_T)CELL_ROM(TABLE_T, p->table + (uint8_t)v);
        } else {
            const TABLE_T *left = p->table + (256 + (v >> 7));
            const int32_t base = CELL_ROM(TABLE_T, left);
            y[i] = (Y_T)(base + (((CELL_ROM(TABLE_T, left + 1) - base) * (v & 127) + 64) >> 7));
        }
    }
}
