/* Float32 in another element type: the fraction is dropped, and the ends of the type hold. */
#include "params.generated.h"

static inline void cell_cast(const cell_cast_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++) {
        const float v = X_AT(x, i);
        y[i] = p->truth ? (Y_T)(v != 0.0f) : (Y_T)(v > p->lo ? (v < p->hi ? v : p->hi) : p->lo);
    }
}
