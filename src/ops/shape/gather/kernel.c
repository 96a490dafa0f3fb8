/* Rows by index; x may be a table in flash. */
#include "params.generated.h"

static inline void cell_gather(const cell_gather_params *p, const X_T *x, const INDEX_T *index, Y_T *y)
{
    for (OUTER_T o = 0; o < p->outer; o++) {
        for (N_T k = 0; k < p->n; k++) {
            const int32_t i = cell_clamp((int32_t)INDEX_AT(index, k), 0, (int32_t)p->size - 1);
            const size_t row = ((size_t)o * p->size + (size_t)i) * p->run;
            for (RUN_T r = 0; r < p->run; r++)
                *y++ = X_AT(x, row + r);
        }
    }
}
