/* [mve_taps] 3x3 depthwise convolution. Four rows of up to 16 channels are woven into a plane, the borders filled with the zero point: a word holds four
 * rows of one column and channel, words of 16 channels make a column. One vector of four columns is a 4x4 patch of one channel: it holds the
 * windows of 2x2 outputs of stride 1, or of one of stride 2. */
#define CELL_MVE_COLUMN 64
typedef struct {
    int32_t in_h;
    int32_t in_w;
    /* Bytes from one pixel to the next, in the image and in the output. */
    size_t pixel;
    int32_t left;
    /* Columns of a plane. */
    int32_t columns;
    size_t out_w;
    int32_t zero_x;
    int32_t lo;
    int32_t hi;
} cell_mve_taps;

/* Where patches begin; the next one is two columns further. */
#if defined(CELL_MVE_STEPS)
typedef cell_mve_words cell_mve_patch;
CELL_INLINE cell_mve_patch cell_mve_patch_from(const int8_t *plane, size_t columns)
{
    static const int32_t apart[4] = { 0, CELL_MVE_COLUMN, 2 * CELL_MVE_COLUMN, 3 * CELL_MVE_COLUMN };
    return cell_mve_plus(cell_mve_load_words(apart), (int32_t)(uintptr_t)plane + ((int32_t)columns - 2) * CELL_MVE_COLUMN);
}
CELL_INLINE cell_mve_bytes cell_mve_patch_next(cell_mve_patch *p)
{
    cell_mve_bytes y;
    __asm__ volatile("vldrw.32 %q0, [%q1, #128]!" : "=&w"(y), "+w"(*p) : : "memory");
    return y;
}
CELL_INLINE void cell_mve_weave(int8_t *x0, const int8_t *x1, const int8_t *x2, const int8_t *x3, size_t n, int8_t *y)
{
    __asm__ volatile("vctp.8 %4\n vpstttt\n vldrbt.8 q0, [%0]\n vldrbt.8 q1, [%1]\n vldrbt.8 q2, [%2]\n vldrbt.8 q3, [%3]\n"
                     "vpst\n vstrbt.8 q2, [%0]\n"
                     "vst40.8 {q0, q1, q2, q3}, [%5]\n vst41.8 {q0, q1, q2, q3}, [%5]\n vst42.8 {q0, q1, q2, q3}, [%5]\n vst43.8 {q0, q1, q2, q3}, [%5]"
                     : : "r"(x0), "r"(x1), "r"(x2), "r"(x3), "r"(n), "r"(y) : "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "p0", "memory");
}
#else
typedef const int8_t *cell_mve_patch;
CELL_INLINE cell_mve_patch cell_mve_patch_from(const int8_t *plane, size_t columns) { return plane + (ptrdiff_t)columns * CELL_MVE_COLUMN - 2 * CELL_MVE_COLUMN; }
CELL_INLINE cell_mve_bytes cell_mve_patch_next(cell_mve_patch *p)
{
    cell_mve_bytes y;
    *p += 2 * CELL_MVE_COLUMN;
    for (uint8_t k = 0; k < 4; k++)
        memcpy(y.v + 4 * k, *p + k * CELL_MVE_COLUMN, 4);
    return y;
}
/* The first n of 16 channels of four pixels as words; then the third pixel takes the place of the first. */
CELL_INLINE void cell_mve_weave(int8_t *x0, const int8_t *x1, const int8_t *x2, const int8_t *x3, size_t n, int8_t *y)
{
    for (size_t c = 0; c < n; c++, y += 4) {
        y[0] = x0[c];
        y[1] = x1[c];
        y[2] = x2[c];
        y[3] = x3[c];
        x0[c] = x2[c];
    }
}
#endif

/* Row `row` of the image, or as many times the border; `step` leads from one pixel to the next. */
CELL_INLINE const int8_t *cell_mve_taps_row(const cell_mve_taps *p, const int8_t *x, int32_t row, const int8_t *border, size_t *step)
{
    const uint8_t in = row >= 0 && row < p->in_h;
    *step = in ? p->pixel : 0;
    return in ? x + (size_t)row * (size_t)p->in_w * p->pixel : border;
}

/* The plane of n channels whose first row is row y0 of the image. That row is read from `above`, where row y0 + 2 is left for the next plane: outputs
 * may lie on rows that have been read. */
CELL_MVE_SHARED void cell_mve_taps_plane(const cell_mve_taps *p, const int8_t *x, int32_t y0, size_t n, int8_t *above, int8_t *y)
{
    int8_t border[16];
    size_t step1, step2, step3;
    const int32_t zero = p->zero_x;
    const size_t pixel = p->pixel;
    cell_mve_fill(border, zero, sizeof border);
    const int8_t *x1 = cell_mve_taps_row(p, x, y0 + 1, border, &step1);
    const int8_t *x2 = cell_mve_taps_row(p, x, y0 + 2, border, &step2);
    const int8_t *x3 = cell_mve_taps_row(p, x, y0 + 3, border, &step3);
    const int32_t rest = p->columns - p->left;
    const int32_t inside = rest < p->in_w ? rest : p->in_w;
    cell_mve_fill(y, zero, (size_t)p->left * CELL_MVE_COLUMN);
    y += (size_t)p->left * CELL_MVE_COLUMN;
    for (int32_t k = inside; k > 0; k--, y += CELL_MVE_COLUMN) {
        cell_mve_weave(above, x1, x2, x3, n, y);
        above += pixel;
        x1 += step1;
        x2 += step2;
        x3 += step3;
    }
    cell_mve_fill(y, zero, (size_t)(rest - inside) * CELL_MVE_COLUMN);
}

/* The planes of a band: two rows of outputs, at stride 2 each from a plane of its own. */
typedef struct {
    const int8_t *upper;
    const int8_t *lower;
} cell_mve_planes;

/* 2x2 outputs of one channel, from the patches that are next. w: the vectors of the four windows in one patch; q: see cell_mve_stage; `plain`: no sign
 * is seen, and no bounds but those of a byte. */
CELL_MVE_INSIDE void cell_mve_taps_four(const cell_mve_bytes *w, const int32_t *q, cell_mve_patch *upper, cell_mve_patch *lower, int8_t *y, cell_mve_words places, const int32_t *bounds, uint8_t stride, uint8_t plain)
{
    const cell_mve_bytes x = cell_mve_patch_next(upper);
    const int32_t s0 = cell_mve_dot(x, w[0]);
    const int32_t s1 = cell_mve_dot(stride == 1 ? x : cell_mve_patch_next(upper), w[1]);
    const int32_t s2 = cell_mve_dot(stride == 1 ? x : cell_mve_patch_next(lower), w[2]);
    const int32_t s3 = cell_mve_dot(stride == 1 ? x : cell_mve_patch_next(lower), w[3]);
    const cell_mve_words v = cell_mve_stage(cell_mve_lanes(s0, s1, s2, s3), q, !plain);
    cell_mve_put_words(y, places, plain ? cell_mve_saturate(v) : cell_mve_clamp_words(v, bounds[0], bounds[1]));
}

/* Two rows of outputs of n channels, or the same one twice (`rows`); where columns are odd in number the last two begin one before. Weights of a channel: 4 bytes of nothing, then
 * column after column of the kernel with a zero behind each; the vectors that begin one and four bytes before are those of the windows below and to the right. */
CELL_MVE_INSIDE void cell_mve_taps_rows(const cell_mve_taps *p, const int8_t *w, const int32_t *q, size_t n, cell_mve_planes from, int8_t *y, size_t rows, uint8_t stride, uint8_t plain)
{
    const size_t pixel = p->pixel;
    const size_t row = (rows - 1) * p->out_w * pixel;
    const int8_t *below = w + 1 - rows;
    const size_t steps = p->out_w >> 1;
    const size_t tail = p->out_w & 1 ? p->out_w - 2 : 0;
    const int32_t bounds[2] = { p->lo, p->hi };
    const int32_t apart[4] = { 0, (int32_t)pixel, (int32_t)row, (int32_t)(row + pixel) };
    const cell_mve_words places = cell_mve_load_words(apart);
    for (; n > 0; n--, w += 16, below += 16, q += 4, from.upper += 4, from.lower += 4, y++) {
        const cell_mve_bytes first = cell_mve_load(w + 4);
        const cell_mve_bytes windows[4] = { first, stride == 1 ? cell_mve_load(w) : first, stride == 1 ? cell_mve_load(below + 4) : first, stride == 1 ? cell_mve_load(below) : first };
        const int32_t stage[4] = { q[0], q[1], q[2], q[3] };
        cell_mve_patch upper = cell_mve_patch_from(from.upper, 0);
        cell_mve_patch lower = cell_mve_patch_from(from.lower, 0);
        int8_t *z = y;
        size_t k = steps;
        do {
            cell_mve_taps_four(windows, stage, &upper, &lower, z, places, bounds, stride, plain);
            z += 2 * pixel;
        } while (--k > 0);
        if (tail > 0) {
            upper = cell_mve_patch_from(from.upper, tail * stride);
            lower = cell_mve_patch_from(from.lower, tail * stride);
            cell_mve_taps_four(windows, stage, &upper, &lower, z - pixel, places, bounds, stride, plain);
        }
    }
}
#define CELL_MVE_TAPS_(name, stride, plain)                                                                                                                          \
    CELL_MVE_SHARED void cell_mve_taps_##name(const cell_mve_taps *p, const int8_t *w, const int32_t *q, size_t n, cell_mve_planes from, int8_t *y, size_t rows)    \
    {                                                                                                                                                                \
        cell_mve_taps_rows(p, w, q, n, from, y, rows, stride, plain);                                                                                                \
    }
CELL_MVE_TAPS_(one_plain, 1, 1)
CELL_MVE_TAPS_(one_bounded, 1, 0)
CELL_MVE_TAPS_(two_plain, 2, 1)
CELL_MVE_TAPS_(two_bounded, 2, 0)

