/* GRU in float32. */
#include "params.generated.h"
#include <math.h>

static float cell_gru_of_x(const cell_gru_params *p, const X_T *x, uint8_t gate, UNITS_T unit)
{
    const size_t row = (size_t)gate * p->units + unit;
    const W_T *w = p->w + row * p->inputs;
    float sum = 0.0f;
    for (INPUTS_T i = 0; i < p->inputs; i++)
        sum += x[i] * CELL_ROM_NEXT(W_T, w);
    return sum + CELL_ROM(B_T, p->b + row);
}

static float cell_gru_of_h(const cell_gru_params *p, const H_T *h, uint8_t gate, UNITS_T unit)
{
    const size_t row = (size_t)gate * p->units + unit;
    const R_T *r = p->r + row * p->units;
    float sum = 0.0f;
    for (UNITS_T i = 0; i < p->units; i++)
        sum += h[i] * CELL_ROM_NEXT(R_T, r);
    return sum + CELL_ROM(B_T, p->b + row + (size_t)3 * p->units);
}

static inline float cell_gru_gate(const cell_gru_params *p, const X_T *x, const H_T *h, uint8_t gate, UNITS_T unit)
{
    return 1.0f / (1.0f + expf(-(cell_gru_of_x(p, x, gate, unit) + cell_gru_of_h(p, h, gate, unit))));
}

/* One step: `h` is the state before it, `reset` that after the reset gate (where it comes first). */
static inline void cell_gru_step(const cell_gru_params *p, const X_T *x, const H_T *h, float *reset, Y_T *y)
{
    for (UNITS_T u = 0; u < p->units && !p->after; u++)
        reset[u] = cell_gru_gate(p, x, h, 1, u) * h[u];
    for (UNITS_T u = 0; u < p->units; u++) {
        const float z = cell_gru_gate(p, x, h, 0, u);
        const float inner = p->after ? cell_gru_gate(p, x, h, 1, u) * cell_gru_of_h(p, h, 2, u) : cell_gru_of_h(p, reset, 2, u);
        y[u] = (1.0f - z) * tanhf(cell_gru_of_x(p, x, 2, u) + inner) + z * h[u];
    }
}

/* A state that the network keeps is changed where it stands; a start value is copied to `scratch`. */
static inline void cell_gru(const cell_gru_params *p, const X_T *x, const H_T *h, Y_T *y, uint8_t *scratch)
{
    float *reset = (float *)(void *)scratch;
    H_T *state = p->kept ? (H_T *)h : reset + p->units;
    for (UNITS_T u = 0; u < p->units && !p->kept; u++)
        state[u] = H_AT(h, u);
    const H_T *before = state;
    for (STEPS_T k = 0; k < p->steps; k++) {
        const size_t t = p->reverse ? (size_t)p->steps - 1 - k : k;
        Y_T *row = y + t * p->units;
        cell_gru_step(p, x + t * p->inputs, before, reset, row);
        before = row;
    }
    if (p->kept)
        memcpy(state, before, p->units * sizeof *state);
}
