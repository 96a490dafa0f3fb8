/* Fills y with the border, then lays x into it: an odometer that knows what each carry adds to the place in y. */
#include "params.generated.h"

static inline void cell_pad(const cell_pad_params *p, const X_T *x, Y_T *y)
{
    ptrdiff_t place = (ptrdiff_t)p->start;
    SIZE_T at[8] = { 0 };
    const Y_T value = CELL_ROM(VALUE_T, p->value);
    uint8_t d;
    for (N_T i = 0; i < p->n; i++)
        y[i] = value;
    do {
        ptrdiff_t to = place;
        for (RUN_T i = 0; i < p->run; i++) {
            y[to] = *x++;
            to += (ptrdiff_t)p->step;
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
