/* LSTM in float32. */
#include "params.generated.h"
#include <math.h>

static inline float cell_lstm_logistic(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

static float cell_lstm_gate(const cell_lstm_params *p, const X_T *x, const H_T *h, uint8_t gate, UNITS_T unit)
{
    const size_t row = (size_t)gate * p->units + unit;
    const W_T *w = p->w + row * p->inputs;
    const R_T *r = p->r + row * p->units;
    float of_x = 0.0f;
    float of_h = 0.0f;
    for (INPUTS_T i = 0; i < p->inputs; i++)
        of_x += x[i] * CELL_ROM_NEXT(W_T, w);
    for (UNITS_T i = 0; i < p->units; i++)
        of_h += h[i] * CELL_ROM_NEXT(R_T, r);
    return CELL_ROM(B_T, p->b + row) + of_x + of_h;
}

static inline Y_T cell_lstm_unit(const cell_lstm_params *p, const X_T *x, const H_T *h, UNITS_T unit, C_T *cell)
{
    const float in = cell_lstm_logistic(cell_lstm_gate(p, x, h, 0, unit));
    const float forget = cell_lstm_logistic(cell_lstm_gate(p, x, h, 1, unit));
    const float fresh = tanhf(cell_lstm_gate(p, x, h, 2, unit));
    const float out = cell_lstm_logistic(cell_lstm_gate(p, x, h, 3, unit));
    const float sum = forget * *cell + in * fresh;
    const float c = p->f_clip <= 0.0f ? sum : sum < -p->f_clip ? -p->f_clip : sum > p->f_clip ? p->f_clip : sum;
    *cell = c;
    return out * tanhf(c);
}

/* States that the network keeps are changed where they stand; start values are copied to `scratch`. */
static inline void cell_lstm(const cell_lstm_params *p, const X_T *x, const H_T *h, const C_T *c, Y_T *y, uint8_t *scratch)
{
    C_T *cell = p->kept ? (C_T *)c : (C_T *)(void *)scratch;
    H_T *last = p->kept ? (H_T *)h : cell + p->units;
    for (UNITS_T i = 0; i < p->units && !p->kept; i++) {
        cell[i] = C_AT(c, i);
        last[i] = H_AT(h, i);
    }
    const H_T *before = last;
    for (STEPS_T k = 0; k < p->steps; k++) {
        const size_t t = p->reverse ? (size_t)p->steps - 1 - k : k;
        Y_T *row = y + t * p->units;
        for (UNITS_T u = 0; u < p->units; u++)
            row[u] = cell_lstm_unit(p, x + t * p->inputs, before, u, cell + u);
        before = row;
    }
    if (p->kept)
        memcpy(last, before, p->units * sizeof *last);
    if (p->cells)
        memcpy(y + (size_t)p->steps * p->units, cell, p->units * sizeof *cell);
}
