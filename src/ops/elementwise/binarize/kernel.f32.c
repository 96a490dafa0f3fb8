/* y[i] = x[i] > at in float32. */
#include "params.generated.h"

static inline void cell_binarize(const cell_binarize_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++)
        y[i] = x[i] > CELL_ROM(AT_T, p->at) ? 1.0f : 0.0f;
}
