/* Sum or difference: both operands are brought to twice the larger of their scales, then to that of the output. */
#include "params.generated.h"

static inline void cell_add(const cell_add_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    const int32_t unit = (int32_t)1 << (sizeof(A_T) == 1 ? 20 : 15);
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            const int32_t u = cell_requant((A_AT(a, from.at[0]) - p->zero_a) * unit, p->mult_a, p->shift_a);
            const int32_t v = cell_requant((B_AT(b, from.at[1]) - p->zero_b) * unit, p->mult_b, p->shift_b);
            const int32_t sum = cell_requant(p->subtract ? u - v : u + v, p->mult_y, p->shift_y) + p->zero_y;
            y[i++] = (Y_T)(sum < p->lo ? p->lo : sum > p->hi ? p->hi : sum);
            from.at[0] += p->step_a;
            from.at[1] += p->step_b;
        }
    }
}
