/* relu, tanh or logistic in float32. */
#include "params.generated.h"
#include <math.h>

static void cell_activation(const cell_activation_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++)
        y[i] = p->kind == 0 ? (x[i] > 0.0f ? x[i] : 0.0f) : p->kind == 1 ? tanhf(x[i]) : 1.0f / (1.0f + expf(-x[i]));
}
