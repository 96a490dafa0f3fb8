/* Leaky relu with its slopes in a tensor, in float32. */
#include "params.generated.h"

static inline void cell_prelu(const cell_prelu_params *p, const X_T *x, const ALPHA_T *alpha, Y_T *y)
{
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            const float v = X_AT(x, from.at[0]);
            y[i++] = v >= 0.0f ? v : v * ALPHA_AT(alpha, from.at[1]);
            from.at[0] += p->step_x;
            from.at[1] += p->step_alpha;
        }
    }
}
