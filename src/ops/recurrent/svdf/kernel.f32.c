/* Singular value decomposition filter in float32. */
#include "params.generated.h"

static inline void cell_svdf(const cell_svdf_params *p, const X_T *x, STATE_T *state, Y_T *y)
{
    const WF_T *features = p->wf;
    const WT_T *times = p->wt;
    for (UNITS_T u = 0; u < p->units; u++) {
        float sum = 0.0f;
        for (RANK_T r = 0; r < p->rank; r++, state += p->memory) {
            float latest = 0.0f;
            for (INPUTS_T i = 0; i < p->inputs; i++)
                latest += x[i] * CELL_ROM_NEXT(WF_T, features);
            memmove(state, state + 1, (size_t)(p->memory - 1) * sizeof *state);
            state[p->memory - 1] = latest;
            for (MEMORY_T i = 0; i < p->memory; i++)
                sum += state[i] * CELL_ROM_NEXT(WT_T, times);
        }
        sum += CELL_ROM(B_T, p->b + u);
        y[u] = sum < p->f_lo ? p->f_lo : sum > p->f_hi ? p->f_hi : sum;
    }
}
