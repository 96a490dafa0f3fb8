/* Quotient and remainder of a division rounded down, and powers, in float32. */
#include "params.generated.h"
#include <math.h>

static inline float cell_binary_at(uint8_t kind, float a, float b)
{
    if (kind == 2)
        return powf(a, b);
    /* In double precision, as TFLite: a quotient just below an integer must not round up to it. */
    if (kind == 0)
        return (float)floor((double)a / (double)b);
    const float rest = fmodf(a, b);
    return (rest < 0.0f || rest > 0.0f) && (rest < 0.0f) != (b < 0.0f) ? rest + b : rest;
}

static inline void cell_binary(const cell_binary_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            y[i++] = cell_binary_at(p->kind, A_AT(a, from.at[0]), B_AT(b, from.at[1]));
            from.at[0] += p->step_a;
            from.at[1] += p->step_b;
        }
    }
}
