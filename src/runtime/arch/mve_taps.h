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
    size_t stride;
    size_t out_w;
    int32_t zero_x;
    int32_t lo;
    int32_t hi;
    uint8_t sign;
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
CELL_INLINE void cell_mve_weave(const int8_t *const *x, size_t n, int8_t *y)
{
    __asm__ volatile("vctp.8 %4\n vpstttt\n vldrbt.8 q0, [%0]\n vldrbt.8 q1, [%1]\n vldrbt.8 q2, [%2]\n vldrbt.8 q3, [%3]\n"
                     "vst40.8 {q0, q1, q2, q3}, [%5]\n vst41.8 {q0, q1, q2, q3}, [%5]\n vst42.8 {q0, q1, q2, q3}, [%5]\n vst43.8 {q0, q1, q2, q3}, [%5]"
                     : : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(n), "r"(y) : "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "memory");
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
/* The first n of 16 channels of four pixels as words. */
CELL_INLINE void cell_mve_weave(const int8_t *const *x, size_t n, int8_t *y)
{
    for (uint8_t c = 0; c < 16; c++)
        for (uint8_t r = 0; r < 4; r++)
            y[4 * c + r] = c < n ? x[r][c] : 0;
}
#endif

/* The plane of n channels at x whose first row is row y0 of the image. */
CELL_MVE_SHARED void cell_mve_taps_plane(const cell_mve_taps *p, const int8_t *x, int32_t y0, size_t n, int8_t *y)
{
    int8_t border[16];
    const int8_t *from[4];
    size_t apart[4];
    cell_mve_fill(border, p->zero_x, sizeof border);
    for (int32_t r = 0; r < 4; r++) {
        const uint8_t in = y0 + r >= 0 && y0 + r < p->in_h;
        from[r] = in ? x + (size_t)(y0 + r) * (size_t)p->in_w * p->pixel : border;
        apart[r] = in ? p->pixel : 0;
    }
    const int32_t rest = p->columns - p->left;
    const int32_t inside = rest < p->in_w ? rest : p->in_w;
    cell_mve_fill(y, p->zero_x, (size_t)p->left * CELL_MVE_COLUMN);
    y += (size_t)p->left * CELL_MVE_COLUMN;
    for (int32_t k = inside; k > 0; k--, y += CELL_MVE_COLUMN) {
        cell_mve_weave(from, n, y);
        for (uint8_t r = 0; r < 4; r++)
            from[r] += apart[r];
    }
    cell_mve_fill(y, p->zero_x, (size_t)(rest - inside) * CELL_MVE_COLUMN);
}

/* The planes of a band: two rows of outputs, at stride 2 each from a plane of its own. */
typedef struct {
    const int8_t *upper;
    const int8_t *lower;
} cell_mve_planes;

/* 2x2 outputs of one channel. `plain`: no sign is seen, and no bounds but those of a byte. */
CELL_MVE_INSIDE void cell_mve_taps_put(const cell_mve_taps *p, cell_mve_words sums, const int32_t *q, int8_t *y, cell_mve_words places, uint8_t plain)
{
    const cell_mve_words v = cell_mve_stage(sums, q, !plain);
    cell_mve_put_words(y, places, plain ? cell_mve_saturate(v) : cell_mve_clamp_words(v, p->lo, p->hi));
}

/* Two rows of outputs of one channel; where columns are odd in number the last two begin one before. Weights: 4 bytes of nothing, then column after
 * column of the kernel with a zero behind each; the vectors that begin one and four bytes before are those of the outputs below and to the right. */
CELL_MVE_INSIDE void cell_mve_taps_one(const cell_mve_taps *p, const int8_t *w, const int32_t *q, cell_mve_planes from, int8_t *y, cell_mve_words places, uint8_t stride, uint8_t plain)
{
    const cell_mve_bytes w00 = cell_mve_load(w + 4);
    const cell_mve_bytes w01 = cell_mve_load(w);
    const cell_mve_bytes w10 = cell_mve_load(w + 3);
    const cell_mve_bytes w11 = cell_mve_load(w - 1);
    const int32_t stage[4] = { q[0], q[1], q[2], q[3] };
    for (size_t column = 0, steps = p->out_w >> 1;; column = p->out_w - 2, steps = 1, y -= p->pixel) {
        cell_mve_patch upper = cell_mve_patch_from(from.upper, column * stride);
        cell_mve_patch lower = cell_mve_patch_from(from.lower, column * stride);
        for (size_t k = steps; k > 0; k--, y += 2 * p->pixel) {
            int32_t s[4];
            const cell_mve_bytes x = cell_mve_patch_next(&upper);
            if (stride == 1) {
                s[0] = cell_mve_dot(x, w00);
                s[1] = cell_mve_dot(x, w01);
                s[2] = cell_mve_dot(x, w10);
                s[3] = cell_mve_dot(x, w11);
            } else {
                s[0] = cell_mve_dot(x, w00);
                s[1] = cell_mve_dot(cell_mve_patch_next(&upper), w00);
                s[2] = cell_mve_dot(cell_mve_patch_next(&lower), w00);
                s[3] = cell_mve_dot(cell_mve_patch_next(&lower), w00);
            }
            cell_mve_taps_put(p, cell_mve_lanes(s[0], s[1], s[2], s[3]), stage, y, places, plain);
        }
        if (column + 2 * steps == p->out_w)
            return;
    }
}

/* Two rows of outputs of n channels. */
CELL_MVE_INSIDE void cell_mve_taps_each(const cell_mve_taps *p, const int8_t *w, const int32_t *q, size_t n, cell_mve_planes from, int8_t *y, uint8_t stride, uint8_t plain)
{
    const size_t row = p->out_w * p->pixel;
    const int32_t apart[4] = { 0, (int32_t)p->pixel, (int32_t)row, (int32_t)(row + p->pixel) };
    const cell_mve_words places = cell_mve_load_words(apart);
    for (; n > 0; n--, w += 16, q += 4, from.upper += 4, from.lower += 4, y++)
        cell_mve_taps_one(p, w, q, from, y, places, stride, plain);
}
CELL_MVE_SHARED void cell_mve_taps_rows(const cell_mve_taps *p, const int8_t *w, const int32_t *q, size_t n, cell_mve_planes from, int8_t *y)
{
    const uint8_t plain = p->sign == 0 && p->lo == -128 && p->hi == 127;
    if (p->stride == 1 && plain)
        cell_mve_taps_each(p, w, q, n, from, y, 1, 1);
    else if (p->stride == 1)
        cell_mve_taps_each(p, w, q, n, from, y, 1, 0);
    else if (plain)
        cell_mve_taps_each(p, w, q, n, from, y, 2, 1);
    else
        cell_mve_taps_each(p, w, q, n, from, y, 2, 0);
}

