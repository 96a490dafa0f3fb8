/* 1 where the only score lies above a constant: float32 scores. */
#include "params.generated.h"

static inline void cell_threshold(const cell_threshold_params *p, const X_T *x, Y_T *y)
{
    *y = (Y_T)(x[0] > p->real);
}
