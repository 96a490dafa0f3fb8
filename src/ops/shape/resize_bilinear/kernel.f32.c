/* Bilinear resizing in float32; a neighbour without weight is replaced by the other one, so that none is read outside. */
#include "params.generated.h"

static inline void cell_resize_bilinear(const cell_resize_bilinear_params *p, const X_T *x, Y_T *y)
{
    for (OUT_H_T i = 0; i < p->out_h; i++) {
        const float fy = CELL_ROM(PART_Y_T, p->part_y + i);
        const size_t down = fy <= 0.0f ? 0 : (size_t)p->in_w * p->c;
        const X_T *row = x + (size_t)CELL_ROM(ROW_T, p->row + i) * p->in_w * p->c;
        for (OUT_W_T j = 0; j < p->out_w; j++) {
            const float fx = CELL_ROM(PART_X_T, p->part_x + j);
            const size_t right = fx <= 0.0f ? 0 : (size_t)p->c;
            const X_T *v = row + (size_t)CELL_ROM(COLUMN_T, p->column + j) * p->c;
            for (C_T k = 0; k < p->c; k++) {
                const float above = v[0] * (1.0f - fx) + v[right] * fx;
                const float below = v[down] * (1.0f - fx) + v[down + right] * fx;
                *y++ = above * (1.0f - fy) + below * fy;
                v++;
            }
        }
    }
}
