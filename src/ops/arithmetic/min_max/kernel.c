/* The larger or the smaller of two tensors, of any element type. */
#include "params.generated.h"

static inline void cell_min_max(const cell_min_max_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            const A_T u = A_AT(a, from.at[0]);
            const B_T v = B_AT(b, from.at[1]);
            y[i++] = (u > v) == (p->largest != 0) ? u : v;
            from.at[0] += p->step_a;
            from.at[1] += p->step_b;
        }
    }
}
