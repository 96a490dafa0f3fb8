/* Sum or difference of equal shapes for the DSP extension: each operand's 256 values at the common scale are worked out once, doubled. */
#include "params.dsp.generated.h"

static inline void cell_add_table(int32_t *table, int16_t zero, int32_t mult, int8_t shift, int32_t sign)
{
    for (int32_t v = -128; v < 128; v++)
        table[v + 128] = sign * cell_requant((v - zero) * ((int32_t)1 << 20), mult, shift);
}

static inline void cell_add(const cell_add_params *p, const A_T *a, const B_T *b, Y_T *y, uint8_t *scratch)
{
    int32_t *const of_a = (int32_t *)(void *)scratch;
    int32_t *const of_b = of_a + 256;
    cell_add_table(of_a, p->zero_a, p->mult_a, p->shift_a, 2);
    cell_add_table(of_b, p->zero_b, p->mult_b, p->shift_b, p->subtract ? -2 : 2);
    const cell_dsp_sums sums = { of_a, of_b, p->mult, p->add, p->right, p->lo, p->hi, p->act };
    cell_dsp_sums_all(&sums, a, b, y, p->n);
}
