/* Sum or difference of equal shapes for CPUs with nothing but a 32-bit multiply: each operand's 256 values at the common scale are worked out once. */
#include "params.pack.generated.h"

static inline void cell_add_table(int32_t *table, int16_t zero, int32_t mult, int8_t shift, int32_t sign)
{
    for (int32_t v = -128; v < 128; v++)
        table[v + 128] = sign * cell_requant((v - zero) * ((int32_t)1 << 20), mult, shift);
}

static inline void cell_add(const cell_add_params *p, const A_T *a, const B_T *b, Y_T *y, uint8_t *scratch)
{
    int32_t *const of_a = (int32_t *)(void *)scratch;
    int32_t *const of_b = of_a + 256;
    cell_add_table(of_a, p->zero_a, p->mult_a, p->shift_a, 1);
    cell_add_table(of_b, p->zero_b, p->mult_b, p->shift_b, p->subtract ? -1 : 1);
    const int32_t q[4] = { 0, p->mult, p->add, p->right };
    const cell_packs packs = { 0, q, 0, p->lo, p->hi };
    for (N_T i = 0; i < p->n; i++)
        y[i] = cell_pack_stage(&packs, q, of_a[A_AT(a, i) + 128] + of_b[B_AT(b, i) + 128]);
}
