/* Logarithm of softmax over the last axis, in float32. */
#include "params.generated.h"
#include <math.h>

static inline void cell_log_softmax(const cell_log_softmax_params *p, const X_T *x, Y_T *y)
{
    for (ROWS_T r = 0; r < p->rows; r++, x += p->depth, y += p->depth) {
        X_T max = x[0];
        float sum = 0;
        for (DEPTH_T c = 1; c < p->depth; c++)
            max = x[c] > max ? x[c] : max;
        for (DEPTH_T c = 0; c < p->depth; c++)
            sum += expf(x[c] - max);
        const float log_sum = logf(sum);
        for (DEPTH_T c = 0; c < p->depth; c++)
            y[c] = x[c] - max - log_sum;
    }
}
