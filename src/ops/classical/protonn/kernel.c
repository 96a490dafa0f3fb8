/* y = sum over prototypes of w * 2^-u, u the squared distance in halvings: whole ones are shifts, the rest of one is a parabola. No table. */
#include "params.generated.h"

/* 8-bit places, so a difference has 8 bits and a sign. */
static inline uint32_t cell_protonn_distance(const cell_protonn_params *p, const Z_T *z, const B_T *b)
{
    uint32_t sum = 0;
    for (DIMS_T i = 0; i < p->dims; i++) {
        const int16_t d = (int16_t)(z[i] - CELL_ROM_NEXT(B_T, b));
        const uint8_t size = (uint8_t)(d < 0 ? -d : d);
        sum += (uint16_t)CELL_MUL(uint8_t, uint8_t, size, size);
    }
    return sum;
}

static void cell_protonn(const cell_protonn_params *p, const Z_T *z, Y_T *y)
{
    const B_T *b = p->b; /* (prototypes, dims) */
    const W_T *w = p->w; /* (prototypes, outputs) */
    for (OUTPUTS_T o = 0; o < p->outputs; o++)
        y[o] = 0;
    for (PROTOTYPES_T m = 0; m < p->prototypes; m++) {
        const uint32_t sum = cell_protonn_distance(p, z, b);
        b += p->dims;
        if (sum > p->limit) { /* far away */
            w += p->outputs;
            continue;
        }
        const uint16_t u = (uint16_t)((uint16_t)(sum >> p->narrow) * p->pace >> 16); /* 256ths of a halving */
        const uint8_t f = (uint8_t)u;
        const uint16_t bend = (uint16_t)(22007u - (uint16_t)(5623ul * f >> 8));
        const int16_t k = (int16_t)((uint16_t)(32768u - (uint16_t)((uint32_t)bend * f >> 8)) >> (uint8_t)((u >> 8) + 1));
        for (OUTPUTS_T o = 0; o < p->outputs; o++)
            y[o] += CELL_MUL(int16_t, W_T, k, CELL_ROM_NEXT(W_T, w)) >> p->drop;
    }
}
