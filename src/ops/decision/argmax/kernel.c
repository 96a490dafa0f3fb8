/* Index of the largest (or smallest) element; the first one on a tie. */
#include "params.generated.h"

static inline void cell_argmax(const cell_argmax_params *p, const X_T *x, Y_T *y)
{
    X_T best = x[0];
    N_T at = 0;
    for (N_T i = 1; i < p->n; i++) {
        if (p->smallest ? x[i] < best : x[i] > best) {
            best = x[i];
            at = i;
        }
    }
    *y = (Y_T)at;
}
