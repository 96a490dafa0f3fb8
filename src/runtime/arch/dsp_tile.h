/* [dsp_tile] Sums of products of two output channels at once: a 16-bit lane of weights holds w0 + 256 * w1, so that one SMLAD gives
 * sum0 + 256 * sum1, and one with the low bytes alone sum0. Weights: for each pair of channels `words` words in the order of cell_dsp_spread;
 * `q`: for each channel bias, multiplier, addend of the output stage, and right shift + 256 * place in the output. */
typedef struct {
    const uint32_t *w;
    const int32_t *q;
    uint32_t pairs;
    uint32_t words;
    int32_t lo;
    int32_t hi;
    uint8_t act;
} cell_dsp_tiles;

/* A place in the image (its borders included) and where the windows of its row lie. */
typedef struct {
    int32_t y;
    int32_t x;
    const int8_t *band;
} cell_dsp_place;

/* Four outputs of one channel, `step` bytes apart. */
CELL_DSP_INSIDE void cell_dsp_tile_put(const cell_dsp_tiles *l, const int32_t *q, int32_t s0, int32_t s1, int32_t s2, int32_t s3, int8_t *y, size_t step)
{
    const int32_t m = q[1];
    const int32_t c = q[2];
    const int32_t n = q[3] & 255;
    int8_t *z = y + (q[3] >> 8);
    if (l->act == CELL_DSP_RELU) {
        z[0] = cell_dsp_relu(s0, m, c, n);
        z[step] = cell_dsp_relu(s1, m, c, n);
        z[2 * step] = cell_dsp_relu(s2, m, c, n);
        z[3 * step] = cell_dsp_relu(s3, m, c, n);
    } else if (l->act == CELL_DSP_FULL) {
        z[0] = cell_dsp_full(s0, m, c, n);
        z[step] = cell_dsp_full(s1, m, c, n);
        z[2 * step] = cell_dsp_full(s2, m, c, n);
        z[3 * step] = cell_dsp_full(s3, m, c, n);
    } else {
        z[0] = cell_dsp_bounded(s0, m, c, n, l->lo, l->hi);
        z[step] = cell_dsp_bounded(s1, m, c, n, l->lo, l->hi);
        z[2 * step] = cell_dsp_bounded(s2, m, c, n, l->lo, l->hi);
        z[3 * step] = cell_dsp_bounded(s3, m, c, n, l->lo, l->hi);
    }
}

/* Twice the sum of the high channel (of less than 2^23). */
CELL_INLINE int32_t cell_dsp_tile_high(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)b - (uint32_t)a) >> 7;
}

/* One word of weights against four pixels, and against one; ARM's compilers do not find registers for it, so that these steps are written out. */
#if defined(CELL_DSP_STEPS)
#define CELL_DSP_STEP4                                                                                        \
    "ldr r12, [%9], #4\n ldmia %8!, {r2, r3}\n sxtb16 lr, r12\n"                                              \
    "smlad %1, r2, r12, %1\n smlad %3, r3, r12, %3\n smlad %0, r2, lr, %0\n smlad %2, r3, lr, %2\n"           \
    "ldmia %8!, {r2, r3}\n"                                                                                   \
    "smlad %4, r2, lr, %4\n smlad %6, r3, lr, %6\n smlad %5, r2, r12, %5\n smlad %7, r3, r12, %7\n"
#define CELL_DSP_ASM4(steps)                                                                                                    \
    __asm__ volatile(steps : "+r"(a0), "+r"(b0), "+r"(a1), "+r"(b1), "+r"(a2), "+r"(b2), "+r"(a3), "+r"(b3), "+r"(x), "+r"(w)   \
                     : : "r2", "r3", "r12", "lr", "memory")
/* The same output of four pixels: twice the sums of the high channel, of the low one, and either as bytes. */
#define CELL_DSP_EACH4(a, b, c, d) a "\n" b "\n" c "\n" d "\n"
/* The last byte of a register is what it is shifted by: the place above it does no harm. */
#define CELL_DSP_STAGE4 "ldr %6, [%5, #12]\n ldr %7, [%5, #4]\n ldr %5, [%5, #8]\n add %4, %4, %6, asr #8\n"
#define CELL_DSP_SHIFT4                                                                                                   \
    CELL_DSP_EACH4("asr %0, %0, %6", "asr %1, %1, %6", "asr %2, %2, %6", "asr %3, %3, %6")                                \
    CELL_DSP_EACH4("ssat %0, #8, %0", "ssat %1, #8, %1", "ssat %2, #8, %2", "ssat %3, #8, %3")                            \
    CELL_DSP_EACH4("strb %0, [%4]", "strb %1, [%4, %8]", "strb %2, [%4, %8, lsl #1]", "add %4, %4, %8")                   \
    "strb %3, [%4, %8, lsl #1]\n"
#define CELL_DSP_RELU4                                                                                                    \
    CELL_DSP_STAGE4 CELL_DSP_EACH4("smmlar %0, %0, %7, %5", "smmlar %1, %1, %7, %5", "smmlar %2, %2, %7, %5", "smmlar %3, %3, %7, %5") CELL_DSP_SHIFT4
#define CELL_DSP_FULL4                                                                                                    \
    CELL_DSP_STAGE4 CELL_DSP_EACH4("smmulr %0, %0, %7", "smmulr %1, %1, %7", "smmulr %2, %2, %7", "smmulr %3, %3, %7")    \
    CELL_DSP_EACH4("add %0, %0, %0, asr #31", "add %1, %1, %1, asr #31", "add %2, %2, %2, asr #31", "add %3, %3, %3, asr #31") \
    CELL_DSP_EACH4("add %0, %0, %5", "add %1, %1, %5", "add %2, %2, %5", "add %3, %3, %5") CELL_DSP_SHIFT4
#define CELL_DSP_PUT4(steps, s0, s1, s2, s3, at)                                                                          \
    do {                                                                                                                  \
        const int32_t *c_ = at;                                                                                           \
        int8_t *z_ = y;                                                                                                   \
        int32_t n_, m_;                                                                                                   \
        __asm__ volatile(steps : "+r"(s0), "+r"(s1), "+r"(s2), "+r"(s3), "+r"(z_), "+r"(c_), "=&r"(n_), "=&r"(m_) : "r"(step) : "memory"); \
    } while (0)
#define CELL_DSP_HIGH4()                                                                                                  \
    __asm__(CELL_DSP_EACH4("sub %0, %0, %4", "sub %1, %1, %5", "sub %2, %2, %6", "sub %3, %3, %7")                        \
            CELL_DSP_EACH4("asr %0, %0, #7", "asr %1, %1, #7", "asr %2, %2, #7", "asr %3, %3, #7")                        \
            : "+r"(b0), "+r"(b1), "+r"(b2), "+r"(b3) : "r"(a0), "r"(a1), "r"(a2), "r"(a3))
#define CELL_DSP_LOW4() __asm__(CELL_DSP_EACH4("lsl %0, %0, #1", "lsl %1, %1, #1", "lsl %2, %2, #1", "lsl %3, %3, #1") : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3))
#define CELL_DSP_MUL1(x, w) "smlad %1, " x ", " w ", %1\n sxtb16 " w ", " w "\n smlad %0, " x ", " w ", %0\n"
#define CELL_DSP_STEP1_2 "ldmia %2!, {r2, r3}\n ldmia %3!, {r8, r9}\n" CELL_DSP_MUL1("r2", "r8") CELL_DSP_MUL1("r3", "r9")
#define CELL_DSP_STEP1_4                                                                                      \
    "ldmia %2!, {r2, r3, r4, r5}\n ldmia %3!, {r8, r9, r10, r12}\n"                                           \
    CELL_DSP_MUL1("r2", "r8") CELL_DSP_MUL1("r3", "r9") CELL_DSP_MUL1("r4", "r10") CELL_DSP_MUL1("r5", "r12")
#define CELL_DSP_ASM1(steps) \
    __asm__ volatile(steps : "+r"(a), "+r"(b), "+r"(x), "+r"(w) : : "r2", "r3", "r4", "r5", "r8", "r9", "r10", "r12", "memory")
#endif

/* n bytes each of four pixels `step` bytes apart, as cell_dsp_spread gives them side by side. */
CELL_DSP_SHARED void cell_dsp_tile_spread(const int8_t *x, size_t step, size_t n, uint32_t *y)
{
    size_t left = n;
#if defined(CELL_DSP_STEPS)
    const int8_t *x3 = x + 3 * step;
    for (; left >= 4; left -= 4)
        __asm__ volatile("ldr r2, [%0]\n ldr r3, [%0, %3]\n ldr r4, [%0, %3, lsl #1]\n ldr r5, [%1], #4\n add %0, %0, #4\n"
                         "sxtb16 r6, r2\n sxtb16 r8, r3\n sxtb16 r9, r4\n sxtb16 r10, r5\n stmia %2!, {r6, r8, r9, r10}\n"
                         "sxtb16 r2, r2, ror #8\n sxtb16 r3, r3, ror #8\n sxtb16 r4, r4, ror #8\n sxtb16 r5, r5, ror #8\n stmia %2!, {r2, r3, r4, r5}\n"
                         : "+r"(x), "+r"(x3), "+r"(y) : "r"(step) : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "memory");
#else
    for (; left >= 4; left -= 4, x += 4, y += 8)
        for (uint8_t k = 0; k < 4; k++)
            cell_dsp_spread(x + k * step, 4, y + k, 4);
#endif
    if (left > 0)
        for (uint8_t k = 0; k < 4; k++)
            cell_dsp_spread(x + k * step, left, y + k, 4);
}

/* The last `n` bytes of rows, joined to words, as lanes. */
CELL_DSP_INSIDE void cell_dsp_tile_tails(const int8_t *x, size_t row, uint32_t rows, size_t n, uint32_t *y, size_t lane)
{
    uint32_t v = 0;
    uint32_t bits = 0;
    for (; rows > 0; rows--, x += row) {
        for (size_t c = 0; c < n; c++) {
            v |= (uint32_t)(uint8_t)x[c] << bits;
            bits += 8;
            if (bits < 32 && (rows > 1 || c + 1 < n))
                continue;
            y[0] = cell_dsp_even(v);
            y[lane] = cell_dsp_odd(v);
            y += 2 * lane;
            v = bits = 0;
        }
    }
}

/* All channels of four pixels, the high one of a pair first (where a pair is but one channel, the low one has the last word); x: words of four pixels side by side; outputs of one pixel `step` bytes behind those of the one before. */
CELL_DSP_SHARED void cell_dsp_tile4(const cell_dsp_tiles *l, const uint32_t *xs, int8_t *y, size_t step)
{
    CELL_DSP_REGISTER(const uint32_t *, w, r1) = l->w;
    const int32_t *q = l->q;
#if defined(CELL_DSP_STEPS)
    const uint32_t act = l->act;
#endif
    const uint32_t *const end = xs + l->words * 4;
    for (const int32_t *last = q + l->pairs * 8; q < last; q += 8) {
        CELL_DSP_REGISTER(const uint32_t *, x, r0) = xs;
        CELL_DSP_REGISTER(int32_t, a0, r4) = q[0];
        CELL_DSP_REGISTER(int32_t, b0, r5) = (int32_t)((uint32_t)q[0] + ((uint32_t)q[4] << 8));
        CELL_DSP_REGISTER(int32_t, a1, r6) = a0;
        CELL_DSP_REGISTER(int32_t, b1, r7) = b0;
        CELL_DSP_REGISTER(int32_t, a2, r8) = a0;
        CELL_DSP_REGISTER(int32_t, b2, r9) = b0;
        CELL_DSP_REGISTER(int32_t, a3, r10) = a0;
        CELL_DSP_REGISTER(int32_t, b3, r11) = b0;
#if defined(CELL_DSP_STEPS)
        for (const uint32_t *whole = end - 32; x <= whole;)
            CELL_DSP_ASM4(CELL_DSP_STEP4 CELL_DSP_STEP4 CELL_DSP_STEP4 CELL_DSP_STEP4 CELL_DSP_STEP4 CELL_DSP_STEP4 CELL_DSP_STEP4 CELL_DSP_STEP4);
        while (x < end)
            CELL_DSP_ASM4(CELL_DSP_STEP4 CELL_DSP_STEP4);
#else
        for (; x < end; x += 4, w++) {
            const uint32_t low = cell_dsp_even(*w);
            a0 = cell_dsp_mac(x[0], low, a0);
            b0 = cell_dsp_mac(x[0], *w, b0);
            a1 = cell_dsp_mac(x[1], low, a1);
            b1 = cell_dsp_mac(x[1], *w, b1);
            a2 = cell_dsp_mac(x[2], low, a2);
            b2 = cell_dsp_mac(x[2], *w, b2);
            a3 = cell_dsp_mac(x[3], low, a3);
            b3 = cell_dsp_mac(x[3], *w, b3);
        }
#endif
#if defined(CELL_DSP_STEPS)
        if (act != CELL_DSP_BOUNDED) {
            CELL_DSP_HIGH4();
            if (act == CELL_DSP_RELU) {
                CELL_DSP_PUT4(CELL_DSP_RELU4, b0, b1, b2, b3, q + 4);
                CELL_DSP_LOW4();
                CELL_DSP_PUT4(CELL_DSP_RELU4, a0, a1, a2, a3, q);
            } else {
                CELL_DSP_PUT4(CELL_DSP_FULL4, b0, b1, b2, b3, q + 4);
                CELL_DSP_LOW4();
                CELL_DSP_PUT4(CELL_DSP_FULL4, a0, a1, a2, a3, q);
            }
            continue;
        }
#endif
        b0 = cell_dsp_tile_high(a0, b0);
        b1 = cell_dsp_tile_high(a1, b1);
        b2 = cell_dsp_tile_high(a2, b2);
        b3 = cell_dsp_tile_high(a3, b3);
        cell_dsp_tile_put(l, q + 4, b0, b1, b2, b3, y, step);
        cell_dsp_tile_put(l, q, 2 * a0, 2 * a1, 2 * a2, 2 * a3, y, step);
    }
}

/* One output of one channel. */
CELL_DSP_INSIDE void cell_dsp_tile_one(const cell_dsp_tiles *l, const int32_t *q, int32_t twice, int8_t *y, uint8_t act)
{
    y[q[3] >> 8] = cell_dsp_put(twice, q[1], q[2], q[3] & 255, l->lo, l->hi, act);
}

/* All channels of one pixel. */
CELL_DSP_SHARED void cell_dsp_tile1(const cell_dsp_tiles *l, const uint32_t *xs, int8_t *y)
{
    const uint32_t *w = l->w;
    const int32_t *q = l->q;
    const uint32_t *const end = xs + l->words;
    for (const int32_t *last = q + l->pairs * 8; q < last; q += 8) {
        const uint32_t *x = xs;
        int32_t a = q[0], b = (int32_t)((uint32_t)q[0] + ((uint32_t)q[4] << 8));
#if defined(CELL_DSP_STEPS)
        for (const uint32_t *whole = end - 16; x <= whole;)
            CELL_DSP_ASM1(CELL_DSP_STEP1_4 CELL_DSP_STEP1_4 CELL_DSP_STEP1_4 CELL_DSP_STEP1_4);
        while (x < end)
            CELL_DSP_ASM1(CELL_DSP_STEP1_2);
#else
        for (; x < end; x++, w++) {
            a = cell_dsp_mac(*x, cell_dsp_even(*w), a);
            b = cell_dsp_mac(*x, *w, b);
        }
#endif
        b = cell_dsp_tile_high(a, b);
        if (l->act == CELL_DSP_RELU) {
            cell_dsp_tile_one(l, q + 4, b, y, CELL_DSP_RELU);
            cell_dsp_tile_one(l, q, 2 * a, y, CELL_DSP_RELU);
        } else if (l->act == CELL_DSP_FULL) {
            cell_dsp_tile_one(l, q + 4, b, y, CELL_DSP_FULL);
            cell_dsp_tile_one(l, q, 2 * a, y, CELL_DSP_FULL);
        } else {
            cell_dsp_tile_one(l, q + 4, b, y, CELL_DSP_BOUNDED);
            cell_dsp_tile_one(l, q, 2 * a, y, CELL_DSP_BOUNDED);
        }
    }
}

