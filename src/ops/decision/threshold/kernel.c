/* 1 where the only score lies above a constant. */
#include "params.generated.h"

static inline void cell_threshold(const cell_threshold_params *p, const X_T *x, Y_T *y)
{
    *y = (Y_T)(p->always || x[0] > (X_T)p->at);
}
