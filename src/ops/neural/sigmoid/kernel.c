/* Logistic function or hyperbolic tangent: bytes by a table of answers; 16 bits by 256 points of the logistic function with straight
 * lines between them (tanh(x) = 2 * logistic(2x) - 1). */
#include "params.generated.h"

static inline void cell_sigmoid(const cell_sigmoid_params *p, const X_T *x, Y_T *y)
{
    for (N_T i = 0; i < p->n; i++) {
        if (sizeof(X_T) == 1)
            y[i] = (Y_T)CELL_ROM(TABLE_T, p->table + (uint8_t)X_AT(x, i));
        else
            y[i] = (Y_T)(p->tanh ? cell_squash_tanh(p->table, (X_AT(x, i) * p->mult + p->round) >> p->shift)
                                 : cell_squash_logistic(p->table, (X_AT(x, i) * p->mult + p->round) >> p->shift));
    }
}
