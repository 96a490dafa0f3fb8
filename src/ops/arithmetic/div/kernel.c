/* Quotient of two int8 tensors: the divisor's reciprocal by Newton's method, as gemmlowp computes it. */
#include "params.generated.h"

/* 1 / (1 + a) for a in [0, 1), Q0.31 to Q0.31. */
static inline int32_t cell_div_reciprocal(uint32_t a)
{
    const int32_t half = (int32_t)((a >> 1) + ((uint32_t)1 << 30));
    int32_t x = 1515870810 + cell_requant(half, -1010580540, 0);
    for (uint8_t i = 0; i < 3; i++)
        x += 4 * cell_requant(x, ((int32_t)1 << 29) - cell_requant(half, x, 0), 0);
    return x >= (int32_t)1 << 30 ? INT32_MAX : 2 * x;
}

/* a / b, times the multiplier; b is not 0. The dividend is shifted up as far as it goes, and the quotient back by as much. */
static inline int32_t cell_div_quotient(int32_t a, int32_t b, int32_t mult, int8_t shift)
{
    if (a == 0)
        return 0;
    if (b < 0) {
        a = -a;
        b = -b;
    }
    uint8_t zeros = 0;
    uint32_t divisor = (uint32_t)b;
    for (; (divisor >> 31) == 0; zeros++)
        divisor <<= 1;
    int8_t headroom = -1;
    for (uint32_t size = (uint32_t)(a < 0 ? -(a + 1) : a); (size >> 31) == 0; headroom++)
        size = (size << 1) | 1;
    const int16_t total = (int16_t)(shift - (31 - zeros) - headroom);
    if (total < -31)
        return 0;
    return cell_requant(cell_requant(a, cell_div_reciprocal(divisor - ((uint32_t)1 << 31)), headroom), mult, (int8_t)total);
}

static inline void cell_div(const cell_div_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    cell_broadcast from = { { 0 }, { 0 } };
    for (N_T i = 0; i < p->n; cell_broadcast_next(&from, p->axes, p->rank, 2)) {
        for (RUN_T r = 0; r < p->run; r++) {
            const int16_t u = (int16_t)(A_AT(a, from.at[0]) - p->zero_a);
            const int16_t w = (int16_t)(B_AT(b, from.at[1]) - p->zero_b);
            /* Division by zero: as far as the output goes. */
            const int32_t v = w != 0 ? cell_div_quotient(u, w, p->mult, p->shift) + p->zero_y : u < 0 ? p->lo : u > 0 ? p->hi : p->zero_y;
            y[i++] = (Y_T)(v < p->lo ? p->lo : v > p->hi ? p->hi : v);
            from.at[0] += p->step_a;
            from.at[1] += p->step_b;
        }
    }
}
