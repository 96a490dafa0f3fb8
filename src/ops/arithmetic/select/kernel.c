/* Takes each element from one of two tensors of any element type. */
#include "params.generated.h"

static inline void cell_select(const cell_select_params *p, const C_T *c, const A_T *a, const B_T *b, Y_T *y)
{
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 3)) {
        for (RUN_T r = 0; r < p->run; r++) {
            y[i++] = C_AT(c, from.at[0]) != 0 ? A_AT(a, from.at[1]) : B_AT(b, from.at[2]);
            from.at[0] += p->step_c;
            from.at[1] += p->step_a;
            from.at[2] += p->step_b;
        }
    }
}
