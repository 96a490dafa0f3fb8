/* y = x / norm(x) in float32. */
#include "params.generated.h"
#include <math.h>

static void cell_normalize(const cell_normalize_params *p, const X_T *x, Y_T *y)
{
    float sum = 0.0f;
    for (N_T i = 0; i < p->n; i++) {
        const float v = x[i] < 0.0f ? -x[i] : x[i];
        sum = p->norm == 0 ? sum + v : p->norm == 1 ? sum + v * v : v > sum ? v : sum;
    }
    if (p->norm == 1)
        sum = sqrtf(sum);
    for (N_T i = 0; i < p->n; i++)
        y[i] = sum > 0.0f ? x[i] / sum : 0.0f;
}
