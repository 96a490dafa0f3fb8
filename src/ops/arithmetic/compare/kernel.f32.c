/* Comparison in float32. */
#include "params.generated.h"

static inline void cell_compare(const cell_compare_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            const float u = A_AT(a, from.at[0]);
            const float v = B_AT(b, from.at[1]);
            /* The last is for NaN, which is not even equal to itself. */
            y[i++] = (p->accept & (u < v ? 1 : u > v ? 4 : u <= v ? 2 : 8)) != 0;
            from.at[0] += p->step_a;
            from.at[1] += p->step_b;
        }
    }
}
