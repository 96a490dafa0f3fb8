/* y[i] = b[i] + sum over the stored weights of row i of w * x in float32. */
#include "params.generated.h"

static void cell_sparse_linear(const cell_sparse_linear_params *p, const X_T *x, Y_T *y)
{
    const W_T *w = p->w;
    const SKIP_T *skip = p->skip;
    for (ROWS_T i = 0; i < p->rows; i++) {
        const X_T *at = x;
        float sum = 0.0f;
        uint16_t n = p->cols;
        if (p->form == 1)
            skip = p->skip;
        if (p->form == 2)
            n = CELL_ROM(COUNT_T, p->count + i);
        for (; n > 0; n--) {
            if (p->form != 0)
                at += CELL_ROM_NEXT(SKIP_T, skip);
            sum += CELL_ROM_NEXT(W_T, w) * *at++;
        }
        y[i] = sum + CELL_ROM(B_T, p->b + i);
    }
}
