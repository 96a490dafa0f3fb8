/* Votes of k neighbours, or the mean of their values, in float32. */
#include "params.generated.h"
#include <math.h>

static void cell_vote(const cell_vote_params *p, const DISTANCE_T *distance, const INDEX_T *index, Y_T *y)
{
    float total = 0.0f;
    for (OUTPUTS_T c = 0; c < p->outputs; c++)
        y[c] = 0.0f;
    for (K_T j = 0; j < p->k; j++) {
        float w = 1.0f;
        if (p->weighted && distance[0] == 0.0f)
            w = distance[j] == 0.0f ? 1.0f : 0.0f;
        else if (p->weighted)
            w = p->squared ? sqrtf(distance[0] / distance[j]) : distance[0] / distance[j];
        total += w;
        if (p->values) {
            y[0] += w * (float)CELL_ROM(TARGET_T, p->target + index[j]);
        } else {
            OUTPUTS_T c = 0;
            while (index[j] >= (uint16_t)CELL_ROM(TARGET_T, p->target + c))
                c++;
            y[c] += p->weighted ? w : 1.0f / (float)p->k;
        }
    }
    if (p->values)
        y[0] /= total;
}
