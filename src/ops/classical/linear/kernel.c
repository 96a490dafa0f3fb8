/* y[i] = b[i] + sum over j of w[i][j] * x[j], in 32 bits; the compiler has bounded the sum. */
#include "params.generated.h"

static void cell_linear(const cell_linear_params *p, const X_T *x, Y_T *y)
{
    const W_T *w = p->w; /* (rows, cols) */
    const B_T *b = p->b; /* (rows) */
    for (ROWS_T i = 0; i < p->rows; i++) {
        int32_t sum = CELL_ROM_NEXT(B_T, b);
        for (COLS_T j = 0; j < p->cols; j++)
            sum += CELL_MUL(X_T, W_T, x[j], CELL_ROM_NEXT(W_T, w));
        y[i] = (Y_T)sum;
    }
}
