/* Running sum along one axis of an int8 tensor. */
#include "params.generated.h"

/* TFLite's sums stand in units of 2^-19 of a step; those that do not fit 32 bits so stand in units of 2^-9. */
static inline int32_t cell_cumsum_output(const cell_cumsum_params *p, int32_t sum)
{
    if (sum > -4096 && sum < 4096)
        return cell_requant(sum * ((int32_t)1 << 19), p->mult, p->shift);
    return cell_requant(sum * 512, p->mult, (int8_t)(p->shift + 10));
}

static inline void cell_cumsum(const cell_cumsum_params *p, const X_T *x, Y_T *y)
{
    for (OUTER_T o = 0; o < p->outer; o++) {
        for (INNER_T i = 0; i < p->inner; i++) {
            int32_t sum = 0;
            for (LENGTH_T k = 0; k < p->length; k++) {
                const size_t row = (size_t)o * p->length + (size_t)(p->reverse ? p->length - 1 - k : k);
                const size_t at = row * p->inner + i;
                const int32_t before = sum;
                sum += X_AT(x, at) - p->zero_x;
                const int32_t v = cell_cumsum_output(p, p->exclusive ? before : sum) + p->zero_y;
                y[at] = (Y_T)(v < INT8_MIN ? INT8_MIN : v > INT8_MAX ? INT8_MAX : v);
            }
        }
    }
}
