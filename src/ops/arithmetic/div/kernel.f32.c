/* Quotient of two tensors in float32. */
#include "params.generated.h"

static inline void cell_div(const cell_div_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            const float v = A_AT(a, from.at[0]) / B_AT(b, from.at[1]);
            y[i++] = v < p->f_lo ? p->f_lo : v > p->f_hi ? p->f_hi : v;
            from.at[0] += p->step_a;
            from.at[1] += p->step_b;
        }
    }
}
