/* y[c] = b[c] - sum over i of z^2 (or |z|), z = (x[i] - m) * r in float32; with `pick`, the index of the largest y. */
#include "params.generated.h"

static void cell_gaussian(const cell_gaussian_params *p, const X_T *x, Y_T *y)
{
    const OFFSET_T *m = p->offset; /* (rows, features) */
    const R_T *r = p->r; /* (rows, features), or (features) when shared */
    float best = 0.0f;
    for (ROWS_T c = 0; c < p->rows; c++) {
        float sum = CELL_ROM(B_T, p->b + c);
        if (p->shared)
            r = p->r;
        for (FEATURES_T i = 0; i < p->features; i++) {
            const float d = x[i] - CELL_ROM_NEXT(OFFSET_T, m);
            const float z = d * CELL_ROM_NEXT(R_T, r);
            sum -= p->power == 2 ? z * z : z < 0.0f ? -z : z;
        }
        if (!p->pick) {
            y[c] = (Y_T)sum;
        } else if (c == 0 || sum > best) {
            best = sum;
            y[0] = (Y_T)c;
        }
    }
}
