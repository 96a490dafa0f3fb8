/* y[i] = x[i] > at[i]; at is the largest integer that is not above the constant. */
#include "params.generated.h"

static inline void cell_binarize(const cell_binarize_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++)
        y[i] = (Y_T)((int32_t)x[i] > (int32_t)CELL_ROM(AT_T, p->at + (p->common ? 0 : i)));
}
