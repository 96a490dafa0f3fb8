/* Rows divided by their Euclidean length, in float32; the length of a row of zeros counts as 1e-6. */
#include "params.generated.h"
#include <math.h>

static inline void cell_l2_normalization(const cell_l2_normalization_params *p, const X_T *x, Y_T *y)
{
    for (ROWS_T r = 0; r < p->rows; r++, x += p->depth, y += p->depth) {
        float sum = 0;
        for (DEPTH_T c = 0; c < p->depth; c++)
            sum += x[c] * x[c];
        const float length = sqrtf(sum);
        for (DEPTH_T c = 0; c < p->depth; c++)
            y[c] = x[c] / (length < 1e-6f ? 1e-6f : length);
    }
}
