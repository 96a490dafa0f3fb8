/* 3x3 depthwise convolution for the DSP extension. Four channels at a time are copied to planes of 16-bit lanes, the zero point taken off and
 * the borders zero; a word holds two rows of one column. */
#include "params.dsp.generated.h"

/* Planes of the four channels at x; their first row is row y0 of the image. */
static inline void cell_depthwise_conv_2d_planes(const cell_depthwise_conv_2d_params *p, const X_T *x, int32_t y0, uint32_t *y)
{
    const uint32_t off = ((uint32_t)-(int32_t)p->zero_x & 0xffff) * 0x10001U;
    const uint32_t border = ((uint32_t)(int32_t)p->zero_x & 0xff) * 0x1010101U;
    const size_t row = (size_t)p->in_w * p->in_c;
    const size_t plane = (size_t)p->columns * p->pairs;
    for (int32_t k = -p->left; k < (int32_t)p->columns - p->left; k++) {
        const X_T *s = x + (ptrdiff_t)y0 * (ptrdiff_t)row + (ptrdiff_t)k * (ptrdiff_t)p->in_c;
        const uint32_t rows = (uint32_t)k < (uint32_t)p->in_w ? (uint32_t)p->in_h : 0;
        uint32_t r = (uint32_t)y0;
        for (const uint32_t *const end = y + p->pairs; y < end; y++, r += 2, s += 2 * row) {
            const uint32_t u = r < rows ? cell_dsp_load(s) : border;
            const uint32_t v = r + 1 < rows ? cell_dsp_load(s + row) : border;
            const uint32_t even = cell_dsp_add_even(off, u);
            const uint32_t odd = cell_dsp_add_odd(off, u);
            const uint32_t even_below = cell_dsp_add_even(off, v);
            const uint32_t odd_below = cell_dsp_add_odd(off, v);
            y[0] = cell_dsp_lows(even, even_below);
            y[plane] = cell_dsp_lows(odd, odd_below);
            y[2 * plane] = cell_dsp_highs(even, even_below);
            y[3 * plane] = cell_dsp_highs(odd, odd_below);
        }
    }
}

static inline Y_T cell_depthwise_conv_2d_put(const cell_depthwise_conv_2d_params *p, const cell_dsp_taps *k, int32_t sum)
{
    return p->act == CELL_DSP_RELU ? cell_dsp_relu(sum, k->m, k->c, k->n)
         : p->act == CELL_DSP_FULL ? cell_dsp_full(sum, k->m, k->c, k->n)
                                   : cell_dsp_bounded(sum, k->m, k->c, k->n, p->lo, p->hi);
}

/* Two rows of one channel, from left to right: each column of the plane ends one pair of outputs, goes on with the next and begins a third.
 * `below`: from the first row to the second, or 0 where there is none. */
static inline void cell_depthwise_conv_2d_rows(const cell_depthwise_conv_2d_params *p, const cell_dsp_taps *k, const uint32_t *x, Y_T *y, size_t below)
{
    const size_t next = p->pairs;
    uint32_t u = x[0];
    uint32_t v = x[1];
    int32_t b0 = cell_dsp_mac_bt(v, k->bc[0], cell_dsp_mac(u, k->ab[0], k->bias));
    int32_t b1 = cell_dsp_mac(v, k->bc[0], cell_dsp_mac_tb(u, k->ab[0], k->bias));
    x += next;
    u = x[0];
    v = x[1];
    int32_t a0 = cell_dsp_mac_bt(v, k->bc[1], cell_dsp_mac(u, k->ab[1], b0));
    int32_t a1 = cell_dsp_mac(v, k->bc[1], cell_dsp_mac_tb(u, k->ab[1], b1));
    b0 = cell_dsp_mac_bt(v, k->bc[0], cell_dsp_mac(u, k->ab[0], k->bias));
    b1 = cell_dsp_mac(v, k->bc[0], cell_dsp_mac_tb(u, k->ab[0], k->bias));
    for (OUT_W_T left = p->out_w; left > 0; left--, y += p->in_c) {
        x += next;
        u = x[0];
        v = x[1];
        const int32_t s0 = cell_dsp_mac_bt(v, k->bc[2], cell_dsp_mac(u, k->ab[2], a0));
        const int32_t s1 = cell_dsp_mac(v, k->bc[2], cell_dsp_mac_tb(u, k->ab[2], a1));
        a0 = cell_dsp_mac_bt(v, k->bc[1], cell_dsp_mac(u, k->ab[1], b0));
        a1 = cell_dsp_mac(v, k->bc[1], cell_dsp_mac_tb(u, k->ab[1], b1));
        b0 = cell_dsp_mac_bt(v, k->bc[0], cell_dsp_mac(u, k->ab[0], k->bias));
        b1 = cell_dsp_mac(v, k->bc[0], cell_dsp_mac_tb(u, k->ab[0], k->bias));
        y[below] = cell_depthwise_conv_2d_put(p, k, s1);
        y[0] = cell_depthwise_conv_2d_put(p, k, s0);
    }
}

/* One column of outputs two rows and columns apart, downwards. */
static inline void cell_depthwise_conv_2d_down(const cell_depthwise_conv_2d_params *p, const cell_dsp_taps *k, const uint32_t *x, Y_T *y, uint32_t rows)
{
    const size_t next = p->pairs;
    const size_t step = (size_t)p->out_w * p->in_c;
    uint32_t u0 = x[0];
    uint32_t u1 = x[next];
    uint32_t u2 = x[2 * next];
    for (; rows > 0; rows--, y += step) {
        x++;
        int32_t s = cell_dsp_mac(u0, k->ab[0], k->bias);
        s = cell_dsp_mac(u1, k->ab[1], s);
        s = cell_dsp_mac(u2, k->ab[2], s);
        u0 = x[0];
        u1 = x[next];
        u2 = x[2 * next];
        s = cell_dsp_mac_bt(u0, k->bc[0], s);
        s = cell_dsp_mac_bt(u1, k->bc[1], s);
        s = cell_dsp_mac_bt(u2, k->bc[2], s);
        y[0] = cell_depthwise_conv_2d_put(p, k, s);
    }
}

/* `rows` rows of one channel. */
static inline void cell_depthwise_conv_2d_band(const cell_depthwise_conv_2d_params *p, const uint32_t *w, const int32_t *q, const uint32_t *x, Y_T *y, uint32_t rows)
{
    const cell_dsp_taps k = { { w[0], w[2], w[4] }, { w[1], w[3], w[5] }, q[0], q[1], (p->zero_y * 2 + 1) * ((int32_t)1 << (q[2] - 1)), q[2] };
    const size_t step = (size_t)p->out_w * p->in_c;
    if (p->stride == 1) {
        for (; rows > 0; rows -= rows > 1 ? 2 : 1, x++, y += 2 * step)
            cell_depthwise_conv_2d_rows(p, &k, x, y, rows > 1 ? step : 0);
    } else {
        for (OUT_W_T left = p->out_w; left > 0; left--, x += 2 * p->pairs, y += p->in_c)
            cell_depthwise_conv_2d_down(p, &k, x, y, rows);
    }
}

static inline void cell_depthwise_conv_2d(const cell_depthwise_conv_2d_params *p, const X_T *x, Y_T *y, uint8_t *scratch)
{
    uint32_t *const planes = (uint32_t *)(void *)scratch;
    const uint32_t *w = p->w;
    const int32_t *q = p->q;
    for (QUADS_T k = 0; k < p->quads; k++, w += 24, q += 12) {
        const size_t c = (size_t)k * 4 + 4 <= p->in_c ? (size_t)k * 4 : (size_t)p->in_c - 4;
        for (uint32_t r = 0; r < p->out_h; r += p->band) {
            const uint32_t rows = p->out_h - r < p->band ? p->out_h - r : p->band;
            cell_depthwise_conv_2d_planes(p, x + c, (int32_t)(r * p->stride) - p->top, planes);
            for (uint8_t i = 0; i < 4; i++)
                if (q[i * 3 + 2] != 0)
                    cell_depthwise_conv_2d_band(p, w + i * 6, q + i * 3, planes + (size_t)i * p->columns * p->pairs, y + ((size_t)r * p->out_w * p->in_c + c + i), rows);
        }
    }
}
