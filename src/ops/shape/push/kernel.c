/* Shifts the state and appends x; y is a copy, so that what reads it may come after the next write. */
#include "params.generated.h"

static inline void cell_push(const cell_push_params *p, const X_T *x, STATE_T *state, Y_T *y)
{
    for (KEPT_T i = 0; i < p->kept; i++)
        state[i] = state[(size_t)i + p->n];
    memcpy(state + p->kept, x, (size_t)p->n * sizeof *x);
    memcpy(y, state, ((size_t)p->kept + p->n) * sizeof *y);
}
