/* The k nearest stored rows, nearest first, and what they say. A row is left as soon as it is no nearer than the worst one
 * kept. `top` bounds one difference, so that no sum reaches the start value. fixed-point.ts names the three modes. */
#include "params.generated.h"

/* |x - point| in the common unit. Both fit 16 bits with a sign, so the difference fits 16 bits without one. */
static inline uint16_t cell_neighbours_difference(const cell_neighbours_params *p, int16_t x, int16_t point, FEATURES_T i)
{
    uint16_t d = x > point ? (uint16_t)((uint16_t)x - (uint16_t)point) : (uint16_t)((uint16_t)point - (uint16_t)x);
    if (p->mode == 1) {
        const int32_t z = CELL_MUL(int16_t, uint8_t, (int16_t)CELL_ROM(R_T, p->r + i), (uint8_t)(d < 255 ? d : 255)) >> (p->shift0 != 255 ? p->shift0 : CELL_ROM(SHIFT_T, p->shift + i));
        return z < p->top ? (uint16_t)z : p->top;
    }
    if (p->mode == 0)
        d = (uint16_t)(d >> p->shift0);
    return d < p->top ? d : p->top;
}

/* Distance to one row; not the whole of it once it is `worst` or more. */
static inline uint32_t cell_neighbours_distance(const cell_neighbours_params *p, const X_T *x, const COMMON_T *common, const POINTS_T *q, uint32_t worst)
{
    uint32_t sum = 0;
    for (FEATURES_T i = 0; i < p->features && sum < worst; i++) {
        const int16_t v = p->mode == 2 ? common[i] : (int16_t)x[i];
        const uint16_t z = cell_neighbours_difference(p, v, (int16_t)CELL_ROM_NEXT(POINTS_T, q), i);
        if (p->power == 2)
            sum += (uint32_t)CELL_MUL(int16_t, int16_t, (int16_t)z, (int16_t)z);
        else if (p->power == 1)
            sum += z;
        else if (z > sum)
            sum = z;
    }
    return sum;
}

static inline void cell_neighbours_search(const cell_neighbours_params *p, const X_T *x, DISTANCE_T *distance, INDEX_T *index, COMMON_T *common)
{
    const POINTS_T *point = p->points; /* (rows, features) */
    if (p->mode == 2)
        for (FEATURES_T i = 0; i < p->features; i++)
            common[i] = (COMMON_T)cell_clamp((CELL_MUL(X_T, int16_t, x[i], (int16_t)CELL_ROM(R_T, p->r + i)) + (int32_t)CELL_ROM(OFFSET_T, p->offset + i)) >> CELL_ROM(SHIFT_T, p->shift + i), -32767, 32767);
    for (K_T j = 0; j < p->k; j++)
        distance[j] = UINT32_MAX;
    for (ROWS_T row = 0; row < p->rows; row++) {
        const uint32_t worst = distance[p->k - 1];
        const uint32_t sum = p->bytes ? CELL_PASTE(cell_distance_, X_T)(0, x, (const X_T *)(const void *)point, p->features, 0) : cell_neighbours_distance(p, x, common, point, worst);
        K_T j = (K_T)(p->k - 1);
        point += p->features;
        if (sum >= worst)
            continue;
        for (; j > 0 && distance[j - 1] > sum; j--) {
            distance[j] = distance[j - 1];
            index[j] = index[j - 1];
        }
        distance[j] = sum;
        index[j] = (INDEX_T)row;
    }
}

/* A distance as a divisor of 16 bits: a root of 32 bits, or shifted down. One shift serves all, as only ratios matter. */
static inline uint16_t cell_neighbours_size(const cell_neighbours_params *p, uint32_t d, uint8_t shift)
{
    return p->power == 2 ? cell_sqrt_u32(d << shift) : (uint16_t)(d >> shift);
}

/* Weights are the nearest distance over the own one, in parts of `one`; with a neighbour at distance 0 only such count. */
static inline uint16_t cell_neighbours_weight(const cell_neighbours_params *p, const DISTANCE_T *distance, K_T j, uint8_t shift, uint16_t first)
{
    uint16_t size;
    if (!p->weighted)
        return 1;
    if (distance[0] == 0)
        return distance[j] == 0 ? p->one : 0;
    size = cell_neighbours_size(p, distance[j], shift);
    return (uint16_t)((uint32_t)first * p->one / (size == 0 ? 1U : size));
}

static inline void cell_neighbours_say(const cell_neighbours_params *p, const DISTANCE_T *distance, const INDEX_T *index, Y_T *y)
{
    uint16_t first = 0, total = 0;
    uint8_t shift = 0;
    int32_t sum = 0;
    for (OUTPUTS_T c = 0; c < p->outputs; c++)
        y[c] = 0;
    if (p->weighted && distance[0] != 0) {
        uint32_t d = distance[p->k - 1];
        if (p->power == 2)
            for (; d < (uint32_t)1 << 30; d <<= 2)
                shift = (uint8_t)(shift + 2);
        else
            for (; d > UINT16_MAX; d >>= 1)
                shift++;
        first = cell_neighbours_size(p, distance[0], shift);
    }
    for (K_T j = 0; j < p->k; j++) {
        const uint16_t w = cell_neighbours_weight(p, distance, j, shift, first);
        total = (uint16_t)(total + w);
        if (p->values) {
            sum += (int32_t)w * (int32_t)CELL_ROM(TARGET_T, p->target + index[j]);
        } else {
            OUTPUTS_T c = 0;
            while ((uint16_t)index[j] >= (uint16_t)CELL_ROM(TARGET_T, p->target + c))
                c++;
            y[c] = (Y_T)((uint16_t)y[c] + w);
        }
    }
    if (p->values)
        y[0] = (Y_T)(p->weighted ? sum / (total == 0 ? 1 : (int32_t)total) : sum);
}

static void cell_neighbours(const cell_neighbours_params *p, const X_T *x, Y_T *y, DISTANCE_T *distance, INDEX_T *index, COMMON_T *common)
{
    cell_neighbours_search(p, x, distance, index, common);
    cell_neighbours_say(p, distance, index, y);
}
