/* Two straight lines that meet at zero, and bounds: bytes by a table, 16 bits by a multiplier for each line. */
#include "params.generated.h"

static inline void cell_rectify(const cell_rectify_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++) {
        if (sizeof(X_T) == 1) {
            y[i] = (Y_T)CELL_ROM(TABLE_T, p->table + (uint8_t)X_AT(x, i));
        } else {
            const int32_t v = X_AT(x, i) - p->zero_x;
            const int32_t size = v >= 0 ? cell_requant(v, p->mult_above, p->shift_above) : cell_requant(v, p->mult_below, p->shift_below);
            const int32_t w = (v >= 0 ? p->flip_above : p->flip_below) ? p->zero_y - size : p->zero_y + size;
            y[i] = (Y_T)(w < p->lo ? p->lo : w > p->hi ? p->hi : w);
        }
    }
}
