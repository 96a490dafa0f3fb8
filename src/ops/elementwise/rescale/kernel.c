/* y[i] = clamp(((x[i] >> pre) * mult[i] + offset[i]) >> shift): any scale to one common scale. */
#include "params.generated.h"

static void cell_rescale(const cell_rescale_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++) {
        const N_T k = p->common ? 0 : i;
        int32_t v = CELL_FIXED(X_T, x[i], CELL_ROM(EXPONENTS_T, p->exponents + (p->floats ? i : 0)));
        if (sizeof(X_T) > 2 && !p->floats)
            v = cell_clamp(v, -p->reach, p->reach) >> p->pre;
        v = (v * CELL_ROM(MULT_T, p->mult + k) + CELL_ROM(OFFSET_T, p->offset + k)) >> p->shift;
        y[i] = (Y_T)cell_clamp(v, -p->top, p->top);
    }
}
