/* 3x3 convolution of stride 1 for the DSP extension by Winograd's algorithm, its weights transformed when the program was made. */
#include "params.winograd.generated.h"

static inline void cell_conv_2d(const cell_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_dsp_winograd layer = {
        (int32_t)p->in_h, (int32_t)p->in_w, p->in_c, p->out_h, p->out_w, p->out_c, p->words, p->zero_x, p->lo, p->hi, p->act,
    };
    uint32_t *const v = (uint32_t *)(void *)scratch;
    int32_t *const sums = (int32_t *)(void *)(v + (size_t)p->words * 64);
    int8_t *const patch = (int8_t *)(sums + 128);
    for (uint32_t r = 0; r < p->out_h; r += 2) {
        for (uint32_t c = 0; c < p->out_w; c += 8) {
            cell_dsp_winograd_image(&layer, x, (int32_t)r - p->top, (int32_t)c - p->left, patch, v);
            for (uint32_t k = 0; k < p->pairs; k++)
                cell_dsp_winograd_pair(&layer, p->q + (size_t)k * 8, p->u + (size_t)k * p->words * 32, v, sums, y, r, c);
        }
    }
}
