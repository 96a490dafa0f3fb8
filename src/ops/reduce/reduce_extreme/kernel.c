/* Largest or smallest element over the middle axis. */
#include "params.generated.h"

static inline void cell_reduce_extreme(const cell_reduce_extreme_params *p, const X_T *x, Y_T *y)
{
    for (OUTER_T o = 0; o < p->outer; o++) {
        for (INNER_T i = 0; i < p->inner; i++) {
            size_t at = i;
            X_T best = x[at];
            for (N_T k = 1; k < p->n; k++) {
                at += p->inner;
                if (p->smallest ? x[at] < best : x[at] > best)
                    best = x[at];
            }
            *y++ = best;
        }
        x += (size_t)p->n * p->inner;
    }
}
