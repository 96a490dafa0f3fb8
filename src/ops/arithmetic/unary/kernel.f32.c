/* A function of every element in float32. */
#include "params.generated.h"
#include <math.h>

/* 1 - erf(x) to 1.2e-7 of its size: Numerical Recipes' Chebyshev fit, for C libraries that have no erfcf. */
static inline float cell_unary_erfc(float x)
{
    const float size = fabsf(x);
    const float t = 1.0f / (1.0f + 0.5f * size);
    float sum = 0.17087277f;
    sum = sum * t - 0.82215223f;
    sum = sum * t + 1.48851587f;
    sum = sum * t - 1.13520398f;
    sum = sum * t + 0.27886807f;
    sum = sum * t - 0.18628806f;
    sum = sum * t + 0.09678418f;
    sum = sum * t + 0.37409196f;
    sum = sum * t + 1.00002368f;
    sum = sum * t - 1.26551223f;
    const float tail = t * expf(sum - size * size);
    return x < 0.0f ? 2.0f - tail : tail;
}

/* Half to even. */
static inline float cell_unary_round(float x)
{
    const float down = floorf(x);
    const float rest = x - down;
    return rest < 0.5f || (rest <= 0.5f && floorf(down * 0.5f) * 2.0f >= down) ? down : down + 1.0f;
}

static inline float cell_unary_at(uint8_t kind, float alpha, float x)
{
    switch (kind) {
    case 0: return expf(x);
    case 1: return logf(x);
    case 2: return sqrtf(x);
    case 3: return 1.0f / sqrtf(x);
    case 4: return x * x;
    case 5: return sinf(x);
    case 6: return cosf(x);
    case 7: return floorf(x);
    case 8: return ceilf(x);
    case 9: return cell_unary_round(x);
    case 10: return (float)((x > 0.0f) - (x < 0.0f));
    case 11: return x < 0.0f ? alpha * (expf(x) - 1.0f) : x;                                                 /* elu */
    case 12: return 0.5f * x * cell_unary_erfc(x * -0.70710678f);                                            /* gelu */
    case 13: return 0.5f * x * (1.0f + tanhf(0.79788456f * (x + 0.044715f * x * x * x)));                    /* gelu_tanh */
    case 14: return x * (x < -3.0f ? 0.0f : x > 3.0f ? 6.0f : x + 3.0f) / 6.0f;                              /* hard_swish */
    case 15: return 1.0f - cell_unary_erfc(x);                                                               /* erf */
    case 16: return (x > 0.0f ? x : 0.0f) + logf(1.0f + expf(-fabsf(x)));                                    /* softplus */
    default: return x / (1.0f + expf(-x));                                                                   /* silu */
    }
}

static inline void cell_unary(const cell_unary_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++)
        y[i] = cell_unary_at(p->kind, p->alpha, X_AT(x, i));
}
