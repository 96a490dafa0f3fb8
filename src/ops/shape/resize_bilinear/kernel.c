/* Bilinear resizing with weights of 1/1024; a neighbour without weight is replaced by the other one, so that none is read outside.
 * Sums are as wide as those that CELL_REQUANT takes: 32 bits for int8, 64 for int16. */
#include "params.generated.h"

static inline void cell_resize_bilinear(const cell_resize_bilinear_params *p, const X_T *x, Y_T *y)
{
    for (OUT_H_T i = 0; i < p->out_h; i++) {
        const int16_t fy = CELL_ROM(PART_Y_T, p->part_y + i);
        const size_t down = fy == 0 ? 0 : (size_t)p->in_w * p->c;
        const X_T *row = x + (size_t)CELL_ROM(ROW_T, p->row + i) * p->in_w * p->c;
        for (OUT_W_T j = 0; j < p->out_w; j++) {
            const int16_t fx = CELL_ROM(PART_X_T, p->part_x + j);
            const size_t right = fx == 0 ? 0 : (size_t)p->c;
            const X_T *v = row + (size_t)CELL_ROM(COLUMN_T, p->column + j) * p->c;
            for (C_T k = 0; k < p->c; k++) {
                const int32_t above = (int32_t)v[0] * (1024 - fx) + (int32_t)v[right] * fx;
                const int32_t below = (int32_t)v[down] * (1024 - fx) + (int32_t)v[down + right] * fx;
                const CELL_ACC(X_T) sum = (CELL_ACC(X_T))above * (1024 - fy) + (CELL_ACC(X_T))below * fy;
                *y++ = (Y_T)((sum + (sum > 0 ? 524288 : -524288)) / 1048576);
                v++;
            }
        }
    }
}
