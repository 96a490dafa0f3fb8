/* y[g] = b[g] - sum of squares of group g. The shift brings x to 16 bits; the compiler has bounded the sum. */
#include "params.generated.h"

static void cell_sum_squares(const cell_sum_squares_params *p, const X_T *x, Y_T *y)
{
    for (GROUPS_T g = 0; g < p->groups; g++) {
        int32_t sum = (int32_t)CELL_ROM(B_T, p->b + g);
        for (SIZE_T i = 0; i < p->size; i++) {
            const int32_t z = cell_clamp(((int32_t)*x++ - p->zero) >> p->shift, -p->top, p->top);
            sum -= CELL_MUL(int16_t, int16_t, (int16_t)z, (int16_t)z) >> p->fold;
        }
        y[g] = (Y_T)sum;
    }
}
