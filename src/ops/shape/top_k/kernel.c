/* The k largest of each row by repeated search: no scratch, and k is small. */
#include "params.generated.h"

static inline void cell_top_k(const cell_top_k_params *p, const X_T *x, Y_T *y)
{
    for (ROWS_T r = 0; r < p->rows; r++) {
        N_T last = 0;
        for (K_T j = 0; j < p->k; j++) {
            N_T best = 0;
            uint8_t found = 0;
            for (N_T i = 0; i < p->n; i++) {
                const uint8_t taken = j > 0 && (x[i] > x[last] || (x[i] >= x[last] && i <= last));
                if (!taken && (!found || x[i] > x[best])) {
                    best = i;
                    found = 1;
                }
            }
            last = best;
            *y++ = p->positions ? (Y_T)last : (Y_T)x[last];
        }
        x += p->n;
    }
}
