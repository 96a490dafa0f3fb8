/* Square of a difference: both operands are brought to twice the larger of their scales, the square to that of the output. */
#include "params.generated.h"

static inline void cell_squared_difference(const cell_squared_difference_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    /* 255 << 7 squared still fits 32 bits. */
    const int32_t unit = sizeof(A_T) == 1 ? 128 : 1;
    const int32_t lo = sizeof(Y_T) == 1 ? INT8_MIN : INT16_MIN;
    const int32_t hi = sizeof(Y_T) == 1 ? INT8_MAX : INT16_MAX;
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            const int32_t u = cell_requant((A_AT(a, from.at[0]) - p->zero_a) * unit, p->mult_a, p->shift_a);
            const int32_t w = cell_requant((B_AT(b, from.at[1]) - p->zero_b) * unit, p->mult_b, p->shift_b);
            const int32_t v = cell_requant((u - w) * (u - w), p->mult_y, p->shift_y) + p->zero_y;
            y[i++] = (Y_T)(v < lo ? lo : v > hi ? hi : v);
            from.at[0] += p->step_a;
            from.at[1] += p->step_b;
        }
    }
}
