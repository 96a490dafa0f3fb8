/* relu: max(0, x) >> shift. tanh and logistic: one table of tanh over 0..6, read with interpolation and mirrored; the
 * logistic function is the same curve at half the pace, and its offset and factor lie in the scale of y. */
#include "params.generated.h"

/* tanh of 0 <= a <= reach, in the table's units; the product has at most 31 bits. */
static inline int16_t cell_activation_look(const cell_activation_params *p, int32_t a, uint16_t mult)
{
    uint32_t u = ((uint32_t)a >> p->pre) * mult >> p->mult_shift;
    int16_t low;
    if (u >= p->last)
        return CELL_ROM(TABLE_T, p->table + (p->last >> 8));
    low = CELL_ROM(TABLE_T, p->table + (uint8_t)(u >> 8));
    u = (uint8_t)u * (uint32_t)((int16_t)CELL_ROM(TABLE_T, p->table + (uint8_t)(u >> 8) + 1) - low);
    return (int16_t)(low + (int16_t)((u + 128) >> 8));
}

static void cell_activation(const cell_activation_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++) {
        int32_t v = x[i];
        if (p->shifted)
            v -= CELL_ROM(ZERO_T, p->zero + i);
        if (p->kind != 0) {
            const uint16_t mult = (uint16_t)CELL_ROM(MULT_T, p->mult + (p->common ? 0 : i));
            /* Beyond `reach` the curve is flat. */
            v = cell_clamp(v, -p->reach, p->reach);
            y[i] = (Y_T)(v < 0 ? -cell_activation_look(p, -v, mult) : cell_activation_look(p, v, mult));
        } else if (v <= 0) {
            y[i] = 0;
        } else {
            if (p->shift != 0)
                v = ((v >> (p->shift - 1)) + 1) >> 1;
            y[i] = (Y_T)(v < p->top ? v : p->top);
        }
    }
}
