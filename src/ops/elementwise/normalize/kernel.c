/* y = x / norm(x). The row is shifted until its largest element has 14 bits, so that small rows lose nothing. */
#include "params.generated.h"

static inline int32_t cell_normalize_abs(int32_t v)
{
    return v < 0 ? -v : v;
}

/* |v| shifted, with the sign of v: then no element is larger than the largest one, on which the 32 bits of the sum rely. */
static inline int32_t cell_normalize_at(int32_t v, uint8_t down, uint8_t up)
{
    const int32_t size = cell_normalize_abs(v) >> down << up;
    return v < 0 ? -size : size;
}

static void cell_normalize(const cell_normalize_params *p, const X_T *x, Y_T *y)
{
    int32_t largest = 0;
    uint32_t sum = 0;
    uint32_t divisor;
    uint8_t down = 0, up = 0, shift = 15;
    for (N_T i = 0; i < p->n; i++) {
        const int32_t v = cell_normalize_abs((int32_t)x[i] - p->zero);
        if (v > largest)
            largest = v;
        y[i] = 0;
    }
    if (largest == 0)
        return;
    for (; largest >= 1 << 14; down++)
        largest >>= 1;
    for (; largest < 1 << 13; up++)
        largest <<= 1;
    for (N_T i = 0; i < p->n; i++) {
        const int32_t v = cell_normalize_at((int32_t)x[i] - p->zero, down, up);
        sum += p->norm == 1 ? (uint32_t)(v * v) >> p->square_shift : (uint32_t)cell_normalize_abs(v);
    }
    divisor = p->norm == 0 ? sum : (uint32_t)largest;
    if (p->norm == 1) {
        shift = (uint8_t)(shift - (p->square_shift >> 1));
        for (; sum < (uint32_t)1 << 30; sum <<= 2)
            shift++;
        divisor = cell_sqrt_u32(sum);
    }
    for (N_T i = 0; i < p->n; i++) {
        const int32_t v = cell_normalize_at((int32_t)x[i] - p->zero, down, up) * ((int32_t)1 << shift) / (int32_t)divisor;
        y[i] = (Y_T)cell_clamp(v >> p->out_shift, -p->top, p->top);
    }
}
