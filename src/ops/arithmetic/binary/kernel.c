/* Quotient and remainder of a division rounded down, int32. A divisor of zero gives zero. */
#include "params.generated.h"

static inline int32_t cell_binary_at(uint8_t kind, int64_t a, int64_t b)
{
    if (b == 0)
        return 0;
    int64_t rest = a % b;
    if (rest != 0 && (rest < 0) != (b < 0))
        rest += b;
    return (int32_t)(kind == 0 ? (a - rest) / b : rest);
}

static inline void cell_binary(const cell_binary_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            y[i++] = (Y_T)cell_binary_at(p->kind, A_AT(a, from.at[0]), B_AT(b, from.at[1]));
            from.at[0] += p->step_a;
            from.at[1] += p->step_b;
        }
    }
}
