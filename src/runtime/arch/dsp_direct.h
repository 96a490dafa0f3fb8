/* [dsp_direct] Depthwise convolution straight from the image, four channels of one pixel at a time: no scratch memory, and any window.
 * `w`: for each four channels and cell of the window two words of lanes, in the order of cell_dsp_spread, doubled, as the output stage wants its
 * sums; `q`: for each four channels their biases (doubled too), then multiplier, addend and right shift of each. */
typedef struct {
    const uint32_t *w;
    const int32_t *q;
    /* Channels, which are the bytes of a pixel, and bytes of a row of the image. */
    size_t pixel;
    size_t row;
    uint32_t k_w;
    size_t cells;
    int32_t zero_x;
    int32_t lo;
    int32_t hi;
    uint8_t act;
} cell_dsp_direct;

/* The cells of a window that lie inside the image. */
typedef struct {
    const int8_t *x;
    uint32_t first;
    uint32_t rows;
    uint32_t columns;
} cell_dsp_window;

#if defined(CELL_DSP_STEPS)
#define CELL_DSP_CELL(at)                                                                                     \
    "ldr %5, " at "\n ldrd %7, %8, [%4], #8\n sxtab16 %6, %10, %5, ror #8\n sxtab16 %5, %10, %5\n"            \
    "smlabb %0, %5, %7, %0\n smlatt %2, %5, %7, %2\n smlabb %1, %6, %8, %1\n smlatt %3, %6, %8, %3\n"
#define CELL_DSP_CELLS(steps, x, step)                                                                                                    \
    do {                                                                                                                                  \
        uint32_t e_, o_, u_, v_;                                                                                                          \
        __asm__ volatile(steps : "+r"(s0), "+r"(s1), "+r"(s2), "+r"(s3), "+r"(w), "=&r"(e_), "=&r"(o_), "=&r"(u_), "=&r"(v_)              \
                         : "r"(x), "r"(off), "r"(step) : "memory");                                                                       \
    } while (0)
#define CELL_DSP_ONE_CELL(x) CELL_DSP_CELLS(CELL_DSP_CELL("[%9]"), x, 0)
#define CELL_DSP_THREE_CELLS(x, step) CELL_DSP_CELLS(CELL_DSP_CELL("[%9]") CELL_DSP_CELL("[%9, %11]") CELL_DSP_CELL("[%9, %11, lsl #1]"), x, step)
#else
#define CELL_DSP_ONE_CELL(x)                                    \
    do {                                                        \
        const uint32_t v_ = cell_dsp_load(x);                   \
        const uint32_t e_ = cell_dsp_add_even(off, v_);         \
        const uint32_t o_ = cell_dsp_add_odd(off, v_);          \
        s0 = cell_dsp_mac_bb(e_, w[0], s0);                     \
        s2 = cell_dsp_mac_tt(e_, w[0], s2);                     \
        s1 = cell_dsp_mac_bb(o_, w[1], s1);                     \
        s3 = cell_dsp_mac_tt(o_, w[1], s3);                     \
        w += 2;                                                 \
    } while (0)
#define CELL_DSP_THREE_CELLS(x, step)         \
    do {                                      \
        CELL_DSP_ONE_CELL(x);                 \
        CELL_DSP_ONE_CELL((x) + (step));      \
        CELL_DSP_ONE_CELL((x) + 2 * (step));  \
    } while (0)
#endif

CELL_DSP_INSIDE void cell_dsp_direct_put(const cell_dsp_direct *l, const int32_t *q, int32_t s0, int32_t s1, int32_t s2, int32_t s3, int8_t *y, uint8_t act)
{
    y[0] = cell_dsp_put(s0, q[0], q[1], q[2], l->lo, l->hi, act);
    y[1] = cell_dsp_put(s1, q[3], q[4], q[5], l->lo, l->hi, act);
    y[2] = cell_dsp_put(s2, q[6], q[7], q[8], l->lo, l->hi, act);
    y[3] = cell_dsp_put(s3, q[9], q[10], q[11], l->lo, l->hi, act);
}

/* All channels of one pixel; the last four end with the last channel. */
CELL_DSP_INSIDE void cell_dsp_direct_channels(const cell_dsp_direct *l, const cell_dsp_window *in, int8_t *y, uint8_t whole, uint8_t act)
{
    const uint32_t off = ((uint32_t)-l->zero_x & 0xffff) * 0x10001U;
    const size_t pixel = l->pixel;
    const uint32_t *w = l->w;
    const int32_t *q = l->q;
    const int8_t *x = in->x;
    for (size_t left = pixel; left > 0; q += 16) {
        int32_t s0 = q[0], s1 = q[1], s2 = q[2], s3 = q[3];
        if (whole) {
            CELL_DSP_THREE_CELLS(x, pixel);
            const int8_t *const x1 = x + l->row;
            CELL_DSP_THREE_CELLS(x1, pixel);
            const int8_t *const x2 = x1 + l->row;
            CELL_DSP_THREE_CELLS(x2, pixel);
        } else {
            const uint32_t *const next = w + 2 * l->cells;
            const int8_t *line = x;
            w += 2 * in->first;
            for (uint32_t r = in->rows; r > 0; r--, line += l->row, w += 2 * (l->k_w - in->columns)) {
                const int8_t *cell = line;
                for (uint32_t c = in->columns; c > 0; c--, cell += pixel)
                    CELL_DSP_ONE_CELL(cell);
            }
            w = next;
        }
        cell_dsp_direct_put(l, q + 4, s0, s1, s2, s3, y, act);
        const size_t step = left >= 8 || left == 4 ? 4 : left - 4;
        x += step;
        y += step;
        left -= step;
    }
}

CELL_DSP_SHARED void cell_dsp_direct_pixel(const cell_dsp_direct *l, const cell_dsp_window *in, int8_t *y)
{
    const uint8_t whole = in->rows == 3 && in->columns == 3 && l->cells == 9;
    if (l->act != CELL_DSP_RELU)
        cell_dsp_direct_channels(l, in, y, 0, CELL_DSP_BOUNDED);
    else if (whole)
        cell_dsp_direct_channels(l, in, y, 1, CELL_DSP_RELU);
    else
        cell_dsp_direct_channels(l, in, y, 0, CELL_DSP_RELU);
}

