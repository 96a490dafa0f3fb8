/* [dsp_winograd] 3x3 convolution of stride 1 by Winograd's F(2x2, 3x3) in integers: 16 products where the plain sum takes 36. Four tiles of 2x2
 * outputs side by side (4 rows and 10 columns of the image) meet two output channels at once, in 16-bit lanes.
 *   V = B^T d B of the image, |V| <= 4 * 255; U = 2G g (2G)^T of the weights, |U| <= 9 * 128; the outputs are A^T (sums of U * V) A, four times
 *   the sum of products and exact, since sums may wrap in between. `pack-winograd.ts` checks |sum| < 2^29.
 * `q`: for each channel four times the bias, multiplier, addend of the output stage, and right shift + 256 * place in the output. */
typedef struct {
    const int32_t *q;
    int32_t in_h;
    int32_t in_w;
    uint32_t in_c;
    uint32_t out_h;
    uint32_t out_w;
    uint32_t out_c;
    /* Words of two channels of the image, in the order of cell_dsp_spread. */
    uint32_t words;
    uint32_t pairs;
    int32_t zero_x;
    int32_t lo;
    int32_t hi;
    uint8_t act;
} cell_dsp_winograd;

#define CELL_DSP_TILES 4
#define CELL_DSP_COLUMNS 10

/* Two words of channels: one row less (or with) another, both freed of the zero point. */
#define CELL_DSP_MEET(even, odd)                                                                                                             \
    do {                                                                                                                                   \
        const uint32_t near_ = cell_dsp_load(a), far_ = cell_dsp_load(b);                                                                  \
        even = sum ? cell_dsp_plus(cell_dsp_add_even(off, near_), cell_dsp_even(far_)) : cell_dsp_minus(cell_dsp_even(near_), cell_dsp_even(far_)); \
        odd = sum ? cell_dsp_plus(cell_dsp_add_odd(off, near_), cell_dsp_odd(far_)) : cell_dsp_minus(cell_dsp_odd(near_), cell_dsp_odd(far_));      \
        a += pixel;                                                                                                                        \
        b += pixel;                                                                                                                        \
    } while (0)
#define CELL_DSP_ACROSS(to, even, odd) \
    do {                               \
        (to)[4] = odd;                 \
        *(to)++ = even;                \
    } while (0)

/* One row of B^T d B of four tiles, from the two rows of the image that it is made of; y: of each of its four elements the words of all channels, four tiles side by side. */
CELL_DSP_INSIDE void cell_dsp_winograd_row(const int8_t *x0, const int8_t *x1, size_t pixel, uint32_t words, uint32_t off, uint8_t sum, uint32_t *y)
{
    for (uint32_t *const end = y + words * 4; y < end; y += 8, x0 += 4, x1 += 4) {
        const int8_t *a = x0;
        const int8_t *b = x1;
        uint32_t *y0 = y;
        uint32_t *y1 = y0 + words * 4;
        uint32_t *y2 = y1 + words * 4;
        uint32_t *y3 = y2 + words * 4;
        uint32_t e0, f0, e1, f1, e2, f2, e3, f3;
        CELL_DSP_MEET(e0, f0);
        CELL_DSP_MEET(e1, f1);
        for (uint8_t t = CELL_DSP_TILES; t > 0; t--) {
            CELL_DSP_MEET(e2, f2);
            CELL_DSP_ACROSS(y0, cell_dsp_minus(e0, e2), cell_dsp_minus(f0, f2));
            CELL_DSP_ACROSS(y1, cell_dsp_plus(e1, e2), cell_dsp_plus(f1, f2));
            CELL_DSP_ACROSS(y2, cell_dsp_minus(e2, e1), cell_dsp_minus(f2, f1));
            CELL_DSP_MEET(e3, f3);
            CELL_DSP_ACROSS(y3, cell_dsp_minus(e1, e3), cell_dsp_minus(f1, f3));
            e0 = e2;
            f0 = f2;
            e1 = e3;
            f1 = f3;
        }
    }
}

/* B^T d B of four tiles whose first cell stands at x. */
CELL_DSP_SHARED void cell_dsp_winograd_tiles(const cell_dsp_winograd *l, const int8_t *x, size_t row, size_t pixel, uint32_t *y)
{
    const uint32_t words = l->words;
    const uint32_t twice = ((uint32_t)(-2 * l->zero_x) & 0xffff) * 0x10001U;
    const int8_t *const x1 = x + row;
    const int8_t *const x2 = x1 + row;
    cell_dsp_winograd_row(x1, x2, pixel, words, twice, 1, y + words * 16);
    for (uint8_t i = 0; i < 4; i = (uint8_t)(i == 0 ? 2 : i + 1))
        cell_dsp_winograd_row(i == 0 ? x : i == 2 ? x2 : x1, i == 0 ? x2 : i == 2 ? x1 : x2 + row, pixel, words, 0, 0, y + words * 16 * i);
}

/* The cells of four tiles at (y0, x0), side by side, the zero point outside the image; a pixel takes whole words. */
CELL_DSP_SHARED void cell_dsp_winograd_patch(const cell_dsp_winograd *l, const int8_t *x, int32_t y0, int32_t x0, int8_t *y)
{
    const size_t pixel = (size_t)l->words * 2;
    for (uint8_t r = 0; r < 4; r++, y0++) {
        for (int32_t c = x0; c < x0 + CELL_DSP_COLUMNS; c++, y += pixel) {
            if (y0 < 0 || y0 >= l->in_h || c < 0 || c >= l->in_w) {
                memset(y, l->zero_x, pixel);
                continue;
            }
            const int8_t *const from = x + (size_t)(y0 * l->in_w + c) * l->in_c;
            for (uint32_t k = 0; k < l->in_c; k++)
                y[k] = from[k];
        }
    }
}

/* B^T d B of the four tiles at (y0, x0). @param patch 40 pixels of whole words, for cells that do not stand in the image as they are needed */
CELL_INLINE void cell_dsp_winograd_image(const cell_dsp_winograd *l, const int8_t *x, int32_t y0, int32_t x0, int8_t *patch, uint32_t *y)
{
    size_t pixel = l->in_c;
    size_t row = (size_t)l->in_w * pixel;
    if (y0 >= 0 && x0 >= 0 && y0 + 4 <= l->in_h && x0 + CELL_DSP_COLUMNS <= l->in_w && l->in_c % 4 == 0) {
        x += (size_t)y0 * row + (size_t)x0 * pixel;
    } else {
        cell_dsp_winograd_patch(l, x, y0, x0, patch);
        x = patch;
        pixel = (size_t)l->words * 2;
        row = CELL_DSP_COLUMNS * pixel;
    }
    cell_dsp_winograd_tiles(l, x, row, pixel, y);
}

/* U of two output channels from their weights: nine words for two channels of the image, in each the bytes of both. */
CELL_DSP_SHARED void cell_dsp_winograd_weights(const uint32_t *w, uint32_t words, uint32_t *u)
{
    for (const uint32_t *const end = w + (size_t)words * 9; w < end; w += 9, u += 2) {
        CELL_DSP_UNROLLED
        for (uint8_t c = 0; c < 2; c++) {
            uint32_t rows[4][3];
            CELL_DSP_UNROLLED
            for (uint8_t j = 0; j < 3; j++) {
                const uint32_t g0 = c ? cell_dsp_odd(w[j]) : cell_dsp_even(w[j]);
                const uint32_t g1 = c ? cell_dsp_odd(w[3 + j]) : cell_dsp_even(w[3 + j]);
                const uint32_t g2 = c ? cell_dsp_odd(w[6 + j]) : cell_dsp_even(w[6 + j]);
                const uint32_t outer = cell_dsp_plus(g0, g2);
                rows[0][j] = cell_dsp_plus(g0, g0);
                rows[1][j] = cell_dsp_plus(outer, g1);
                rows[2][j] = cell_dsp_minus(outer, g1);
                rows[3][j] = cell_dsp_plus(g2, g2);
            }
            uint32_t *to = u + c;
            CELL_DSP_UNROLLED
            for (uint8_t i = 0; i < 4; i++, to += (size_t)words * 8) {
                const uint32_t outer = cell_dsp_plus(rows[i][0], rows[i][2]);
                to[0] = cell_dsp_plus(rows[i][0], rows[i][0]);
                to[(size_t)words * 2] = cell_dsp_plus(outer, rows[i][1]);
                to[(size_t)words * 4] = cell_dsp_minus(outer, rows[i][1]);
                to[(size_t)words * 6] = cell_dsp_plus(rows[i][2], rows[i][2]);
            }
        }
    }
}

#if defined(CELL_DSP_STEPS)
#define CELL_DSP_WINOGRAD_STEP(mul, end)                                                                                          \
    "ldmia %9!, {r12, lr}\n ldmia %8!, {r2, r3}\n"                                                                                \
    mul " %0, r2, r12" end("%0") mul " %1, r2, lr" end("%1") mul " %2, r3, r12" end("%2") mul " %3, r3, lr" end("%3")             \
    "ldmia %8!, {r2, r3}\n"                                                                                                       \
    mul " %4, r2, r12" end("%4") mul " %5, r2, lr" end("%5") mul " %6, r3, r12" end("%6") mul " %7, r3, lr" end("%7")
#define CELL_DSP_ALONE_(to) "\n"
#define CELL_DSP_ONTO_(to) ", " to "\n"
#define CELL_DSP_WINOGRAD_FIRST CELL_DSP_WINOGRAD_STEP("smuad", CELL_DSP_ALONE_)
#define CELL_DSP_WINOGRAD_NEXT CELL_DSP_WINOGRAD_STEP("smlad", CELL_DSP_ONTO_)
#define CELL_DSP_WINOGRAD_THREE CELL_DSP_WINOGRAD_NEXT CELL_DSP_WINOGRAD_NEXT CELL_DSP_WINOGRAD_NEXT
#define CELL_DSP_WINOGRAD_BEGIN(steps)                                                                                                     \
    __asm__ volatile(steps : "=&r"(a0), "=&r"(b0), "=&r"(a1), "=&r"(b1), "=&r"(a2), "=&r"(b2), "=&r"(a3), "=&r"(b3), "+r"(x), "+r"(w)      \
                     : : "r2", "r3", "r12", "lr", "memory")
#define CELL_DSP_WINOGRAD_GO_ON(steps)                                                                                                     \
    __asm__ volatile(steps : "+r"(a0), "+r"(b0), "+r"(a1), "+r"(b1), "+r"(a2), "+r"(b2), "+r"(a3), "+r"(b3), "+r"(x), "+r"(w)              \
                     : : "r2", "r3", "r12", "lr", "memory")
#endif

/* Sums of U * V: for each of 16 elements those of four tiles, of both channels each. */
CELL_DSP_SHARED void cell_dsp_winograd_sums(const uint32_t *u, const uint32_t *v, uint32_t words, int32_t *sums)
{
    CELL_DSP_REGISTER(const uint32_t *, w, r1) = u;
    CELL_DSP_REGISTER(const uint32_t *, x, r0) = v;
    for (const int32_t *const last = sums + 128; sums < last; sums += 8) {
        const uint32_t *const end = x + words * 4;
#if defined(CELL_DSP_STEPS)
        CELL_DSP_REGISTER(int32_t, a0, r4);
        CELL_DSP_REGISTER(int32_t, b0, r5);
        CELL_DSP_REGISTER(int32_t, a1, r6);
        CELL_DSP_REGISTER(int32_t, b1, r7);
        CELL_DSP_REGISTER(int32_t, a2, r8);
        CELL_DSP_REGISTER(int32_t, b2, r9);
        CELL_DSP_REGISTER(int32_t, a3, r10);
        CELL_DSP_REGISTER(int32_t, b3, r11);
        if (words % 8 == 0) {
            CELL_DSP_WINOGRAD_BEGIN(CELL_DSP_WINOGRAD_FIRST CELL_DSP_WINOGRAD_NEXT CELL_DSP_WINOGRAD_THREE CELL_DSP_WINOGRAD_THREE);
            while (x < end)
                CELL_DSP_WINOGRAD_GO_ON(CELL_DSP_WINOGRAD_NEXT CELL_DSP_WINOGRAD_NEXT CELL_DSP_WINOGRAD_THREE CELL_DSP_WINOGRAD_THREE);
        } else {
            CELL_DSP_WINOGRAD_BEGIN(CELL_DSP_WINOGRAD_FIRST CELL_DSP_WINOGRAD_NEXT);
            while (x < end)
                CELL_DSP_WINOGRAD_GO_ON(CELL_DSP_WINOGRAD_NEXT CELL_DSP_WINOGRAD_NEXT);
        }
        __asm__ volatile("stmia %0, {r4-r11}" : : "r"(sums), "r"(a0), "r"(b0), "r"(a1), "r"(b1), "r"(a2), "r"(b2), "r"(a3), "r"(b3) : "memory");
#else
        memset(sums, 0, 8 * sizeof *sums);
        for (; x < end; x += 4, w += 2) {
            for (uint8_t t = 0; t < CELL_DSP_TILES; t++) {
                sums[2 * t] = cell_dsp_mac(x[t], w[0], sums[2 * t]);
                sums[2 * t + 1] = cell_dsp_mac(x[t], w[1], sums[2 * t + 1]);
            }
        }
#endif
    }
}

/* One 2x2 tile; where one row or column is all there is, the other is written first and then over. */
CELL_DSP_INSIDE void cell_dsp_winograd_put(const cell_dsp_winograd *l, const int32_t *q, const uint32_t s[4], int8_t *y, size_t right, size_t below)
{
    const int32_t m = q[1];
    const int32_t c = q[2];
    const int32_t n = q[3] & 255;
    const int32_t s0 = (int32_t)s[0] >> 1, s1 = (int32_t)s[1] >> 1, s2 = (int32_t)s[2] >> 1, s3 = (int32_t)s[3] >> 1;
    if (l->act == CELL_DSP_RELU) {
        y[below + right] = cell_dsp_relu(s3, m, c, n);
        y[below] = cell_dsp_relu(s2, m, c, n);
        y[right] = cell_dsp_relu(s1, m, c, n);
        y[0] = cell_dsp_relu(s0, m, c, n);
    } else if (l->act == CELL_DSP_FULL) {
        y[below + right] = cell_dsp_full(s3, m, c, n);
        y[below] = cell_dsp_full(s2, m, c, n);
        y[right] = cell_dsp_full(s1, m, c, n);
        y[0] = cell_dsp_full(s0, m, c, n);
    } else {
        y[below + right] = cell_dsp_bounded(s3, m, c, n, l->lo, l->hi);
        y[below] = cell_dsp_bounded(s2, m, c, n, l->lo, l->hi);
        y[right] = cell_dsp_bounded(s1, m, c, n, l->lo, l->hi);
        y[0] = cell_dsp_bounded(s0, m, c, n, l->lo, l->hi);
    }
}

/* A^T (sums) A of one channel, tile by tile, as bytes of the output at (r, c). */
CELL_DSP_SHARED void cell_dsp_winograd_outputs(const cell_dsp_winograd *l, const int32_t *q, const int32_t *sums, int8_t *y, uint32_t r, uint32_t c)
{
    const size_t pixel = l->out_c;
    const size_t below = r + 1 < l->out_h ? l->out_w * pixel : 0;
    const uint32_t bias = (uint32_t)q[0];
    y += (r * l->out_w + c) * pixel + (size_t)(q[3] >> 8);
    for (const int32_t *const end = sums + 8; sums < end && c < l->out_w; sums += 2, c += 2, y += 2 * pixel) {
        uint32_t upper[4], lower[4];
        CELL_DSP_UNROLLED
        for (uint8_t j = 0; j < 4; j++) {
            const uint32_t middle = (uint32_t)sums[32 + 8 * j] + (j == 1 ? bias : 0);
            const uint32_t next = (uint32_t)sums[64 + 8 * j];
            upper[j] = (uint32_t)sums[8 * j] + middle + next;
            lower[j] = middle - next - (uint32_t)sums[96 + 8 * j];
        }
        const uint32_t s[4] = { upper[0] + upper[1] + upper[2], upper[1] - upper[2] - upper[3], lower[0] + lower[1] + lower[2], lower[1] - lower[2] - lower[3] };
        cell_dsp_winograd_put(l, q, s, y, c + 1 < l->out_w ? pixel : 0, below);
    }
}

