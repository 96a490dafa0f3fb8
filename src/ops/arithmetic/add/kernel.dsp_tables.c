/* Sum or difference of equal shapes for the DSP extension: what each byte of an operand is worth stands in flash. */
#include "params.dsp_tables.generated.h"

static inline void cell_add(const cell_add_params *p, const A_T *a, const B_T *b, Y_T *y)
{
    const cell_dsp_sums sums = { p->of_a, p->of_b, p->mult, p->add, p->right, p->lo, p->hi, p->act };
    cell_dsp_sums_all(&sums, a, b, y, p->n);
}
