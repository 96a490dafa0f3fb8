/* The k nearest stored rows in float32, nearest first, and what they say. */
#include "params.generated.h"
#include <float.h>
#include <math.h>

static inline void cell_neighbours_search(const cell_neighbours_params *p, const X_T *x, DISTANCE_T *distance, INDEX_T *index)
{
    const POINTS_T *point = p->points; /* (rows, features) */
    for (K_T j = 0; j < p->k; j++)
        distance[j] = FLT_MAX;
    for (ROWS_T row = 0; row < p->rows; row++) {
        const POINTS_T *q = point;
        float sum = 0.0f;
        K_T j = (K_T)(p->k - 1);
        for (FEATURES_T i = 0; i < p->features && sum < distance[p->k - 1]; i++) {
            const float d = x[i] - CELL_ROM_NEXT(POINTS_T, q);
            const float z = d < 0.0f ? -d : d;
            sum = p->power == 2 ? sum + z * z : p->power == 1 ? sum + z : z > sum ? z : sum;
        }
        point += p->features;
        if (sum >= distance[j])
            continue;
        for (; j > 0 && distance[j - 1] > sum; j--) {
            distance[j] = distance[j - 1];
            index[j] = index[j - 1];
        }
        distance[j] = sum;
        index[j] = (INDEX_T)row;
    }
}

static inline float cell_neighbours_weight(const cell_neighbours_params *p, float near, float d)
{
    if (!p->weighted)
        return 1.0f;
    if (near == 0.0f)
        return d == 0.0f ? 1.0f : 0.0f;
    return p->power == 2 ? sqrtf(near / d) : near / d;
}

static void cell_neighbours(const cell_neighbours_params *p, const X_T *x, Y_T *y, DISTANCE_T *distance, INDEX_T *index, COMMON_T *common)
{
    float total = 0.0f;
    (void)common;
    cell_neighbours_search(p, x, distance, index);
    for (OUTPUTS_T c = 0; c < p->outputs; c++)
        y[c] = 0.0f;
    for (K_T j = 0; j < p->k; j++) {
        const float w = cell_neighbours_weight(p, distance[0], distance[j]);
        total += w;
        if (p->values) {
            y[0] += w * (float)CELL_ROM(TARGET_T, p->target + index[j]);
        } else {
            OUTPUTS_T c = 0;
            while ((uint16_t)index[j] >= (uint16_t)CELL_ROM(TARGET_T, p->target + c))
                c++;
            y[c] += p->weighted ? w : 1.0f / (float)p->k;
        }
    }
    if (p->values)
        y[0] /= total;
}
