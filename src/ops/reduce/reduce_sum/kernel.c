/* Sum over the middle axis; the mean's division is inside the multiplier. Rounds twice for int16 as well, as TFLite does here. */
#include "params.generated.h"

static inline void cell_reduce_sum(const cell_reduce_sum_params *p, const X_T *x, Y_T *y)
{
    for (OUTER_T o = 0; o < p->outer; o++) {
        for (INNER_T i = 0; i < p->inner; i++) {
            int32_t sum = -p->zero;
            size_t at = i;
            for (N_T k = 0; k < p->n; k++) {
                sum += x[at];
                at += p->inner;
            }
            *y++ = (Y_T)cell_clamp(cell_requant(sum, p->mult, p->shift) + p->zero_y, p->lo, p->hi);
        }
        x += (size_t)p->n * p->inner;
    }
}
