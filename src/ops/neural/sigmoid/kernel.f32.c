/* Logistic function or hyperbolic tangent in float32; the ends of the logistic function are TFLite's. */
#include "params.generated.h"
#include <math.h>

static inline float cell_sigmoid_logistic(float x)
{
    return x > 16.619047f ? 1.0f : x < -9.0f ? expf(x) : 1.0f / (1.0f + expf(-x));
}

static inline void cell_sigmoid(const cell_sigmoid_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++)
        y[i] = p->tanh ? tanhf(X_AT(x, i)) : cell_sigmoid_logistic(X_AT(x, i));
}
