/* The class with most votes over all pairs; of several, the one with the largest sum of its decisions: float32. */
#include "params.generated.h"

static void cell_ovo_break_ties(const cell_ovo_break_ties_params *p, const X_T *x, Y_T *y)
{
    int16_t most = -1;
    float top = 0.0f;
    const X_T *own = x; /* decisions (c, c + 1), (c, c + 2) ... */
    for (CLASSES_T c = 0; c < p->classes; c++) {
        int16_t votes = 0;
        float sum = 0.0f;
        const X_T *other = x + c; /* one behind decision (0, c) */
        for (CLASSES_T o = 0; o < c; o++) {
            votes = (int16_t)(votes + (other[-1] < 0));
            sum -= (float)other[-1];
            other += p->classes - 2 - o;
        }
        for (CLASSES_T o = (CLASSES_T)(c + 1); o < p->classes; o++) {
            votes = (int16_t)(votes + (*own >= 0));
            sum += (float)*own++;
        }
        if (votes > most || (votes == most && sum > top)) {
            most = votes;
            top = sum;
            *y = (Y_T)c;
        }
    }
}
