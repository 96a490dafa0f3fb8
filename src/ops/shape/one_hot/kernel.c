/* Writes the value of "here" where the index is, the other one elsewhere. */
#include "params.generated.h"

static inline void cell_one_hot(const cell_one_hot_params *p, const X_T *x, Y_T *y)
{
    const Y_T off = CELL_ROM(VALUES_T, p->values);
    const Y_T on = CELL_ROM(VALUES_T, p->values + 1);
    for (OUTER_T o = 0; o < p->outer; o++) {
        for (DEPTH_T d = 0; d < p->depth; d++)
            for (INNER_T i = 0; i < p->inner; i++)
                *y++ = (int32_t)x[i] == (int32_t)d ? on : off;
        x += p->inner;
    }
}
