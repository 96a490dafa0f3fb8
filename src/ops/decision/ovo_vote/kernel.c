/* The class with most votes over all pairs; the first one on a tie. Counted class by class: no array of votes. */
#include "params.generated.h"

static void cell_ovo_vote(const cell_ovo_vote_params *p, const X_T *x, Y_T *y)
{
    int16_t most = -1;
    const X_T *own = x; /* decisions (c, c + 1), (c, c + 2) ... */
    for (CLASSES_T c = 0; c < p->classes; c++) {
        int16_t votes = 0;
        const X_T *other = x + c; /* one behind decision (0, c); those of (o, c) lie further and further back */
        for (CLASSES_T o = 0; o < c; o++) {
            votes = (int16_t)(votes + (other[-1] <= 0));
            other += p->classes - 2 - o;
        }
        for (CLASSES_T o = (CLASSES_T)(c + 1); o < p->classes; o++)
            votes = (int16_t)(votes + (*own++ > 0));
        if (votes > most) {
            most = votes;
            *y = (Y_T)c;
        }
    }
}
