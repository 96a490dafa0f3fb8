/* Sum over the middle axis in float32, divided by the number of elements for a mean. */
#include "params.generated.h"

static inline void cell_reduce_sum(const cell_reduce_sum_params *p, const X_T *x, Y_T *y)
{
    for (OUTER_T o = 0; o < p->outer; o++) {
        for (INNER_T i = 0; i < p->inner; i++) {
            float sum = 0.0f;
            size_t at = i;
            for (N_T k = 0; k < p->n; k++) {
                sum += x[at];
                at += p->inner;
            }
            *y++ = sum / p->divisor;
        }
        x += (size_t)p->n * p->inner;
    }
}
