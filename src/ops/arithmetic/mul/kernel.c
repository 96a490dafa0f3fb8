/* Product of two tensors, element by element, brought to the scale of the output by one multiplier. */
#include "params.generated.h"

static inline void cell_mul(const cell_mul_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            const int32_t product = (int32_t)(A_AT(a, from.at[0]) - p->zero_a) * (B_AT(b, from.at[1]) - p->zero_b);
            const int32_t v = cell_requant(product, p->mult, p->shift) + p->zero_y;
            y[i++] = (Y_T)(v < p->lo ? p->lo : v > p->hi ? p->hi : v);
            from.at[0] += p->step_a;
            from.at[1] += p->step_b;
        }
    }
}
