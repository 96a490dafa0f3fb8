/* Softmax over the last axis, in fixed point. */
#include "params.generated.h"

/* 1 / (1 + a) in Q0.31 for a in [0, 1) in Q0.31: three steps of Newton's method, then saturated. */
static inline int32_t cell_softmax_reciprocal(uint32_t a)
{
    const int32_t half = (int32_t)((a + 0x80000000U) >> 1);
    int32_t x = 1515870810 + cell_requant(half, -1010580540, 0);
    for (uint8_t i = 0; i < 3; i++)
        x += cell_requant(x, 0x20000000 - cell_requant(half, x, 0), 0) * 4;
    return x > 0x3fffffff ? 0x7fffffff : x * 2;
}

static inline uint8_t cell_softmax_headroom(uint32_t sum)
{
    uint8_t n = 0;
    for (; sum < 0x80000000U; sum <<= 1)
        n++;
    return n;
}

/* A row of int8: exp of each possible difference to the largest element comes from a table. */
static inline void cell_softmax_row8(const cell_softmax_params *p, const X_T *x, Y_T *y, X_T max)
{
    uint32_t sum = 0;
    for (DEPTH_T c = 0; c < p->depth; c++) {
        const uint16_t d = (uint16_t)(max - x[c]);
        if (d < p->reach)
            sum += ((uint32_t)CELL_ROM(TABLE_T, p->table + d) + 0x800) >> 12;
    }
    const uint8_t headroom = cell_softmax_headroom(sum);
    const int32_t scale = cell_softmax_reciprocal((uint32_t)(sum << headroom) - 0x80000000U);
    const uint8_t right = (uint8_t)(43 - headroom - p->bits);
    const int32_t lowest = -((int32_t)1 << (p->bits - 1));
    for (DEPTH_T c = 0; c < p->depth; c++) {
        const uint16_t d = (uint16_t)(max - x[c]);
        const int32_t v = d < p->reach && right < 32 ? cell_requant(CELL_ROM(TABLE_T, p->table + d), scale, (int8_t)-right) + lowest : lowest;
        y[c] = (Y_T)(v < -lowest ? v : -lowest - 1);
    }
}

/* One of the two tables of 513 points at x, with linear interpolation. */
static inline int32_t cell_softmax_lookup(const TABLE_T *table, int32_t x)
{
    x = cell_clamp(x, -32768, 32767);
    table += 256 + (x >> 7);
    const int32_t base = CELL_ROM(TABLE_T, table);
    return base + (((CELL_ROM(TABLE_T, table + 1) - base) * (x & 127) + 64) >> 7);
}

/* A row of int16; the output holds the exponentials until their sum is known. */
static inline void cell_softmax_row16(const cell_softmax_params *p, const X_T *x, Y_T *y, X_T max)
{
    uint32_t sum = 0;
    for (DEPTH_T c = 0; c < p->depth; c++) {
        const int32_t e = cell_softmax_lookup(p->table, cell_requant((int32_t)x[c] - max, p->mult, p->shift) + 32767);
        y[c] = (Y_T)e;
        sum += (uint32_t)e;
    }
    const uint8_t headroom = cell_softmax_headroom(sum);
    const uint32_t shifted = ((sum << (headroom - 1)) + 0x2000) >> 14;
    const int32_t scale = cell_softmax_lookup(p->table + 513, (int32_t)shifted - 98304);
    for (DEPTH_T c = 0; c < p->depth; c++) {
        const int32_t v = (y[c] * scale + ((int32_t)1 << (30 - headroom))) >> (31 - headroom);
        y[c] = (Y_T)(v < 32767 ? v : 32767);
    }
}

static inline void cell_softmax(const cell_softmax_params *p, const X_T *x, Y_T *y)
{
    for (ROWS_T r = 0; r < p->rows; r++, x += p->depth, y += p->depth) {
        X_T max = x[0];
        for (DEPTH_T c = 1; c < p->depth; c++)
            max = x[c] > max ? x[c] : max;
        if (sizeof(X_T) == 1)
            cell_softmax_row8(p, x, y, max);
        else
            cell_softmax_row16(p, x, y, max);
    }
}
