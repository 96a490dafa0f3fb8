/* [dsp_taps] 3x3 depthwise convolution. Four channels at a time are copied to planes of 16-bit lanes, the zero point taken off and the borders
 * zero; a word holds two rows of one column, so that one SMLAD meets both. */
typedef struct {
    int32_t in_h;
    int32_t in_w;
    /* Bytes from one pixel to the next, in the image and in the output. */
    size_t pixel;
    int32_t left;
    /* Size of a plane: words in a row, rows of words. */
    int32_t columns;
    size_t pairs;
    size_t out_w;
    int32_t zero_x;
    int32_t lo;
    int32_t hi;
    uint8_t act;
} cell_dsp_taps;

/* Rows of words of the planes of the four channels at x, from y to `end` in the first of them; they start with row y0 of the image. */
CELL_DSP_SHARED void cell_dsp_taps_planes(const cell_dsp_taps *p, const int8_t *x, int32_t y0, uint32_t *y, const uint32_t *end)
{
    const uint32_t off = ((uint32_t)-p->zero_x & 0xffff) * 0x10001U;
    const uint32_t border = ((uint32_t)p->zero_x & 0xff) * 0x1010101U;
    const size_t plane = (size_t)p->columns * p->pairs;
    const int32_t rest = p->columns - p->left;
    const int32_t inside = rest < p->in_w ? rest : p->in_w;
    for (; y < end; y0 += 2) {
        const uint8_t in0 = y0 >= 0 && y0 < p->in_h;
        const uint8_t in1 = y0 + 1 >= 0 && y0 + 1 < p->in_h;
        const int8_t *s0 = in0 ? x + (size_t)y0 * (size_t)p->in_w * p->pixel : (const int8_t *)&border;
        const int8_t *s1 = in1 ? x + (size_t)(y0 + 1) * (size_t)p->in_w * p->pixel : (const int8_t *)&border;
        const size_t d0 = in0 ? p->pixel : 0;
        const size_t d1 = in1 ? p->pixel : 0;
        for (int32_t k = p->left; k > 0; k--, y++)
            y[0] = y[plane] = y[2 * plane] = y[3 * plane] = 0;
        for (const uint32_t *const last = y + inside; y < last; y++, s0 += d0, s1 += d1) {
            const uint32_t u = cell_dsp_load(s0);
            const uint32_t v = cell_dsp_load(s1);
            const uint32_t even = cell_dsp_add_even(off, u);
            const uint32_t odd = cell_dsp_add_odd(off, u);
            const uint32_t even_below = cell_dsp_add_even(off, v);
            const uint32_t odd_below = cell_dsp_add_odd(off, v);
            y[0] = cell_dsp_lows(even, even_below);
            y[plane] = cell_dsp_lows(odd, odd_below);
            y[2 * plane] = cell_dsp_highs(even, even_below);
            y[3 * plane] = cell_dsp_highs(odd, odd_below);
        }
        for (int32_t k = rest - inside; k > 0; k--, y++)
            y[0] = y[plane] = y[2 * plane] = y[3 * plane] = 0;
    }
}

/* `w`: for each column of the kernel the words (w0, w1) and (w1, w2), doubled, as the output stage wants its sums; `q`: bias (doubled too),
 * multiplier, addend and right shift of that stage. The step below is two rows and two columns of outputs from four columns of the plane. */
#if defined(CELL_DSP_STEPS)
#define CELL_DSP_COLUMN(s0, s1, ab, bc) \
    "smlad " s0 ", r2, " ab ", " s0 "\n smlatb " s1 ", r2, " ab ", " s1 "\n smlabt " s0 ", r3, " bc ", " s0 "\n smlad " s1 ", r3, " bc ", " s1 "\n"
#define CELL_DSP_TWO(columns, w0, w1, w2, w3) \
    __asm__ volatile(columns : "+r"(a0), "+r"(a1), "+r"(b0), "+r"(b1), "+r"(u), "+r"(v) : "r"(w0), "r"(w1), "r"(w2), "r"(w3) : "r2", "r3", "memory")
#define CELL_DSP_NINE()                                                                                                                    \
    do {                                                                                                                                   \
        CELL_DSP_TWO("ldr r2, [%4], #4\n ldr r3, [%5], #4\n" CELL_DSP_COLUMN("%0", "%1", "%6", "%7") "ldr r2, [%4], #4\n ldr r3, [%5], #4\n" \
                     CELL_DSP_COLUMN("%0", "%1", "%8", "%9") CELL_DSP_COLUMN("%2", "%3", "%6", "%7"), w[0], w[1], w[2], w[3]);             \
        CELL_DSP_TWO("ldr r2, [%4]\n ldr r3, [%5]\n" CELL_DSP_COLUMN("%0", "%1", "%8", "%9") CELL_DSP_COLUMN("%2", "%3", "%6", "%7")       \
                     "ldr r2, [%4, #4]\n ldr r3, [%5, #4]\n" CELL_DSP_COLUMN("%2", "%3", "%8", "%9"), w[2], w[3], w[4], w[5]);             \
    } while (0)
#else
#define CELL_DSP_COLUMN(s0, s1, k, c)                                                      \
    s0 = cell_dsp_mac_bt(v[c], w[2 * (k) + 1], cell_dsp_mac(u[c], w[2 * (k)], s0));        \
    s1 = cell_dsp_mac(v[c], w[2 * (k) + 1], cell_dsp_mac_tb(u[c], w[2 * (k)], s1))
#define CELL_DSP_NINE()                      \
    do {                                     \
        for (uint8_t c = 0; c < 3; c++) {    \
            CELL_DSP_COLUMN(a0, a1, c, c);   \
            CELL_DSP_COLUMN(b0, b1, c, c + 1); \
        }                                    \
        u += 2;                              \
        v += 2;                              \
    } while (0)
#endif

CELL_INLINE int8_t cell_dsp_taps_put(const cell_dsp_taps *p, int32_t twice, int32_t m, int32_t c, int32_t n)
{
    return p->act == CELL_DSP_RELU ? cell_dsp_relu(twice, m, c, n) : cell_dsp_bounded(twice, m, c, n, p->lo, p->hi);
}

/* One channel, stride 1. */
CELL_DSP_SHARED void cell_dsp_taps_one(const cell_dsp_taps *p, const uint32_t *weights, const int32_t *q, const uint32_t *x, int8_t *y, uint32_t rows)
{
    const uint32_t w[6] = { weights[0], weights[1], weights[2], weights[3], weights[4], weights[5] };
    const int32_t bias = q[0], m = q[1], c = q[2], n = q[3];
    const size_t pixel = p->pixel;
    const size_t row = p->out_w * pixel;
    for (; rows > 0; rows -= rows > 1 ? 2 : 1, x += p->columns, y += 2 * row) {
        const uint32_t *u = x;
        const uint32_t *v = x + p->columns;
        /* Where there is no second row the first is written over it. */
        const size_t below = rows > 1 ? row : 0;
        int8_t *z = y;
        for (size_t k = p->out_w >> 1; k > 0; k--) {
            int32_t a0 = bias, a1 = bias, b0 = bias, b1 = bias;
            CELL_DSP_NINE();
            int8_t *const z1 = z + pixel;
            if (p->act == CELL_DSP_RELU) {
                z[below] = cell_dsp_relu(a1, m, c, n);
                z1[below] = cell_dsp_relu(b1, m, c, n);
                z[0] = cell_dsp_relu(a0, m, c, n);
                z1[0] = cell_dsp_relu(b0, m, c, n);
            } else {
                z[below] = cell_dsp_bounded(a1, m, c, n, p->lo, p->hi);
                z1[below] = cell_dsp_bounded(b1, m, c, n, p->lo, p->hi);
                z[0] = cell_dsp_bounded(a0, m, c, n, p->lo, p->hi);
                z1[0] = cell_dsp_bounded(b0, m, c, n, p->lo, p->hi);
            }
            z = z1 + pixel;
        }
        if (p->out_w & 1) {
            int32_t s0 = bias, s1 = bias;
            for (uint8_t k = 0; k < 3; k++) {
                s0 = cell_dsp_mac_bt(v[k], w[2 * k + 1], cell_dsp_mac(u[k], w[2 * k], s0));
                s1 = cell_dsp_mac(v[k], w[2 * k + 1], cell_dsp_mac_tb(u[k], w[2 * k], s1));
            }
            z[below] = cell_dsp_taps_put(p, s1, m, c, n);
            z[0] = cell_dsp_taps_put(p, s0, m, c, n);
        }
    }
}

/* One channel, stride 2, column by column of the output downwards. */
CELL_DSP_SHARED void cell_dsp_taps_two(const cell_dsp_taps *p, const uint32_t *w, const int32_t *q, const uint32_t *x, int8_t *y, uint32_t rows)
{
    const int32_t bias = q[0], m = q[1], c = q[2], n = q[3];
    const size_t row = p->out_w * p->pixel;
    const size_t columns = (size_t)p->columns;
    for (size_t left = p->out_w; left > 0; left--, x += 2, y += p->pixel) {
        const uint32_t *u = x;
        int8_t *z = y;
        uint32_t u0 = u[0], u1 = u[1], u2 = u[2];
        for (const int8_t *const end = y + row * rows; z < end; z += row) {
            u += columns;
            int32_t s = cell_dsp_mac(u2, w[4], cell_dsp_mac(u1, w[2], cell_dsp_mac(u0, w[0], bias)));
            u0 = u[0];
            u1 = u[1];
            u2 = u[2];
            s = cell_dsp_mac_bt(u2, w[5], cell_dsp_mac_bt(u1, w[3], cell_dsp_mac_bt(u0, w[1], s)));
            *z = cell_dsp_taps_put(p, s, m, c, n);
        }
    }
}

