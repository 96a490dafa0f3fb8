/* Comparison of integers: quantised ones in units of 1/256, plain ones as they are. */
#include "params.generated.h"

static inline void cell_compare(const cell_compare_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            int32_t u = A_AT(a, from.at[0]);
            int32_t v = B_AT(b, from.at[1]);
            if (p->scaled) {
                u = cell_requant((u - p->zero_a) * 256, p->mult_a, p->shift_a);
                v = cell_requant((v - p->zero_b) * 256, p->mult_b, p->shift_b);
            }
            y[i++] = (p->accept & (u < v ? 1 : u > v ? 4 : 2)) != 0;
            from.at[0] += p->step_a;
            from.at[1] += p->step_b;
        }
    }
}
