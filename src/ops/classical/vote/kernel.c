/* Votes of k neighbours for their classes, or the mean of their values. A weight is the nearest distance over the own one,
 * in parts of `one`; with a neighbour at distance 0 only such neighbours count. */
#include "params.generated.h"

/* A distance as a divisor of 16 bits: a root of 32 bits, or shifted down. */
static inline uint16_t cell_vote_size(const cell_vote_params *p, uint32_t d, uint8_t shift)
{
    return p->squared ? cell_sqrt_u32(d << shift) : (uint16_t)(d >> shift);
}

static void cell_vote(const cell_vote_params *p, const DISTANCE_T *distance, const INDEX_T *index, Y_T *y)
{
    uint16_t first = 0;
    uint16_t total = 0;
    uint8_t shift = 0;
    int32_t sum = 0;
    for (OUTPUTS_T c = 0; c < p->outputs; c++)
        y[c] = 0;
    if (p->weighted && distance[0] != 0) {
        /* One shift for all: only ratios matter. */
        if (p->squared) {
            for (uint32_t d = distance[p->k - 1]; d < (uint32_t)1 << 30; d <<= 2)
                shift = (uint8_t)(shift + 2);
        } else {
            for (uint32_t d = distance[p->k - 1]; d > UINT16_MAX; d >>= 1)
                shift++;
        }
        first = cell_vote_size(p, distance[0], shift);
    }
    for (K_T j = 0; j < p->k; j++) {
        uint16_t w = p->one;
        if (p->weighted && distance[0] == 0) {
            w = distance[j] == 0 ? p->one : 0;
        } else if (p->weighted) {
            const uint16_t size = cell_vote_size(p, distance[j], shift);
            w = (uint16_t)((uint32_t)first * p->one / (size == 0 ? 1U : size));
        }
        total = (uint16_t)(total + w);
        if (p->values) {
            sum += (int32_t)w * CELL_ROM(TARGET_T, p->target + index[j]);
        } else {
            OUTPUTS_T c = 0;
            while (index[j] >= CELL_ROM(TARGET_T, p->target + c))
                c++;
            y[c] = (Y_T)(y[c] + w);
        }
    }
    if (p->values)
        y[0] = (Y_T)(p->weighted ? sum / (total == 0 ? 1 : (int32_t)total) : sum);
}
