/* Two straight lines that meet at zero, and bounds, in float32. */
#include "params.generated.h"

static inline void cell_rectify(const cell_rectify_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++) {
        const float u = X_AT(x, i);
        const float v = u * (u >= 0.0f ? p->f_above : p->f_below);
        y[i] = v < p->f_lo ? p->f_lo : v > p->f_hi ? p->f_hi : v;
    }
}
