/* Sum or difference of equal shapes for Helium, four elements at a time. */
#include "params.mve.generated.h"

/* Four elements of an operand at the scale that both have in common; shifts to the right are rounded half away from zero. */
static inline cell_mve_words cell_add_operand(const int8_t *x, int32_t zero, int32_t mult, int32_t shift)
{
    const cell_mve_words v = cell_mve_high(cell_mve_shift(cell_mve_plus(cell_mve_widen(x), -zero), 20), mult);
    return shift == 0 ? v : cell_mve_round(cell_mve_sign(v), shift);
}

static inline void cell_add(const cell_add_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    const int32_t stage[4] = { 0, p->mult, p->add, -p->right };
    for (N_T n = p->n; n > 0; n = (N_T)(n - 4), a += 4, b += 4, y += 4) {
        const cell_mve_words u = cell_add_operand(a, p->zero_a, p->mult_a, p->shift_a);
        const cell_mve_words v = cell_add_operand(b, p->zero_b, p->mult_b, p->shift_b);
        const cell_mve_words sum = p->subtract ? cell_mve_minus_each(u, v) : cell_mve_plus_each(u, v);
        cell_mve_narrow(y, cell_mve_clamp_words(cell_mve_stage(sum, stage, p->sign), p->lo, p->hi));
    }
}
