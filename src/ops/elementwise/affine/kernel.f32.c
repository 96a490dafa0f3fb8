/* y[i] = x[i] * scale[i] + offset[i] in float32. */
#include "params.generated.h"

static inline void cell_affine(const cell_affine_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++)
        y[i] = x[i] * CELL_ROM(SCALE_T, p->scale + i) + CELL_ROM(OFFSET_T, p->offset + i);
}
