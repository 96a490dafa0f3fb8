/* y[c] = b[c] - sum over i of z^2 (or |z|), z = (x[i] * r + offset) >> shift: the distance to a centre in its own widths.
 * The compiler has bounded the sum for every input. With `pick`, only the index of the largest y: terms only ever lower
 * it, so a centre is left as soon as it has lost. */
#include "params.generated.h"

static void cell_gaussian(const cell_gaussian_params *p, const X_T *x, Y_T *y)
{
    const R_T *r = p->r; /* (rows, features), or (features) when shared */
    const OFFSET_T *offset = p->offset; /* (rows, features) */
    const SHIFT_T *shift = p->shift; /* as r */
    const B_T *b = p->b; /* (rows) */
    int32_t best = 0;
    for (ROWS_T c = 0; c < p->rows; c++) {
        int32_t sum = (int32_t)CELL_ROM_NEXT(B_T, b);
        if (p->shared) {
            r = p->r;
            shift = p->shift;
        }
        for (FEATURES_T i = 0; i < p->features; i++) {
            int32_t z = CELL_MUL(X_T, R_T, x[i], CELL_ROM_NEXT(R_T, r)) + CELL_ROM_NEXT(OFFSET_T, offset);
            z >>= p->same_shift ? p->shift0 : CELL_ROM_NEXT(SHIFT_T, shift);
            if (z < 0)
                z = -z;
            if (z > p->top)
                z = p->top;
            sum -= p->power == 2 ? CELL_MUL(int16_t, int16_t, (int16_t)z, (int16_t)z) >> p->fold : z;
            if (p->pick && c != 0 && sum <= best) {
                const FEATURES_T left = (FEATURES_T)(p->features - 1 - i);
                offset += left;
                r += left;
                shift += left;
                break;
            }
        }
        if (!p->pick) {
            y[c] = (Y_T)sum;
        } else if (c == 0 || sum > best) {
            best = sum;
            y[0] = (Y_T)c;
        }
    }
}
