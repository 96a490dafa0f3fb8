/* GRU with 8-bit input and output. The hidden state is kept in 16 bits (units of 1/32768), so that slow changes add up; the weights see 8
 * bits of it. Every gate is 256 points of the logistic function with straight lines between them. */
#include "params.generated.h"

/* A sum of products in units of 1/4096; gates 3 to 5 are the recurrent halves of 0 to 2. */
static inline int32_t cell_gru_part(const cell_gru_params *p, int32_t sum, uint8_t gate)
{
    return cell_squash_short(cell_requant(sum, CELL_ROM(MULT_T, p->mult + gate), CELL_ROM(SHIFT_T, p->shift + gate)));
}

static int32_t cell_gru_of_x(const cell_gru_params *p, const X_T *x, uint8_t gate, UNITS_T unit)
{
    const size_t row = (size_t)gate * p->units + unit;
    const W_T *w = p->w + row * p->inputs;
    int32_t sum = CELL_ROM(B_T, p->b + row);
    for (INPUTS_T i = 0; i < p->inputs; i++)
        sum += CELL_MUL(int16_t, W_T, (int16_t)(x[i] - p->zero_x), CELL_ROM_NEXT(W_T, w));
    return cell_gru_part(p, sum, gate);
}

static int32_t cell_gru_of_h(const cell_gru_params *p, const int16_t *h, uint8_t gate, UNITS_T unit)
{
    const size_t row = (size_t)gate * p->units + unit;
    const R_T *r = p->r + row * p->units;
    int32_t sum = CELL_ROM(B_T, p->b + row + (size_t)3 * p->units);
    for (UNITS_T i = 0; i < p->units; i++)
        sum += CELL_MUL(int16_t, R_T, h[i], CELL_ROM_NEXT(R_T, r));
    return cell_gru_part(p, sum, (uint8_t)(gate + 3));
}

static inline int32_t cell_gru_gate(const cell_gru_params *p, const X_T *x, const int16_t *h, uint8_t gate, UNITS_T unit)
{
    return cell_squash_logistic(p->table, 3 * cell_squash_short(cell_gru_of_x(p, x, gate, unit) + cell_gru_of_h(p, h, gate, unit)));
}

/* r times v, r in units of 2^-15. */
static inline int32_t cell_gru_scaled(int32_t r, int32_t v)
{
    return (r * v + ((int32_t)1 << 14)) >> 15;
}

static inline Y_T cell_gru_byte(const cell_gru_params *p, int32_t h)
{
    const int32_t y = cell_requant(h, p->out_mult, p->out_shift) + p->zero_h;
    return (Y_T)(y < -128 ? -128 : y > 127 ? 127 : y);
}

/* One step: `h` is the state, `seen` what the weights see of it, `reset` that after the reset gate (where it comes first). */
static inline void cell_gru_step(const cell_gru_params *p, const X_T *x, H_T *h, int16_t *seen, int16_t *reset, Y_T *y)
{
    for (UNITS_T u = 0; u < p->units; u++)
        seen[u] = (int16_t)(cell_gru_byte(p, h[u]) - p->zero_h);
    for (UNITS_T u = 0; u < p->units && !p->after; u++)
        reset[u] = (int16_t)cell_gru_scaled(cell_gru_gate(p, x, seen, 1, u), seen[u]);
    for (UNITS_T u = 0; u < p->units; u++) {
        const int32_t z = cell_gru_gate(p, x, seen, 0, u);
        const int32_t inner = p->after ? cell_gru_scaled(cell_gru_gate(p, x, seen, 1, u), cell_gru_of_h(p, seen, 2, u)) : cell_gru_of_h(p, reset, 2, u);
        const int32_t fresh = cell_squash_tanh(p->table, 3 * cell_squash_short(cell_gru_of_x(p, x, 2, u) + inner));
        h[u] = (H_T)((z * h[u] + (32768 - z) * fresh + ((int32_t)1 << 14)) >> 15);
        y[u] = cell_gru_byte(p, h[u]);
    }
}

/* A state that the network keeps is changed where it stands; a start value is copied to `scratch`. */
static inline void cell_gru(const cell_gru_params *p, const X_T *x, const H_T *h, Y_T *y, uint8_t *scratch)
{
    int16_t *seen = (int16_t *)(void *)scratch;
    int16_t *reset = seen + p->units;
    H_T *state = p->kept ? (H_T *)h : (H_T *)(void *)(reset + p->units);
    for (UNITS_T u = 0; u < p->units && !p->kept; u++)
        state[u] = H_AT(h, u);
    for (STEPS_T k = 0; k < p->steps; k++) {
        const size_t t = p->reverse ? (size_t)p->steps - 1 - k : k;
        cell_gru_step(p, x + t * p->inputs, state, seen, reset, y + t * p->units);
    }
}
