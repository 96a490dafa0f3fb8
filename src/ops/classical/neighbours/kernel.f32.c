/* The k nearest stored rows in float32, nearest first. */
#include "params.generated.h"
#include <float.h>

static void cell_neighbours(const cell_neighbours_params *p, const X_T *x, DISTANCE_T *distance, INDEX_T *index)
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
