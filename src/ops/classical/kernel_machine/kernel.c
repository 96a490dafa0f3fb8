/* y[p] = b[p] + sum over support vectors of dual[p][i] * K(x, sv[i]). K once per vector, then added to every pair of its class. */
#include "params.generated.h"

/* Table entry of a 16-bit argument. */
static inline int16_t cell_kernel_machine_look_up(const cell_kernel_machine_params *p, uint16_t r)
{
    const TABLE_T *at = p->table + (r >> p->fine);
    const int16_t low = CELL_ROM(TABLE_T, at);
    if (!p->smooth)
        return low;
    const int16_t step = (int16_t)(CELL_ROM(TABLE_T, at + 1) - low);
    const int16_t part = (int16_t)(r & ((1u << p->fine) - 1u));
    return (int16_t)(low + (CELL_MUL(int16_t, int16_t, step, part) >> p->fine));
}

/* exp(-gamma |x - sv|^2) as 2^-(halvings + rest): the halvings are counted, the rest is looked up. */
static inline int16_t cell_kernel_machine_radial(const cell_kernel_machine_params *p, const X_T *x, const SV_T *sv)
{
    const uint32_t half = p->down > 0 ? (uint32_t)1 << (p->down - 1) : 0;
    uint32_t sum = half;
    if (sizeof(SV_T) == sizeof(X_T)) {
        sum = CELL_PASTE(cell_distance_, X_T)(sum, x, (const X_T *)sv, p->features, p->narrow);
    } else { /* 8 bits stand for 16 */
        for (FEATURES_T j = 0; j < p->features; j++) {
            const int16_t s = (int16_t)(CELL_ROM_NEXT(SV_T, sv) * (1 << p->coarse) + p->centre);
            const uint16_t d = (uint16_t)((uint16_t)(x[j] > s ? (uint16_t)x[j] - (uint16_t)s : (uint16_t)s - (uint16_t)x[j]) >> p->narrow);
            sum += (uint32_t)d * d;
        }
    }
    if (sum > p->limit)
        return 0; /* 16 halvings: nothing is left */
    uint16_t r = (uint16_t)(p->up > 0 ? sum << p->up : sum >> p->down);
    uint8_t halvings = 0;
    for (; r >= p->period; r = (uint16_t)(r - p->period))
        halvings++;
    return (int16_t)(cell_kernel_machine_look_up(p, r) >> halvings);
}

/* g x.sv + c in a unit of its own; bounded at compile time for any x. */
static inline int32_t cell_kernel_machine_inner(const cell_kernel_machine_params *p, const X_T *x, const SV_T *sv, int32_t sum)
{
    for (FEATURES_T j = 0; j < p->features; j++)
        sum += CELL_MUL(X_T, SV_T, x[j], CELL_ROM_NEXT(SV_T, sv));
    return sum;
}

static inline int32_t cell_kernel_machine_power(const cell_kernel_machine_params *p, int32_t sum)
{
    const int16_t v = (int16_t)cell_clamp(cell_shift_round(sum, p->down), -32767, 32767);
    int16_t w = v;
    for (uint8_t d = 2; d < p->degree; d++)
        w = (int16_t)cell_shift_round(CELL_MUL(int16_t, int16_t, w, v), 15);
    return (p->degree < 2 ? (int32_t)v : CELL_MUL(int16_t, int16_t, w, v)) >> p->cut;
}

static inline int16_t cell_kernel_machine_tanh(const cell_kernel_machine_params *p, int32_t sum)
{
    const uint32_t size = (uint32_t)(sum < 0 ? -sum : sum) + (p->down > 0 ? (uint32_t)1 << (p->down - 1) : 0);
    const uint32_t r = size > p->limit ? p->period : p->up > 0 ? size << p->up : size >> p->down;
    const int16_t v = cell_kernel_machine_look_up(p, (uint16_t)r);
    return (int16_t)(sum < 0 ? -v : v);
}

/* k * dual >> drop; k of a power has up to 24 bits, so it is multiplied in two parts. */
static inline int32_t cell_kernel_machine_product(const cell_kernel_machine_params *p, int32_t k, DUAL_T dual)
{
    if (p->kernel != 1)
        return CELL_MUL(int16_t, DUAL_T, (int16_t)k, dual) >> p->drop;
    const int32_t high = CELL_MUL(int16_t, DUAL_T, (int16_t)(k >> 8), dual);
    const int32_t low = CELL_MUL(uint8_t, DUAL_T, (uint8_t)k, dual);
    return p->drop > 0 ? high + (low >> 8) : high * 256 + low;
}

static void cell_kernel_machine(const cell_kernel_machine_params *p, const X_T *x, Y_T *y)
{
    const SV_T *sv = p->sv;             /* (vectors, features) */
    const DUAL_T *dual = p->dual;       /* (vectors, rows) */
    const OFFSET_T *offset = p->offset; /* (vectors) or (1) */
    const PAIR_T *pair = p->pair;       /* (groups, rows): the outputs a vector of this class adds to */
    const B_T *b = p->b;                /* (outputs) */
    for (OUTPUTS_T o = 0; o < p->outputs; o++)
        y[o] = CELL_ROM_NEXT(B_T, b);
    for (GROUPS_T g = 0; g < p->groups; g++) {
        for (COUNT_T i = CELL_ROM(COUNT_T, p->count + g); i > 0; i--) {
            int32_t k;
            if (p->kernel == 0) {
                k = cell_kernel_machine_radial(p, x, sv);
            } else {
                const int32_t sum = cell_kernel_machine_inner(p, x, sv, CELL_ROM(OFFSET_T, offset));
                k = p->kernel == 1 ? cell_kernel_machine_power(p, sum) : cell_kernel_machine_tanh(p, sum);
                offset += p->each;
            }
            sv += p->features;
            if (k == 0) { /* far away */
                dual += p->rows;
                continue;
            }
            for (ROWS_T r = 0; r < p->rows; r++) {
                const DUAL_T q = CELL_ROM_NEXT(DUAL_T, dual);
                if (q != 0) /* a vector is often one for some of its pairs only */
                    y[CELL_ROM(PAIR_T, pair + r)] += cell_kernel_machine_product(p, k, q);
            }
        }
        pair += p->rows;
    }
}
