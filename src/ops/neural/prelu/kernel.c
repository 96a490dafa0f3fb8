/* Leaky relu with its slopes in a tensor: one multiplier above zero, another one for the products below. */
#include "params.generated.h"

static inline void cell_prelu(const cell_prelu_params *p, const X_T *x, const ALPHA_T *alpha, Y_T *y)
{
    const int32_t lo = sizeof(Y_T) == 1 ? INT8_MIN : INT16_MIN;
    const int32_t hi = sizeof(Y_T) == 1 ? INT8_MAX : INT16_MAX;
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            const int32_t v = X_AT(x, from.at[0]) - p->zero_x;
            const int32_t slope = ALPHA_AT(alpha, from.at[1]) - p->zero_alpha;
            const int32_t w = p->zero_y + (v >= 0 ? cell_requant(v, p->mult_above, p->shift_above) : cell_requant(v * slope, p->mult_below, p->shift_below));
            y[i++] = (Y_T)(w < lo ? lo : w > hi ? hi : w);
            from.at[0] += p->step_x;
            from.at[1] += p->step_alpha;
        }
    }
}
