/* 3x3 depthwise convolution for the DSP extension: four channels at a time, band by band of rows, as planes in scratch memory. */
#include "params.dsp.generated.h"

/* The planes of a band whose first row of outputs is row r. With stride 1 the last two rows of the band before are its first ones; they are
 * kept, since the output may have overwritten them. */
static inline void cell_depthwise_conv_2d_planes(const cell_depthwise_conv_2d_params *p, const cell_dsp_taps *taps, const X_T *x, uint32_t r, uint32_t *planes)
{
    const size_t plane = (size_t)p->columns * p->pairs;
    const size_t kept = p->stride == 1 && r > 0 ? p->columns : 0;
    uint32_t *z = planes;
    for (const uint32_t *const end = planes + kept; z < end; z++) {
        const uint32_t *const last = z + plane - kept;
        z[0] = last[0];
        z[plane] = last[plane];
        z[2 * plane] = last[2 * plane];
        z[3 * plane] = last[3 * plane];
    }
    cell_dsp_taps_planes(taps, x, (int32_t)(r * p->stride) - p->top + (kept > 0 ? 2 : 0), planes + kept, planes + plane);
}

static inline void cell_depthwise_conv_2d(const cell_depthwise_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    const cell_dsp_taps taps = {
        (int32_t)p->in_h, (int32_t)p->in_w, p->in_c, p->left, (int32_t)p->columns, p->pairs, p->out_w, p->zero_x, p->lo, p->hi, p->act,
    };
    const size_t row = (size_t)p->out_w * p->in_c;
    const size_t plane = (size_t)p->columns * p->pairs;
    uint32_t *const planes = (uint32_t *)(void *)scratch;
    const uint32_t *w = p->w;
    const int32_t *q = p->q;
    for (QUADS_T k = 0; k < p->quads; k++, w += 24, q += 16) {
        const size_t first = (size_t)k * 4 + 4 <= p->in_c ? (size_t)k * 4 : (size_t)p->in_c - 4;
        for (uint32_t r = 0; r < p->out_h; r += p->band) {
            const uint32_t rows = p->out_h - r < p->band ? p->out_h - r : p->band;
            cell_depthwise_conv_2d_planes(p, &taps, x + first, r, planes);
            for (uint8_t i = 0; i < 4; i++) {
                Y_T *const z = y + r * row + first + i;
                /* Channels that the four before have made bear no shift. */
                if (q[i * 4 + 3] == 0)
                    continue;
                if (p->stride == 1)
                    cell_dsp_taps_one(&taps, w + i * 6, q + i * 4, planes + i * plane, z, rows);
                else
                    cell_dsp_taps_two(&taps, w + i * 6, q + i * 4, planes + i * plane, z, rows);
            }
        }
    }
}
