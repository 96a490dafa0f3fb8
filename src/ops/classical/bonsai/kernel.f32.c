/* y = sum over the nodes on the path of W z * tanh(sigma V z) in float32; tanh(a) by two parabolas, a - a|a|/4 up to |a| = 2. */
#include "params.generated.h"

static inline float cell_bonsai_dot(const cell_bonsai_params *p, const Z_T *z, const W_T *w)
{
    float sum = 0.0f;
    for (DIMS_T i = 0; i < p->dims; i++)
        sum += CELL_ROM_NEXT(W_T, w) * z[i];
    return sum;
}

static void cell_bonsai(const cell_bonsai_params *p, const Z_T *z, Y_T *y)
{
    uint16_t k = 0;
    for (OUTPUTS_T o = 0; o < p->outputs; o++)
        y[o] = 0.0f;
    for (uint8_t left = p->depth;; left--) {
        const W_T *w = p->w + (uint16_t)(k * (uint16_t)(2 * p->outputs * p->dims)); /* (outputs, 2, dims): W, V */
        for (OUTPUTS_T o = 0; o < p->outputs; o++) {
            const float a = p->sigma * cell_bonsai_dot(p, z, w + p->dims);
            const float t = a >= 2.0f ? 1.0f : a <= -2.0f ? -1.0f : a - a * (a < 0.0f ? -a : a) / 4.0f;
            y[o] += cell_bonsai_dot(p, z, w) * t;
            w += 2 * p->dims;
        }
        if (left == 0)
            break;
        k = (uint16_t)(2 * k + (cell_bonsai_dot(p, z, p->theta + (uint16_t)(k * p->dims)) > 0.0f ? 2 : 1));
    }
}
