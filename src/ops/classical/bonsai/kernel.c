/* y = sum over the nodes on the path of W z * tanh(sigma V z). tanh(a) by two parabolas, a - a|a|/4 up to |a| = 2: no table. */
#include "params.generated.h"

/* w . (z - zero); the compiler has bounded the sum. */
static inline int32_t cell_bonsai_dot(const cell_bonsai_params *p, const Z_T *z, const W_T *w)
{
    int32_t sum = 0;
    for (DIMS_T i = 0; i < p->dims; i++) {
        if (p->zero == 0)
            sum += CELL_MUL(Z_T, W_T, z[i], CELL_ROM_NEXT(W_T, w));
        else
            sum += ((int32_t)z[i] - p->zero) * CELL_ROM_NEXT(W_T, w);
    }
    return sum;
}

static void cell_bonsai(const cell_bonsai_params *p, const Z_T *z, Y_T *y)
{
    uint16_t k = 0;
    uint8_t left = p->depth;
    for (OUTPUTS_T o = 0; o < p->outputs; o++)
        y[o] = 0;
    for (;;) {
        const W_T *w = p->w + (uint16_t)(k * (uint16_t)(2 * p->outputs * p->dims)); /* (outputs, 2, dims): W, V */
        for (OUTPUTS_T o = 0; o < p->outputs; o++) {
            const int16_t g = (int16_t)(cell_bonsai_dot(p, z, w) >> p->drop);
            const int16_t v = (int16_t)(cell_bonsai_dot(p, z, w + p->dims) >> p->narrow);
            const int16_t a = (int16_t)cell_clamp(CELL_MUL(int16_t, int16_t, v, p->mult) >> p->post, -16384, 16384);
            const int16_t t = (int16_t)(a - (int16_t)(CELL_MUL(int16_t, int16_t, a, (int16_t)(a < 0 ? -a : a)) >> 15));
            y[o] += CELL_MUL(int16_t, int16_t, g, t) >> 8;
            w += 2 * p->dims;
        }
        if (left == 0)
            break;
        left--;
        k = (uint16_t)(2 * k + (cell_bonsai_dot(p, z, (const W_T *)p->theta + (uint16_t)(k * p->dims)) > 0 ? 2 : 1));
    }
}
