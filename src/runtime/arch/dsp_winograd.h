/* [dsp_winograd] 3x3 convolution of stride 1 by Winograd's F(2x2, 3x3) in integers: 16 products where the plain sum takes 36. Four tiles of 2x2
 * outputs side by side (4 rows and 10 columns of the image) meet two output channels at once, in 16-bit lanes.
 *   V = B^T d B of the image, |V| <= 4 * 255; U = 2G g (2G)^T of the weights, |U| <= 9 * 128; the outputs are A^T (sums of U * V) A, four times
 *   the sum of products and exact, since sums may wrap in between. `pack-winograd.ts` checks |sum| < 2^29.
 * `q`: for each channel four times the bias, multiplier, addend of the output stage, and right shift + 256 * place in the output. */
typedef struct {
    int32_t in_h;
    int32_t in_w;
    uint32_t in_c;
    uint32_t out_h;
    uint32_t out_w;
    uint32_t out_c;
    /* Words of two channels of the image, in the order of cell_dsp_spread. */
    uint32_t words;
    int32_t zero_x;
    int32_t lo;
    int32_t hi;
    uint8_t act;
} cell_dsp_winograd;

#define CELL_DSP_TILES 4
#define CELL_DSP_COLUMNS 10

/* The next cell of two rows: their sum in two words of channels. Bytes turned over (~x is -x - 1) are subtracted. */
#define CELL_DSP_MEET(even, odd)                                              \
    do {                                                                      \
        const uint32_t near_ = cell_dsp_load(a);                              \
        const uint32_t far_ = cell_dsp_load(b) ^ turn;                        \
        even = cell_dsp_add_even(cell_dsp_add_even(add, near_), far_);        \
        odd = cell_dsp_add_odd(cell_dsp_add_odd(add, near_), far_);           \
        a += pixel;                                                           \
        b += pixel;                                                           \
    } while (0)
#define CELL_DSP_ACROSS(to, even, odd) \
    do {                               \
        (to)[4] = odd;                 \
        *(to)++ = even;                \
    } while (0)

/* One row of B^T d B of four tiles, from the two rows of the image that it is made of; y: of each of its four elements the words of all channels, four tiles side by side. */
CELL_DSP_SHARED void cell_dsp_winograd_row(const int8_t *x0, const int8_t *x1, size_t pixel, uint32_t words, uint32_t add, uint32_t turn, uint32_t *y)
{
    for (uint32_t *const end = y + words * 4; y < end; y += 8, x0 += 4, x1 += 4) {
        const int8_t *a = x0;
        const int8_t *b = x1;
        uint32_t *y0 = y;
        uint32_t *y1 = y0 + words * 4;
        uint32_t *y2 = y1 + words * 4;
        uint32_t *y3 = y2 + words * 4;
        uint32_t e0, f0, e1, f1, e2, f2;
        CELL_DSP_MEET(e0, f0);
        CELL_DSP_MEET(e1, f1);
        CELL_DSP_UNROLLED
        for (uint8_t t = CELL_DSP_TILES; t > 0; t--) {
            CELL_DSP_MEET(e2, f2);
            CELL_DSP_ACROSS(y0, cell_dsp_minus(e0, e2), cell_dsp_minus(f0, f2));
            CELL_DSP_ACROSS(y1, cell_dsp_plus(e1, e2), cell_dsp_plus(f1, f2));
            CELL_DSP_ACROSS(y2, cell_dsp_minus(e2, e1), cell_dsp_minus(f2, f1));
            e0 = e2;
            f0 = f2;
            CELL_DSP_MEET(e2, f2);
            CELL_DSP_ACROSS(y3, cell_dsp_minus(e1, e2), cell_dsp_minus(f1, f2));
            e1 = e2;
            f1 = f2;
        }
    }
}

/* B^T d B of four tiles whose first cell stands at x. */
CELL_INLINE void cell_dsp_winograd_tiles(const cell_dsp_winograd *l, const int8_t *x, size_t row, size_t pixel, uint32_t *y)
{
    const uint32_t one = 0x10001U;
    const uint32_t freed = ((uint32_t)(-2 * l->zero_x) & 0xffff) * one;
    const size_t next = (size_t)l->words * 16;
    cell_dsp_winograd_row(x, x + 2 * row, pixel, l->words, one, ~(uint32_t)0, y);
    cell_dsp_winograd_row(x + row, x + 2 * row, pixel, l->words, freed, 0, y + next);
    cell_dsp_winograd_row(x + 2 * row, x + row, pixel, l->words, one, ~(uint32_t)0, y + 2 * next);
    cell_dsp_winograd_row(x + row, x + 3 * row, pixel, l->words, one, ~(uint32_t)0, y + 3 * next);
}

/* The cells of four tiles at (y0, x0), side by side, the zero point outside the image; a pixel takes whole words. */
CELL_INLINE void cell_dsp_winograd_patch(const cell_dsp_winograd *l, const int8_t *x, int32_t y0, int32_t x0, int8_t *y)
{
    const size_t pixel = (size_t)l->words * 2;
    for (uint8_t r = 0; r < 4; r++, y0++) {
        for (int32_t c = x0; c < x0 + CELL_DSP_COLUMNS; c++, y += pixel) {
            if (y0 < 0 || y0 >= l->in_h || c < 0 || c >= l->in_w) {
                memset(y, l->zero_x, pixel);
                continue;
            }
            const int8_t *const from = x + (size_t)(y0 * l->in_w + c) * l->in_c;
            if (pixel == l->in_c) {
                for (size_t k = 0; k < pixel; k += 4)
                    memcpy(y + k, from + k, 4);
            } else {
                for (size_t k = 0; k < l->in_c; k++)
                    y[k] = from[k];
            }
        }
    }
}

/* B^T d B of the four tiles at (y0, x0). @param patch 40 pixels of whole words, for cells that do not stand in the image as they are needed */
CELL_DSP_SHARED void cell_dsp_winograd_image(const cell_dsp_winograd *l, const int8_t *x, int32_t y0, int32_t x0, int8_t *patch, uint32_t *y)
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

/* One row of U from one row of 2G g. */
CELL_INLINE void cell_dsp_winograd_across(uint32_t a, uint32_t b, uint32_t c, uint32_t *u, size_t step)
{
    const uint32_t outer = cell_dsp_plus(a, c);
    u[0] = cell_dsp_plus(a, a);
    u[step] = cell_dsp_plus(outer, b);
    u[2 * step] = cell_dsp_minus(outer, b);
    u[3 * step] = cell_dsp_plus(c, c);
}

/* U of two output channels from their weights: nine words for two channels of the image, in each the bytes of both. */
CELL_DSP_SHARED void cell_dsp_winograd_weights(const uint32_t *w, uint32_t words, uint32_t *u)
{
    const size_t step = (size_t)words * 2;
    for (const uint32_t *const end = w + (size_t)words * 9; w < end; w += 9, u += 2) {
        CELL_DSP_UNROLLED
        for (uint8_t c = 0; c < 2; c++) {
            uint32_t first[3], outer[3], middle[3], last[3];
            uint32_t *const to = u + c;
            CELL_DSP_UNROLLED
            for (uint8_t j = 0; j < 3; j++) {
                first[j] = c ? cell_dsp_odd(w[j]) : cell_dsp_even(w[j]);
                last[j] = c ? cell_dsp_odd(w[6 + j]) : cell_dsp_even(w[6 + j]);
                outer[j] = cell_dsp_plus(first[j], last[j]);
                first[j] = cell_dsp_plus(first[j], first[j]);
                last[j] = cell_dsp_plus(last[j], last[j]);
            }
            cell_dsp_winograd_across(first[0], first[1], first[2], to, step);
            cell_dsp_winograd_across(last[0], last[1], last[2], to + 12 * step, step);
            CELL_DSP_UNROLLED
            for (uint8_t j = 0; j < 3; j++)
                middle[j] = c ? cell_dsp_odd(w[3 + j]) : cell_dsp_even(w[3 + j]);
            cell_dsp_winograd_across(cell_dsp_plus(outer[0], middle[0]), cell_dsp_plus(outer[1], middle[1]), cell_dsp_plus(outer[2], middle[2]), to + 4 * step, step);
            cell_dsp_winograd_across(cell_dsp_minus(outer[0], middle[0]), cell_dsp_minus(outer[1], middle[1]), cell_dsp_minus(outer[2], middle[2]), to + 8 * step, step);
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
#define CELL_DSP_WINOGRAD_END() \
    __asm__ volatile("stmia %0!, {r4-r11}" : "+r"(sums) : "r"(a0), "r"(b0), "r"(a1), "r"(b1), "r"(a2), "r"(b2), "r"(a3), "r"(b3) : "memory")
#endif

/* Sums of U * V: for each of 16 elements those of four tiles, of both channels each. */
CELL_DSP_SHARED void cell_dsp_winograd_sums(const uint32_t *u, const uint32_t *v, uint32_t words, int32_t *sums)
{
    CELL_DSP_REGISTER(const uint32_t *, w, r1) = u;
    CELL_DSP_REGISTER(const uint32_t *, x, r0) = v;
    const int32_t *const last = sums + 128;
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
        while (sums < last) {
            const uint32_t *const end = x + words * 4;
            CELL_DSP_WINOGRAD_BEGIN(CELL_DSP_WINOGRAD_FIRST CELL_DSP_WINOGRAD_NEXT CELL_DSP_WINOGRAD_THREE CELL_DSP_WINOGRAD_THREE);
            while (x < end)
                CELL_DSP_WINOGRAD_GO_ON(CELL_DSP_WINOGRAD_NEXT CELL_DSP_WINOGRAD_NEXT CELL_DSP_WINOGRAD_THREE CELL_DSP_WINOGRAD_THREE);
            CELL_DSP_WINOGRAD_END();
        }
        return;
    }
    while (sums < last) {
        const uint32_t *const end = x + words * 4;
        CELL_DSP_WINOGRAD_BEGIN(CELL_DSP_WINOGRAD_FIRST CELL_DSP_WINOGRAD_NEXT);
        while (x < end)
            CELL_DSP_WINOGRAD_GO_ON(CELL_DSP_WINOGRAD_NEXT CELL_DSP_WINOGRAD_NEXT);
        CELL_DSP_WINOGRAD_END();
    }
#else
    for (; sums < last; sums += 8) {
        memset(sums, 0, 8 * sizeof *sums);
        for (const uint32_t *const end = x + words * 4; x < end; x += 4, w += 2) {
            for (uint8_t t = 0; t < CELL_DSP_TILES; t++) {
                sums[2 * t] = cell_dsp_mac(x[t], w[0], sums[2 * t]);
                sums[2 * t + 1] = cell_dsp_mac(x[t], w[1], sums[2 * t + 1]);
            }
        }
    }
#endif
}

/* A^T (sums) A of one tile, halved: twice its four sums of products. Column after column; the compiler would load more than it has registers for. */
CELL_INLINE void cell_dsp_winograd_tile(const int32_t *sums, int32_t bias, int32_t v[4])
{
#if defined(CELL_DSP_STEPS)
    int32_t v0, v1, v2, v3, s0, s1, s2, s3;
    __asm__("ldr %4, [%8]\n ldr %5, [%8, #128]\n ldr %6, [%8, #256]\n ldr %7, [%8, #384]\n"
            "add %0, %4, %5\n add %0, %0, %6\n sub %2, %5, %6\n sub %2, %2, %7\n"
            "ldr %4, [%8, #32]\n ldr %5, [%8, #160]\n ldr %6, [%8, #288]\n ldr %7, [%8, #416]\n"
            "add %5, %5, %9\n add %1, %4, %5\n add %1, %1, %6\n sub %3, %5, %6\n sub %3, %3, %7\n add %0, %0, %1\n add %2, %2, %3\n"
            "ldr %4, [%8, #64]\n ldr %5, [%8, #192]\n ldr %6, [%8, #320]\n ldr %7, [%8, #448]\n"
            "add %4, %4, %5\n add %4, %4, %6\n sub %5, %5, %6\n sub %5, %5, %7\n add %0, %0, %4\n sub %1, %1, %4\n add %2, %2, %5\n sub %3, %3, %5\n"
            "ldr %4, [%8, #96]\n ldr %5, [%8, #224]\n ldr %6, [%8, #352]\n ldr %7, [%8, #480]\n"
            "add %4, %4, %5\n add %4, %4, %6\n sub %5, %5, %6\n sub %5, %5, %7\n sub %1, %1, %4\n sub %3, %3, %5\n"
            : "=&r"(v0), "=&r"(v1), "=&r"(v2), "=&r"(v3), "=&r"(s0), "=&r"(s1), "=&r"(s2), "=&r"(s3) : "r"(sums), "r"(bias) : "memory");
    v[0] = v0 >> 1;
    v[1] = v1 >> 1;
    v[2] = v2 >> 1;
    v[3] = v3 >> 1;
#else
    uint32_t upper[4], lower[4];
    for (uint8_t j = 0; j < 4; j++) {
        const uint32_t middle = (uint32_t)sums[32 + 8 * j] + (j == 1 ? (uint32_t)bias : 0);
        const uint32_t next = (uint32_t)sums[64 + 8 * j];
        upper[j] = (uint32_t)sums[8 * j] + middle + next;
        lower[j] = middle - next - (uint32_t)sums[96 + 8 * j];
    }
    v[0] = (int32_t)(upper[0] + upper[1] + upper[2]) >> 1;
    v[1] = (int32_t)(upper[1] - upper[2] - upper[3]) >> 1;
    v[2] = (int32_t)(lower[0] + lower[1] + lower[2]) >> 1;
    v[3] = (int32_t)(lower[1] - lower[2] - lower[3]) >> 1;
#endif
}

/* Tiles of one channel side by side as bytes; where a tile has but one row or column, the other is written first and then over. */
CELL_DSP_INSIDE void cell_dsp_winograd_put(const cell_dsp_winograd *l, const int32_t *q, const int32_t *sums, int8_t *y, size_t right, size_t below, const int32_t *end, uint8_t act)
{
    const int32_t bias = q[0];
    const int32_t m = q[1];
    const int32_t c = q[2];
    const int32_t n = q[3] & 255;
    for (; sums < end; sums += 2, y += 2 * right) {
        int32_t v[4];
        cell_dsp_winograd_tile(sums, bias, v);
        int8_t *const z = y + below;
        z[right] = cell_dsp_put(v[3], m, c, n, l->lo, l->hi, act);
        z[0] = cell_dsp_put(v[2], m, c, n, l->lo, l->hi, act);
        y[right] = cell_dsp_put(v[1], m, c, n, l->lo, l->hi, act);
        y[0] = cell_dsp_put(v[0], m, c, n, l->lo, l->hi, act);
    }
}

/* `tiles` of both channels. */
CELL_DSP_SHARED void cell_dsp_winograd_outputs(const cell_dsp_winograd *l, const int32_t *q, const int32_t *sums, int8_t *y, size_t right, size_t below, uint32_t tiles)
{
    const int32_t *end = sums + 2 * tiles;
    for (const int32_t *const last = q + 8; q < last; q += 4, sums++, end++) {
        int8_t *const z = y + (q[3] >> 8);
        if (l->act == CELL_DSP_RELU)
            cell_dsp_winograd_put(l, q, sums, z, right, below, end, CELL_DSP_RELU);
        else if (l->act == CELL_DSP_FULL)
            cell_dsp_winograd_put(l, q, sums, z, right, below, end, CELL_DSP_FULL);
        else
            cell_dsp_winograd_put(l, q, sums, z, right, below, end, CELL_DSP_BOUNDED);
    }
}

/* Two channels of the four tiles of the output at (r, c). */
CELL_DSP_SHARED void cell_dsp_winograd_pair(const cell_dsp_winograd *l, const int32_t *q, const uint32_t *u, const uint32_t *v, int32_t *sums, int8_t *y, uint32_t r, uint32_t c)
{
    const size_t pixel = l->out_c;
    const size_t below = r + 1 < l->out_h ? l->out_w * pixel : 0;
    const uint32_t columns = l->out_w - c;
    const uint32_t tiles = columns < 2 * CELL_DSP_TILES ? columns / 2 : CELL_DSP_TILES;
    y += (r * l->out_w + c) * pixel;
    cell_dsp_winograd_sums(u, v, l->words, sums);
    cell_dsp_winograd_outputs(l, q, sums, y, pixel, below, tiles);
    if (tiles < CELL_DSP_TILES && columns % 2 != 0)
        cell_dsp_winograd_outputs(l, q, sums + 2 * tiles, y + 2 * tiles * pixel, 0, below, 1);
}

