/* y = sum over prototypes of w * exp(-(gamma |z - b|)^2) in float32. */
#include "params.generated.h"
#include <math.h>

static void cell_protonn(const cell_protonn_params *p, const Z_T *z, Y_T *y)
{
    const B_T *b = p->b; /* (prototypes, dims) */
    const W_T *w = p->w; /* (prototypes, outputs) */
    for (OUTPUTS_T o = 0; o < p->outputs; o++)
        y[o] = 0.0f;
    for (PROTOTYPES_T m = 0; m < p->prototypes; m++) {
        float sum = 0.0f;
        for (DIMS_T i = 0; i < p->dims; i++) {
            const float d = z[i] - CELL_ROM_NEXT(B_T, b);
            sum += d * d;
        }
        const float near = expf(-p->gamma * p->gamma * sum);
        for (OUTPUTS_T o = 0; o < p->outputs; o++)
            y[o] += near * CELL_ROM_NEXT(W_T, w);
    }
}
