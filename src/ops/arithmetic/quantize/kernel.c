/* Float32 to integers, rounded half away from zero without the C library. */
#include "params.generated.h"

static inline void cell_quantize(const cell_quantize_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++) {
        float v = X_AT(x, i) / p->scale;
        /* Far outside every range, so that the integer below holds it; not a number goes to the lower end. */
        v = v > -200000.0f ? (v < 200000.0f ? v : 200000.0f) : -200000.0f;
        int32_t q = (int32_t)v;
        const float rest = v - (float)q;
        q += (rest >= 0.5f) - (rest <= -0.5f) + p->zero;
        y[i] = (Y_T)(q < p->lo ? p->lo : q > p->hi ? p->hi : q);
    }
}
