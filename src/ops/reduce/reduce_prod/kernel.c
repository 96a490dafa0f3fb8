/* Product over the middle axis. */
#include "params.generated.h"

static inline void cell_reduce_prod(const cell_reduce_prod_params *p, const X_T *x, Y_T *y)
{
    for (OUTER_T o = 0; o < p->outer; o++) {
        for (INNER_T i = 0; i < p->inner; i++) {
            Y_T product = 1;
            size_t at = i;
            for (N_T k = 0; k < p->n; k++) {
                product = (Y_T)(product * x[at]);
                at += p->inner;
            }
            *y++ = product;
        }
        x += (size_t)p->n * p->inner;
    }
}
