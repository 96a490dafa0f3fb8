/* Rows divided by their Euclidean length, in fixed point. */
#include "params.generated.h"

static inline int32_t cell_l2_normalization_high(int32_t a, int32_t b)
{
    return cell_requant(a, b, 0);
}

/* 1 / sqrt(n) as multiplier * 2^(shift - 31), n > 1: five steps of Newton's method from 1, in Q3.28. */
static inline int32_t cell_l2_normalization_inverse(int32_t n, int8_t *shift)
{
    int8_t left = -11;
    int32_t x = (int32_t)1 << 28;
    for (; n >= ((int32_t)1 << 29); n /= 4)
        left--;
    for (; n < ((int32_t)1 << 27); n *= 4)
        left++;
    const int32_t half = (n / 2 + 1) / 2;
    for (uint8_t i = 0; i < 5; i++) {
        const int32_t cube = cell_l2_normalization_high(cell_l2_normalization_high(x, x), x) * 64;
        x = (cell_l2_normalization_high(((int32_t)1 << 28) + ((int32_t)1 << 27), x) - cell_l2_normalization_high(half, cube)) * 8;
    }
    x = cell_l2_normalization_high(x, 1518500250);
    *shift = left > 0 ? 0 : left;
    return left > 0 ? x * ((int32_t)1 << left) : x;
}

static inline void cell_l2_normalization(const cell_l2_normalization_params *p, const X_T *x, Y_T *y)
{
    for (ROWS_T r = 0; r < p->rows; r++, x += p->depth, y += p->depth) {
        int32_t sum = 0;
        for (DEPTH_T c = 0; c < p->depth; c++) {
            const int32_t v = (int32_t)x[c] - p->zero_x;
            sum += v * v;
        }
        int8_t shift = 0;
        const int32_t mult = sum > 1 ? cell_l2_normalization_inverse(sum, &shift) : 0x7fffffff;
        for (DEPTH_T c = 0; c < p->depth; c++)
            y[c] = (Y_T)cell_clamp(cell_requant((int32_t)x[c] - p->zero_x, mult, (int8_t)(shift + 7)), -128, 127);
    }
}
