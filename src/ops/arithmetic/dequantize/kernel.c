/* Integers to float32. */
#include "params.generated.h"

static inline void cell_dequantize(const cell_dequantize_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++)
        y[i] = (float)(X_AT(x, i) - p->zero) * p->scale;
}
