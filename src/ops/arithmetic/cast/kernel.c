/* Integers in another element type. */
#include "params.generated.h"

static inline void cell_cast(const cell_cast_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++)
        y[i] = p->truth ? (Y_T)(X_AT(x, i) != 0) : (Y_T)X_AT(x, i);
}
