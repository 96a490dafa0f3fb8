/* The class with most votes over all pairs; of several, the one with the largest sum of its decisions. */
#include "params.generated.h"

static void cell_ovo_break_ties(const cell_ovo_break_ties_params *p, const X_T *x, Y_T *y)
{
    int16_t most = -1;
    int32_t top = 0;
    const X_T *own = x; /* decisions (c, c + 1), (c, c + 2) ... */
    for (CLASSES_T c = 0; c < p->classes; c++) {
        int16_t votes = 0;
        int32_t sum = 0; /* shifted, so that it cannot overflow */
        const X_T *other = x + c; /* one behind decision (0, c) */
        for (CLASSES_T o = 0; o < c; o++) {
            votes = (int16_t)(votes + (other[-1] < 0));
            sum -= (int32_t)other[-1] >> p->shift;
            other += p->classes - 2 - o;
        }
        for (CLASSES_T o = (CLASSES_T)(c + 1); o < p->classes; o++) {
            votes = (int16_t)(votes + (*own >= 0));
            sum += (int32_t)*own++ >> p->shift;
        }
        if (votes > most || (votes == most && sum > top)) {
            most = votes;
            top = sum;
            *y = (Y_T)c;
        }
    }
}
