/* 3x3 convolution of stride 1 for the DSP extension by Winograd's algorithm, its weights transformed here, for several tiles at once. */
#include "params.winograd_bytes.generated.h"

static inline void cell_conv_2d(const cell_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_dsp_winograd layer = {
        (int32_t)p->in_h, (int32_t)p->in_w, p->in_c, p->out_h, p->out_w, p->out_c, p->words, p->zero_x, p->lo, p->hi, p->act,
    };
    const size_t group = (size_t)p->words * 64;
    uint32_t *const v = (uint32_t *)(void *)scratch;
    uint32_t *const u = v + group * p->strip;
    int32_t *const sums = (int32_t *)(void *)(u + (size_t)p->words * 32);
    int8_t *const patch = (int8_t *)(sums + 128);
    const uint32_t across = ((uint32_t)p->out_w + 7) / 8;
    const uint32_t groups = ((uint32_t)p->out_h + 1) / 2 * across;
    for (uint32_t first = 0; first < groups; first += p->strip) {
        const uint32_t end = groups - first < p->strip ? groups : first + p->strip;
        for (uint32_t g = first; g < end; g++)
            cell_dsp_winograd_image(&layer, x, (int32_t)(g / across * 2) - p->top, (int32_t)(g % across * 8) - p->left, patch, v + (g - first) * group);
        for (uint32_t k = 0; k < p->pairs; k++) {
            cell_dsp_winograd_weights(p->w + (size_t)k * p->words * 9, p->words, u);
            for (uint32_t g = first; g < end; g++)
                cell_dsp_winograd_pair(&layer, p->q + (size_t)k * 8, u, v + (g - first) * group, sums, y, g / across * 2, g % across * 8);
        }
    }
}
