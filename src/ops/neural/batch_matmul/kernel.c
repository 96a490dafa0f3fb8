/* Products of matrices; either operand may be transposed, and may be a constant. */
#include "params.generated.h"

static inline void cell_batch_matmul(const cell_batch_matmul_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    for (MATRICES_T m = 0; m < p->matrices; m++) {
        size_t row = (size_t)CELL_ROM(FROM_A_T, p->from_a + m);
        for (ROWS_T r = 0; r < p->rows; r++, row += (size_t)p->a_row) {
            size_t col = (size_t)CELL_ROM(FROM_B_T, p->from_b + m);
            for (COLS_T c = 0; c < p->cols; c++, col += (size_t)p->b_col) {
                CELL_ACC(A_T) sum = 0;
                size_t i = row;
                size_t k = col;
                for (DEPTH_T d = 0; d < p->depth; d++, i += (size_t)p->a_step, k += (size_t)p->b_step)
                    sum += (int32_t)(A_AT(a, i) - p->zero_a) * (B_AT(b, k) - p->zero_b);
                const int32_t v = CELL_REQUANT(A_T, sum, p->mult, p->shift) + p->zero_y;
                *y++ = (Y_T)(v < p->lo ? p->lo : v > p->hi ? p->hi : v);
            }
        }
    }
}
