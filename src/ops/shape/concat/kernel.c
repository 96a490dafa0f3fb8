/* Runs of all operands in turn. */
#include "params.generated.h"

static inline void cell_concat(const cell_concat_params *p, const X_T *const *x, Y_T *y)
{
    for (OUTER_T o = 0; o < p->outer; o++) {
        for (uint16_t i = 0; i < p->n; i++) {
            const size_t run = (size_t)CELL_ROM(RUN_T, p->run + i);
            memcpy(y, x[i] + run * o, run * sizeof *y);
            y += run;
        }
    }
}
