/* Every filter's row of the state moves on by one. As in TensorFlow Lite Micro the latest value is limited before the zero point is added:
 * an 8-bit state wraps where a model drives it out of its range. */
#include "params.generated.h"

/* Sums wrap as 32-bit integers do: models whose scales are sound never get there. */
static inline int32_t cell_svdf_add(int32_t sum, int32_t product)
{
    return (int32_t)((uint32_t)sum + (uint32_t)product);
}

static inline STATE_T cell_svdf_latest(const cell_svdf_params *p, const X_T *x, const WF_T *w)
{
    int32_t sum = 0;
    for (INPUTS_T i = 0; i < p->inputs; i++)
        sum = cell_svdf_add(sum, CELL_MUL(int16_t, WF_T, (int16_t)(x[i] - p->zero_x), CELL_ROM_NEXT(WF_T, w)));
    const int32_t v = cell_requant(sum, p->mult, p->shift);
    return (STATE_T)((v < p->lo ? p->lo : v > p->hi ? p->hi : v) + p->zero_s);
}

static inline void cell_svdf(const cell_svdf_params *p, const X_T *x, STATE_T *state, Y_T *y)
{
    const WF_T *features = p->wf;
    const WT_T *times = p->wt;
    for (UNITS_T u = 0; u < p->units; u++) {
        int32_t sum = CELL_ROM(B_T, p->b + u);
        for (RANK_T r = 0; r < p->rank; r++, features += p->inputs, state += p->memory) {
            memmove(state, state + 1, (size_t)(p->memory - 1) * sizeof *state);
            state[p->memory - 1] = cell_svdf_latest(p, x, features);
            for (MEMORY_T i = 0; i < p->memory; i++)
                sum = cell_svdf_add(sum, CELL_MUL(int16_t, WT_T, (int16_t)(state[i] - p->zero_s), CELL_ROM_NEXT(WT_T, times)));
        }
        const int32_t v = cell_requant(sum, p->out_mult, p->out_shift) + p->zero_y;
        y[u] = (Y_T)(v < -128 ? -128 : v > 127 ? 127 : v);
    }
}
