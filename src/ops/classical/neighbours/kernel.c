/* The k nearest stored rows, nearest first. A row is left as soon as it is no nearer than the worst one kept; `top` bounds
 * one difference so that no sum reaches the start value. */
#include "params.generated.h"

/* |x - point| in the common unit. Both fit 16 bits with a sign, so the difference fits 16 bits without one. */
static inline uint16_t cell_neighbours_difference(const cell_neighbours_params *p, int16_t x, int16_t point, FEATURES_T i)
{
    const uint16_t d = x > point ? (uint16_t)((uint16_t)x - (uint16_t)point) : (uint16_t)((uint16_t)point - (uint16_t)x);
    uint32_t z = d;
    if (p->scaled)
        z *= CELL_ROM(R_T, p->r + i);
    z >>= p->same_shift ? p->shift0 : CELL_ROM(SHIFT_T, p->shift + i);
    return z < p->top ? (uint16_t)z : p->top;
}

static void cell_neighbours(const cell_neighbours_params *p, const X_T *x, DISTANCE_T *distance, INDEX_T *index)
{
    const POINTS_T *point = p->points; /* (rows, features) */
    for (K_T j = 0; j < p->k; j++)
        distance[j] = UINT32_MAX;
    for (ROWS_T row = 0; row < p->rows; row++) {
        const POINTS_T *q = point;
        uint32_t sum = 0;
        K_T j = (K_T)(p->k - 1);
        for (FEATURES_T i = 0; i < p->features && sum < distance[p->k - 1]; i++) {
            const uint16_t z = cell_neighbours_difference(p, (int16_t)x[i], (int16_t)CELL_ROM_NEXT(POINTS_T, q), i);
            if (p->power == 2)
                sum += (uint32_t)z * z;
            else if (p->power == 1)
                sum += z;
            else if (z > sum)
                sum = z;
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
