/* Position of the largest or smallest element along the middle axis; the first one on a tie. */
#include "params.generated.h"

static inline void cell_arg_extreme(const cell_arg_extreme_params *p, const X_T *x, Y_T *y)
{
    for (OUTER_T o = 0; o < p->outer; o++) {
        for (INNER_T i = 0; i < p->inner; i++) {
            size_t at = i;
            X_T best = x[at];
            N_T found = 0;
            for (N_T k = 1; k < p->n; k++) {
                at += p->inner;
                if (p->smallest ? x[at] < best : x[at] > best) {
                    best = x[at];
                    found = k;
                }
            }
            *y++ = (Y_T)found;
        }
        x += (size_t)p->n * p->inner;
    }
}
