/* Logistic function or hyperbolic tangent: bytes by a table of answers; 16 bits by 256 points of the logistic function with straight
 * lines between them (tanh(x) = 2 * logistic(2x) - 1). */
#include "params.generated.h"

/* t in units of 1 / (3 * 4096); the result in units of 2^-15. */
static inline int16_t cell_sigmoid_point(const cell_sigmoid_params *p, int32_t t)
{
    const uint32_t size = t < 0 ? (uint32_t)-t : (uint32_t)t;
    const uint8_t bits = p->tanh ? 8 : 9;
    const uint32_t i = size >> bits;
    int32_t r = p->tanh ? (int32_t)0xffff << 8 : (int32_t)0x7fff << 10;
    if (i < 255) {
        const int32_t left = CELL_ROM(TABLE_T, p->table + i);
        const int32_t right = CELL_ROM(TABLE_T, p->table + i + 1);
        r = left * ((int32_t)1 << bits) + (int32_t)(size & (((uint32_t)1 << bits) - 1)) * (right - left);
    }
    if (p->tanh)
        return (int16_t)((t >= 0 ? r - ((int32_t)1 << 23) + 128 : -r + ((int32_t)1 << 23) + 127) >> 8);
    return (int16_t)((t >= 0 ? r + 512 : ((int32_t)1 << 25) - r + 511) >> 10);
}

static inline void cell_sigmoid(const cell_sigmoid_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++) {
        if (sizeof(X_T) == 1)
            y[i] = (Y_T)CELL_ROM(TABLE_T, p->table + (uint8_t)X_AT(x, i));
        else
            y[i] = (Y_T)cell_sigmoid_point(p, (X_AT(x, i) * p->mult + p->round) >> p->shift);
    }
}
