/* Elman network in float32. */
#include "params.generated.h"
#include <math.h>

static inline Y_T cell_simple_rnn_unit(const cell_simple_rnn_params *p, const X_T *x, const H_T *h, UNITS_T unit)
{
    const W_T *w = p->w + (size_t)unit * p->inputs;
    const R_T *r = p->r + (size_t)unit * p->units;
    float of_x = 0.0f;
    float of_h = 0.0f;
    for (INPUTS_T i = 0; i < p->inputs; i++)
        of_x += x[i] * CELL_ROM_NEXT(W_T, w);
    for (UNITS_T i = 0; i < p->units; i++)
        of_h += h[i] * CELL_ROM_NEXT(R_T, r);
    const float v = CELL_ROM(B_T, p->b + unit) + of_x + of_h;
    return p->tanh ? tanhf(v) : v < p->f_lo ? p->f_lo : v > p->f_hi ? p->f_hi : v;
}

/* A state that the network keeps is changed where it stands; a start value is copied to `scratch`. */
static inline void cell_simple_rnn(const cell_simple_rnn_params *p, const X_T *x, const H_T *h, Y_T *y, uint8_t *scratch)
{
    H_T *state = p->kept ? (H_T *)h : (H_T *)(void *)scratch;
    for (UNITS_T u = 0; u < p->units && !p->kept; u++)
        state[u] = H_AT(h, u);
    const H_T *before = state;
    for (STEPS_T k = 0; k < p->steps; k++) {
        const size_t t = p->reverse ? (size_t)p->steps - 1 - k : k;
        Y_T *row = y + t * p->units;
        for (UNITS_T u = 0; u < p->units; u++)
            row[u] = cell_simple_rnn_unit(p, x + t * p->inputs, before, u);
        before = row;
    }
    if (p->kept)
        memcpy(state, before, p->units * sizeof *state);
}
