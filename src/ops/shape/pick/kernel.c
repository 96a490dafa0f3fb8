/* Picks along the axes: `at[d]` runs through the table of axis d, `from[d]` is the sum of the offsets of the axes before it. */
#include "params.generated.h"

static inline void cell_pick(const cell_pick_params *p, const X_T *x, Y_T *y)
{
    FIRST_T at[6];
    size_t from[7];
    for (uint8_t d = 0; d < p->axes; d++)
        at[d] = CELL_ROM(FIRST_T, p->first + d);
    for (OUTER_T o = 0; o < p->outer; o++) {
        uint8_t d = 0;
        from[0] = (size_t)o * p->block;
        do {
            /* d is the slowest axis that moved. */
            for (; d < p->axes; d++)
                from[d + 1] = from[d] + (size_t)CELL_ROM(OFFSET_T, p->offset + at[d]);
            memcpy(y, x + from[d], (size_t)p->run * sizeof *y);
            y += p->run;
            while (d > 0 && ++at[d - 1] == CELL_ROM(FIRST_T, p->first + d)) {
                d--;
                at[d] = CELL_ROM(FIRST_T, p->first + d);
            }
        } while (d-- > 0);
    }
}
