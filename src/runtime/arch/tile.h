/* [tile] Sums of products on CPUs that have a multiplier but no lanes: two rows of inputs meet each weight where there are two, and the
 * zero point is in the bias. The output stage is exact under the conditions of `src/ir/dsp.ts`. */
typedef struct {
    const int8_t *w;
    const int32_t *b;
    const int32_t *mult;
    const uint8_t *right;
    size_t depth;
    size_t out;
    int16_t zero;
    int16_t lo;
    int16_t hi;
} cell_tiles;

/* [tile|bits] (x * m + 2^31) >> 32; m is not negative. */
#if defined(__AVR_HAVE_MUL__)
/* Byte by byte, x as unsigned number, which is 2^32 too large where x is negative. */
#define CELL_TILE_MUL_(x, m, low, mid, top) "mul %" x ", %" m "\n\t add %" low ", r0\n\t adc %" mid ", r1\n\t adc %" top ", %[z]\n\t"
CELL_INLINE int32_t cell_tile_high(int32_t x, int32_t m)
{
    uint32_t p = 0;
    uint8_t a, b = 0, c = 0x80;
    __asm__("mul %A[x], %A[m]\n\t mov %[a], r1\n\t"
            CELL_TILE_MUL_("A[x]", "B[m]", "[a]", "[b]", "[c]") CELL_TILE_MUL_("B[x]", "A[m]", "[a]", "[b]", "[c]")
            CELL_TILE_MUL_("A[x]", "C[m]", "[b]", "[c]", "A[p]") CELL_TILE_MUL_("B[x]", "B[m]", "[b]", "[c]", "A[p]")
            CELL_TILE_MUL_("C[x]", "A[m]", "[b]", "[c]", "A[p]")
            CELL_TILE_MUL_("A[x]", "D[m]", "[c]", "A[p]", "B[p]") CELL_TILE_MUL_("B[x]", "C[m]", "[c]", "A[p]", "B[p]")
            CELL_TILE_MUL_("C[x]", "B[m]", "[c]", "A[p]", "B[p]") CELL_TILE_MUL_("D[x]", "A[m]", "[c]", "A[p]", "B[p]")
            CELL_TILE_MUL_("B[x]", "D[m]", "A[p]", "B[p]", "C[p]") CELL_TILE_MUL_("C[x]", "C[m]", "A[p]", "B[p]", "C[p]")
            CELL_TILE_MUL_("D[x]", "B[m]", "A[p]", "B[p]", "C[p]")
            CELL_TILE_MUL_("C[x]", "D[m]", "B[p]", "C[p]", "D[p]") CELL_TILE_MUL_("D[x]", "C[m]", "B[p]", "C[p]", "D[p]")
            "mul %D[x], %D[m]\n\t add %C[p], r0\n\t adc %D[p], r1\n\t clr __zero_reg__"
            : [p] "+&r"(p), [a] "=&r"(a), [b] "+&r"(b), [c] "+&r"(c)
            : [x] "r"(x), [m] "r"(m), [z] "r"((uint8_t)0)
            : "r0");
    return (int32_t)(x < 0 ? p - (uint32_t)m : p);
}
#elif defined(__ARM_ARCH) && __ARM_ARCH == 6
/* No 64-bit product: four of 16 x 16 bits. */
CELL_INLINE int32_t cell_tile_high(int32_t x, int32_t m)
{
    const uint32_t x0 = (uint16_t)x, m0 = (uint16_t)m, m1 = (uint32_t)m >> 16;
    const int32_t x1 = x >> 16;
    const uint32_t a = x0 * m1 + ((x0 * m0) >> 16) + 0x8000;
    const int32_t b = x1 * (int32_t)m0;
    const uint32_t carry = (uint32_t)(uint16_t)a + (uint16_t)b;
    return x1 * (int32_t)m1 + (b >> 16) + (int32_t)(a >> 16) + (int32_t)(carry >> 16);
}
#else
CELL_INLINE int32_t cell_tile_high(int32_t x, int32_t m) { return (int32_t)(((int64_t)x * m + ((int64_t)1 << 31)) >> 32); }
#endif

/* [tile] A sum as a byte. */
CELL_INLINE int8_t cell_tile_stage(const cell_tiles *l, size_t o, int32_t sum)
{
    uint8_t right = (uint8_t)(CELL_ROM(uint8_t, l->right + o) - 1);
    int32_t v = cell_tile_high(2 * sum, CELL_ROM(int32_t, l->mult + o));
#if defined(__AVR__) || (defined(__ARM_ARCH) && __ARM_ARCH == 6)
    v = v < 0 ? v - 1 : v;
#else
    v += v >> 31;
#endif
#if defined(__AVR__)
    if (right >= 8) {
        v >>= 8;
        right = (uint8_t)(right - 8);
    }
#endif
    v = (((v >> right) + 1) >> 1) + l->zero;
    return (int8_t)(v < l->lo ? l->lo : v > l->hi ? l->hi : v);
}

#if defined(__AVR_HAVE_MUL__)
/* Two products fit 16 bits; raised by 2^15 they need no sign when they join the sum. About 12 cycles for each product. */
#define CELL_TILE_PAIR_                                                                                              \
    "ld %[a], %a[x]+\n\t lpm %[c], %a[w]+\n\t muls %[a], %[c]\n\t movw %A[p], r0\n\t"                                 \
    "ld %[a], %a[x]+\n\t lpm %[c], %a[w]+\n\t muls %[a], %[c]\n\t add %A[p], r0\n\t adc %B[p], r1\n\t subi %B[p], 0x80\n\t" \
    "add %A[s], %A[p]\n\t adc %B[s], %B[p]\n\t adc %C[s], %[z]\n\t adc %D[s], %[z]\n\t"
CELL_INLINE int32_t cell_tile_dot(const int8_t *x, const int8_t *w, size_t n, int32_t start)
{
    size_t quads = n >> 2;
    uint32_t sum = (uint32_t)start - ((uint32_t)quads << 16);
    for (uint8_t rest = n & 3; rest > 0; rest--, x++)
        sum += (uint32_t)(int32_t)(int16_t)((int16_t)*x * cell_rom_next_int8_t(&w));
    if (quads > 0) {
        uint16_t p;
        uint8_t a, c;
        __asm__ volatile("1: " CELL_TILE_PAIR_ CELL_TILE_PAIR_ "sbiw %[n], 1\n\t brne 1b\n\t clr __zero_reg__"
                         : [s] "+&r"(sum), [x] "+x"(x), [w] "+z"(w), [n] "+w"(quads), [p] "=&d"(p), [a] "=&d"(a), [c] "=&d"(c)
                         : [z] "r"((uint8_t)0)
                         : "r0", "memory");
    }
    return (int32_t)sum;
}

/* One or two rows of inputs at x0 and x1 to the outputs at y and behind them. */
CELL_INLINE void cell_tile(const cell_tiles *l, const int8_t *x0, const int8_t *x1, int8_t *y, uint8_t rows)
{
    const int8_t *w = l->w;
    for (size_t o = 0; o < l->out; o++, w += l->depth) {
        const int32_t b = CELL_ROM(int32_t, l->b + o);
        y[o] = cell_tile_stage(l, o, cell_tile_dot(x0, w, l->depth, b));
        if (rows > 1)
            y[l->out + o] = cell_tile_stage(l, o, cell_tile_dot(x1, w, l->depth, b));
    }
}
#else
#if defined(__ARM_ARCH) && __ARM_ARCH == 6
/* ARMv6-M has 8 registers for products: sums lie in the others, and one index serves all addresses. About 5 cycles for each product. */
#define CELL_TILE_MAC_(sum, a, b) "muls " a ", " b ", " a "\n\t add " sum ", " a "\n\t"
#define CELL_TILE_AT_(to, from) "ldrsb " to ", [" from ", r6]\n\t"
#define CELL_TILE_ROW_(w, sum) CELL_TILE_AT_("r0", w) CELL_TILE_MAC_(sum, "r0", "r5")
#define CELL_TILE_ASM1_                                                                                              \
    CELL_TILE_AT_("r5", "r1") CELL_TILE_ROW_("r2", "r8") CELL_TILE_ROW_("r3", "r9") CELL_TILE_ROW_("r4", "r10")        \
    CELL_TILE_ROW_("r7", "r11") "adds r6, #1\n\t"
#define CELL_TILE_ASM2_                                                                                              \
    CELL_TILE_AT_("r0", "r3") CELL_TILE_AT_("r5", "r1") CELL_TILE_MAC_("r8", "r5", "r0") CELL_TILE_AT_("r5", "r2")     \
    CELL_TILE_MAC_("r9", "r0", "r5") CELL_TILE_AT_("r0", "r4") CELL_TILE_MAC_("r11", "r5", "r0")                       \
    CELL_TILE_AT_("r5", "r1") CELL_TILE_MAC_("r10", "r0", "r5") "adds r6, #1\n\t"
typedef struct {
    const int8_t *at[5];
    int32_t sum[4];
} cell_tile_work;
/* i goes from -n to 0. In r1 to r4 and r7 the ends of inputs and weights, in r8 to r11 the sums. */
#define CELL_TILE_QUADS_(name, step)                                                                                 \
    static __attribute__((noinline, unused)) void name(cell_tile_work *f, int32_t n)                                  \
    {                                                                                                                \
        register cell_tile_work *p __asm__("r0") = f;                                                                 \
        register int32_t i __asm__("r6") = n;                                                                         \
        __asm__ volatile(".syntax unified\n\t push {r0, r7}\n\t adds r0, #20\n\t ldmia r0!, {r1, r2, r3, r4}\n\t"       \
                         "mov r8, r1\n\t mov r9, r2\n\t mov r10, r3\n\t mov r11, r4\n\t subs r0, #36\n\t"                \
                         "ldmia r0!, {r1, r2, r3, r4, r7}\n\t subs r1, r1, r6\n\t subs r2, r2, r6\n\t"                  \
                         "subs r3, r3, r6\n\t subs r4, r4, r6\n\t subs r7, r7, r6\n\t"                                  \
                         "1: " step step step step "bne 1b\n\t pop {r0, r7}\n\t mov r1, r8\n\t mov r2, r9\n\t"           \
                         "mov r3, r10\n\t mov r4, r11\n\t adds r0, #20\n\t stmia r0!, {r1, r2, r3, r4}"                 \
                         : "+r"(p), "+r"(i)                                                                           \
                         :                                                                                            \
                         : "r1", "r2", "r3", "r4", "r5", "r8", "r9", "r10", "r11", "cc", "memory");                    \
    }
CELL_TILE_QUADS_(cell_tile_quads_1, CELL_TILE_ASM1_)
CELL_TILE_QUADS_(cell_tile_quads_2, CELL_TILE_ASM2_)
#define CELL_TILE_QUADS_1_(n)                                                                                        \
    if (n > 0) {                                                                                                     \
        cell_tile_work f = { { x, w0, w1, w2, w3 }, { a, b, c, d } };                                                  \
        n *= 4;                                                                                                      \
        cell_tile_quads_1(&f, -(int32_t)n);                                                                           \
        x += n, w0 += n, w1 += n, w2 += n, w3 += n;                                                                   \
        a = f.sum[0], b = f.sum[1], c = f.sum[2], d = f.sum[3];                                                       \
    }
#define CELL_TILE_QUADS_2_(n)                                                                                        \
    if (n > 0) {                                                                                                     \
        cell_tile_work f = { { x0, x1, w0, w1, 0 }, { a0, a1, b0, b1 } };                                              \
        n *= 4;                                                                                                      \
        cell_tile_quads_2(&f, -(int32_t)n);                                                                           \
        x0 += n, x1 += n, w0 += n, w1 += n;                                                                           \
        a0 = f.sum[0], a1 = f.sum[1], b0 = f.sum[2], b1 = f.sum[3];                                                   \
    }
#else
#define CELL_TILE_QUADS_1_(n)                                              \
    for (; n > 0; n--, x += 4, w0 += 4, w1 += 4, w2 += 4, w3 += 4) {       \
        CELL_TILE_1_(0)                                                    \
        CELL_TILE_1_(1)                                                    \
        CELL_TILE_1_(2)                                                    \
        CELL_TILE_1_(3)                                                    \
    }
#define CELL_TILE_QUADS_2_(n)                                              \
    for (; n > 0; n--, x0 += 4, x1 += 4, w0 += 4, w1 += 4) {               \
        CELL_TILE_2_(0)                                                    \
        CELL_TILE_2_(1)                                                    \
        CELL_TILE_2_(2)                                                    \
        CELL_TILE_2_(3)                                                    \
    }
#endif
#define CELL_TILE_2_(k)                     \
    {                                       \
        const int32_t u = x0[k], v = x1[k]; \
        const int32_t wa = w0[k], wb = w1[k]; \
        a0 += u * wa;                       \
        a1 += v * wa;                       \
        b0 += u * wb;                       \
        b1 += v * wb;                       \
    }
/* Two rows of inputs; where outputs are odd in number the last one is made twice. */
CELL_INLINE void cell_tile_two(const cell_tiles *l, const int8_t *xa, const int8_t *xb, int8_t *y)
{
    for (size_t o = 0; o < l->out; o += 2) {
        const size_t next = o + 1 < l->out ? o + 1 : o;
        const int8_t *x0 = xa, *x1 = xb, *w0 = l->w + o * l->depth, *w1 = l->w + next * l->depth;
        int32_t a0 = l->b[o], a1 = a0, b0 = l->b[next], b1 = b0;
        size_t quads = l->depth >> 2;
        CELL_TILE_QUADS_2_(quads)
        for (size_t n = l->depth & 3; n > 0; n--, x0++, x1++, w0++, w1++)
            CELL_TILE_2_(0)
        /* All of them before the first is stored: a store of bytes could change whatever the compiler has read. */
        const int8_t ya = cell_tile_stage(l, o, a0), za = cell_tile_stage(l, o, a1);
        const int8_t yb = cell_tile_stage(l, next, b0), zb = cell_tile_stage(l, next, b1);
        int8_t *const z = y + l->out;
        y[o] = ya;
        y[next] = yb;
        z[o] = za;
        z[next] = zb;
    }
}

#define CELL_TILE_1_(k)         \
    {                           \
        const int32_t u = x[k]; \
        a += u * w0[k];         \
        b += u * w1[k];         \
        c += u * w2[k];         \
        d += u * w3[k];         \
    }
CELL_INLINE void cell_tile_one(const cell_tiles *l, const int8_t *xa, int8_t *y)
{
    for (size_t o = 0; o < l->out; o += 4) {
        const size_t last = l->out - 1, o1 = o + 1 < last ? o + 1 : last, o2 = o + 2 < last ? o + 2 : last, o3 = o + 3 < last ? o + 3 : last;
        const int8_t *x = xa, *w0 = l->w + o * l->depth, *w1 = l->w + o1 * l->depth, *w2 = l->w + o2 * l->depth, *w3 = l->w + o3 * l->depth;
        int32_t a = l->b[o], b = l->b[o1], c = l->b[o2], d = l->b[o3];
        size_t quads = l->depth >> 2;
        CELL_TILE_QUADS_1_(quads)
        for (size_t n = l->depth & 3; n > 0; n--, x++, w0++, w1++, w2++, w3++)
            CELL_TILE_1_(0)
        y[o] = cell_tile_stage(l, o, a);
        y[o1] = cell_tile_stage(l, o1, b);
        y[o2] = cell_tile_stage(l, o2, c);
        y[o3] = cell_tile_stage(l, o3, d);
    }
}

/* One or two rows of inputs at x0 and x1 to the outputs at y and behind them. */
CELL_INLINE void cell_tile(const cell_tiles *l, const int8_t *x0, const int8_t *x1, int8_t *y, uint8_t rows)
{
    if (rows > 1)
        cell_tile_two(l, x0, x1, y);
    else
        cell_tile_one(l, x0, y);
}
#endif

/* Each channel by itself: cells of one or two windows at x0 and x1, all channels of a cell side by side, as are their weights. */
CELL_INLINE void cell_tile_each(const cell_tiles *l, const int8_t *x0, const int8_t *x1, int8_t *y, uint8_t rows)
{
    const int8_t *const weights = l->w;
    const size_t out = l->out, step = rows > 1 ? out : 0, end = l->depth * out;
    for (size_t o = 0; o < out; o++) {
        int32_t a = CELL_ROM(int32_t, l->b + o), b = a;
        for (size_t i = o; i < end; i += out) {
            const int8_t w = CELL_ROM(int8_t, weights + i);
            a += x0[i] * w;
            b += x1[i] * w;
        }
        const int8_t first = cell_tile_stage(l, o, a), second = cell_tile_stage(l, o, b);
        y[o] = first;
        y[o + step] = second;
    }
}

/* [end] */
