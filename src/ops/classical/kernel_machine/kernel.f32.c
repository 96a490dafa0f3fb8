/* y[p] = b[p] + sum over support vectors of dual[p][i] * K(x, sv[i]) in float32; table holds gamma and coef0. */
#include "params.generated.h"
#include <math.h>

/* libsvm's repeated squaring. */
static inline float cell_kernel_machine_power(float base, uint8_t times)
{
    float y = 1.0f;
    for (; times > 0; times >>= 1) {
        if (times & 1)
            y *= base;
        base *= base;
    }
    return y;
}

static inline float cell_kernel_machine_value(const cell_kernel_machine_params *p, const X_T *x, const SV_T *sv)
{
    const float gamma = CELL_ROM(TABLE_T, p->table);
    float sum = 0.0f;
    for (FEATURES_T j = 0; j < p->features; j++) {
        const float s = CELL_ROM_NEXT(SV_T, sv);
        sum += p->kernel == 0 ? (x[j] - s) * (x[j] - s) : x[j] * s;
    }
    if (p->kernel == 0)
        return expf(-gamma * sum);
    const float inner = gamma * sum + CELL_ROM(TABLE_T, p->table + 1);
    return p->kernel == 1 ? cell_kernel_machine_power(inner, p->degree) : tanhf(inner);
}

static void cell_kernel_machine(const cell_kernel_machine_params *p, const X_T *x, Y_T *y)
{
    const SV_T *sv = p->sv;       /* (vectors, features) */
    const DUAL_T *dual = p->dual; /* (vectors, rows) */
    const PAIR_T *pair = p->pair; /* (groups, rows): the outputs a vector of this class adds to */
    const B_T *b = p->b;          /* (outputs) */
    for (OUTPUTS_T o = 0; o < p->outputs; o++)
        y[o] = CELL_ROM_NEXT(B_T, b);
    for (GROUPS_T g = 0; g < p->groups; g++) {
        for (COUNT_T i = CELL_ROM(COUNT_T, p->count + g); i > 0; i--) {
            const float k = cell_kernel_machine_value(p, x, sv);
            sv += p->features;
            for (ROWS_T r = 0; r < p->rows; r++)
                y[CELL_ROM(PAIR_T, pair + r)] += CELL_ROM_NEXT(DUAL_T, dual) * k;
        }
        pair += p->rows;
    }
}
