/* Strided copy: the inner loop runs by itself, the outer ones are an odometer that knows what each carry adds to the place in x. */
#include "params.generated.h"

static inline void cell_rearrange(const cell_rearrange_params *p, const X_T *x, Y_T *y)
{
    ptrdiff_t place = (ptrdiff_t)p->start;
    SIZE_T at[8] = { 0 };
    uint8_t d;
    do {
        if (p->step == 1) {
            memcpy(y, x + place, (size_t)p->run * sizeof *y);
            y += p->run;
        } else {
            ptrdiff_t from = place;
            for (RUN_T i = 0; i < p->run; i++) {
                *y++ = x[from];
                from += (ptrdiff_t)p->step;
            }
        }
        for (d = p->dims; d > 0; d--) {
            if (++at[d - 1] < CELL_ROM(SIZE_T, p->size + d - 1)) {
                place += (ptrdiff_t)CELL_ROM(NEXT_T, p->next + d - 1);
                break;
            }
            at[d - 1] = 0;
        }
    } while (d > 0);
}
