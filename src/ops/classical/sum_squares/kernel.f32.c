/* y[g] = b[g] - sum of squares of group g in float32. */
#include "params.generated.h"

static void cell_sum_squares(const cell_sum_squares_params *p, const X_T *x, Y_T *y)
{
    for (GROUPS_T g = 0; g < p->groups; g++) {
        float sum = CELL_ROM(B_T, p->b + g);
        for (SIZE_T i = 0; i < p->size; i++, x++)
            sum -= *x * *x;
        y[g] = sum;
    }
}
