/* Logarithm of softmax over the last axis, in fixed point. Qm.n: m bits before the point, n behind it. */
#include "params.generated.h"

static inline int32_t cell_log_softmax_high(int32_t a, int32_t b)
{
    return cell_requant(a, b, 0);
}

/* Shift left, saturated; v is not negative. */
static inline int32_t cell_log_softmax_left(int32_t v, uint8_t n)
{
    return v > (0x7fffffff >> n) ? 0x7fffffff : (int32_t)((uint32_t)v << n);
}

static inline uint8_t cell_log_softmax_headroom(int32_t v)
{
    uint8_t n = 1;
    for (; v < 0x40000000; v *= 2)
        n++;
    return n;
}

/* 1 / (1 + a) in Q0.31: three steps of Newton's method, then saturated. */
static inline int32_t cell_log_softmax_reciprocal(int32_t a)
{
    const int32_t half = (int32_t)(((uint32_t)a + 0x80000000U) >> 1);
    int32_t x = 1515870810 + cell_log_softmax_high(half, -1010580540);
    for (uint8_t i = 0; i < 3; i++)
        x += cell_log_softmax_high(x, 0x20000000 - cell_log_softmax_high(half, x)) * 4;
    return cell_log_softmax_left(x, 1);
}

/* Natural logarithm of a sum of at least 1 in Q12.19, to Q5.26. */
static inline int32_t cell_log_softmax_log(int32_t sum)
{
    const int32_t fourth_root_of_half = 1805811301;
    const int32_t root_of_half = 1518500250;
    const uint8_t headroom = cell_log_softmax_headroom(sum);
    const int32_t a = cell_log_softmax_left(cell_log_softmax_high(sum * ((int32_t)1 << (headroom - 1)), root_of_half), 1);
    const int32_t power_a = (12 - (int32_t)headroom) * 0x2000000 + 0x800000;
    const uint8_t headroom_b = (uint8_t)(cell_log_softmax_headroom(cell_log_softmax_high(sum, root_of_half)) - 1);
    const int32_t b = cell_log_softmax_left(sum, headroom_b);
    const int32_t power_b = (12 - (int32_t)headroom_b) * 0x2000000 - 0x800000;
    const int32_t r = a < b ? a : b;
    const int32_t p = (int32_t)(((uint32_t)r + (uint32_t)fourth_root_of_half + 1) / 2);
    const int32_t q = (r - fourth_root_of_half) * 2;
    const int32_t square = cell_log_softmax_high(q, q);
    const int32_t numerator = cell_log_softmax_high(q, r) + cell_log_softmax_high(cell_log_softmax_high(q, square), 117049297);
    const int32_t denominator = cell_log_softmax_high(p, 1057819769 + q + cell_log_softmax_high(127690142, square)) + cell_log_softmax_high(638450708, q);
    /* Divided by 64, rounded half away from zero. */
    const int32_t narrow = (numerator >> 6) + ((numerator & 63) > 31 + (numerator < 0) ? 1 : 0);
    const int32_t quotient = cell_log_softmax_high(narrow, cell_log_softmax_reciprocal(denominator));
    return cell_log_softmax_left(cell_log_softmax_high(power_a > power_b ? power_a : power_b, 1488522236) + quotient, 1);
}

static inline void cell_log_softmax_row(const cell_log_softmax_params *p, const X_T *x, Y_T *y, X_T max)
{
    int32_t sum = 0;
    for (DEPTH_T c = 0; c < p->depth; c++) {
        const uint16_t d = (uint16_t)(max - x[c]);
        if (d < p->reach)
            sum += CELL_ROM(TABLE_T, p->table + d);
    }
    const int32_t log = cell_log_softmax_log(sum);
    /* Differences from here on leave the range of Q5.26 once the logarithm is subtracted: they give the smallest value. */
    int32_t limit = cell_requant(log - 0x7fffffff - 1, p->back_mult, p->back_shift);
    if (limit < -(int32_t)p->reach)
        limit = -(int32_t)p->reach;
    for (DEPTH_T c = 0; c < p->depth; c++) {
        const int32_t d = (int32_t)x[c] - max;
        int32_t v = -128;
        if (d > limit) {
            v = cell_requant(d, p->mult, p->shift) - log;
            v = (v >> 22) + ((v & 0x3fffff) > 0x1fffff + (v < 0) ? 1 : 0) + 127;
        }
        y[c] = (Y_T)cell_clamp(v, -128, 127);
    }
}

static inline void cell_log_softmax(const cell_log_softmax_params *p, const X_T *x, Y_T *y)
{
    for (ROWS_T r = 0; r < p->rows; r++, x += p->depth, y += p->depth) {
        X_T max = x[0];
        for (DEPTH_T c = 1; c < p->depth; c++)
            max = x[c] > max ? x[c] : max;
        cell_log_softmax_row(p, x, y, max);
    }
}
