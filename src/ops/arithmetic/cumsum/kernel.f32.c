/* Running sum along one axis in float32. */
#include "params.generated.h"

static inline void cell_cumsum(const cell_cumsum_params *p, const X_T *x, Y_T *y)
{
    for (OUTER_T o = 0; o < p->outer; o++) {
        for (INNER_T i = 0; i < p->inner; i++) {
            float sum = 0.0f;
            for (LENGTH_T k = 0; k < p->length; k++) {
                const size_t row = (size_t)o * p->length + (size_t)(p->reverse ? p->length - 1 - k : k);
                const size_t at = row * p->inner + i;
                const float before = sum;
                sum += X_AT(x, at);
                y[at] = p->exclusive ? before : sum;
            }
        }
    }
}
