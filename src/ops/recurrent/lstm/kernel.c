/* LSTM with 8-bit input and output and 16-bit cells. Every gate is 256 points of the logistic function with straight lines between them. */
#include "params.generated.h"

/* Argument of a gate. Both sums are limited to 16 bits (units of 1/4096) before they are added, as their sum is. */
static int32_t cell_lstm_gate(const cell_lstm_params *p, const X_T *x, const H_T *h, uint8_t gate, UNITS_T unit)
{
    const size_t row = (size_t)gate * p->units + unit;
    const W_T *w = p->w + row * p->inputs;
    const R_T *r = p->r + row * p->units;
    int32_t of_x = CELL_ROM(B_T, p->b + row);
    int32_t of_h = 0;
    for (INPUTS_T i = 0; i < p->inputs; i++)
        of_x += CELL_MUL(int16_t, W_T, (int16_t)(x[i] - p->zero_x), CELL_ROM_NEXT(W_T, w));
    for (UNITS_T i = 0; i < p->units; i++)
        of_h += CELL_MUL(int16_t, R_T, (int16_t)(h[i] - p->zero_h), CELL_ROM_NEXT(R_T, r));
    of_x = cell_requant(of_x, CELL_ROM(MULT_T, p->mult + gate), CELL_ROM(SHIFT_T, p->shift + gate));
    of_h = cell_requant(of_h, CELL_ROM(MULT_T, p->mult + 4 + gate), CELL_ROM(SHIFT_T, p->shift + 4 + gate));
    return 3 * cell_squash_short(cell_squash_short(of_x) + cell_squash_short(of_h));
}

static inline Y_T cell_lstm_unit(const cell_lstm_params *p, const X_T *x, const H_T *h, UNITS_T unit, C_T *cell)
{
    const int32_t in = cell_squash_logistic(p->table, cell_lstm_gate(p, x, h, 0, unit));
    const int32_t forget = cell_squash_logistic(p->table, cell_lstm_gate(p, x, h, 1, unit));
    const int32_t fresh = cell_squash_tanh(p->table, cell_lstm_gate(p, x, h, 2, unit));
    const int32_t out = cell_squash_logistic(p->table, cell_lstm_gate(p, x, h, 3, unit));
    const int32_t sum = cell_squash_short(cell_requant(forget * *cell, (int32_t)1 << 30, -14)) + cell_squash_short(cell_requant(in * fresh, (int32_t)1 << 30, p->in_shift));
    const int32_t c = sum < p->lo ? p->lo : sum > p->hi ? p->hi : sum;
    const int32_t t = p->cell_shift > 0 ? (c * p->cell_mult + ((int32_t)1 << (p->cell_shift - 1))) >> p->cell_shift : c * p->cell_mult;
    const int32_t y = cell_requant(cell_squash_tanh(p->table, t) * out, p->out_mult, p->out_shift) + p->zero_h;
    *cell = (C_T)c;
    return (Y_T)(y < -128 ? -128 : y > 127 ? 127 : y);
}

/* States that the network keeps are changed where they stand; start values are copied to `scratch`. */
static inline void cell_lstm(const cell_lstm_params *p, const X_T *x, const H_T *h, const C_T *c, Y_T *y, uint8_t *scratch)
{
    C_T *cell = p->kept ? (C_T *)c : (C_T *)(void *)scratch;
    H_T *last = p->kept ? (H_T *)h : (H_T *)(void *)(cell + p->units);
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
}
