/* y[i] = clamp(b[i] + (sum over the stored weights of row i of w * x >> shift)); the compiler has bounded the sum. A nibble is
 * read where it stands, in the upper half of a byte, so it counts 16 times; the shift takes that back. */
#include "params.generated.h"

static void cell_sparse_linear(const cell_sparse_linear_params *p, const X_T *x, Y_T *y)
{
    const W_T *w = p->w; /* weights, pairs of weights, or weights beside gaps: row after row */
    const SKIP_T *skip = p->skip;
    for (ROWS_T i = 0; i < p->rows; i++) {
        const X_T *at = x;
        int32_t sum = 0;
        uint8_t pair = 0;
        uint8_t half = 0;
        uint16_t n = p->cols;
        if (p->form == 1)
            skip = p->skip;
        if (p->form == 2)
            n = CELL_ROM(COUNT_T, p->count + i);
        for (; n > 0; n--) {
            W_T weight;
            if (p->form == 1 || (p->form == 2 && !p->nibbles))
                at += CELL_ROM_NEXT(SKIP_T, skip);
            if (!p->nibbles) {
                weight = CELL_ROM_NEXT(W_T, w);
            } else if (p->form == 2) {
                pair = (uint8_t)CELL_ROM_NEXT(W_T, w);
                at += pair & 15;
                weight = (int8_t)(pair & 0xf0);
            } else {
                pair = half ? (uint8_t)(pair << 4) : (uint8_t)CELL_ROM_NEXT(W_T, w);
                half = !half;
                weight = (int8_t)(pair & 0xf0);
            }
            sum += CELL_MUL(X_T, W_T, *at, weight);
            at++;
        }
        y[i] = (Y_T)cell_clamp(CELL_ROM(B_T, p->b + i) + (sum >> p->shift), -p->top, p->top);
    }
}
