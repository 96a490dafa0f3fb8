/* [dsp|bits] The DSP extension of Cortex-M4, M7 and M33, instruction by instruction, each with its twin in plain C: kernels that use them give
 * equal bytes on every CPU of little-endian byte order. Words hold two 16-bit lanes. */
#if defined(__ARM_FEATURE_DSP)
#define CELL_DSP_2_(name, text)                                          \
    CELL_INLINE uint32_t cell_dsp_##name(uint32_t a, uint32_t b)         \
    {                                                                    \
        uint32_t y;                                                      \
        __asm__(text : "=r"(y) : "r"(a), "r"(b));                        \
        return y;                                                        \
    }
#define CELL_DSP_MAC_(name, text)                                              \
    CELL_INLINE int32_t cell_dsp_##name(uint32_t x, uint32_t w, int32_t sum)   \
    {                                                                          \
        int32_t y;                                                             \
        __asm__(text " %0, %1, %2, %3" : "=r"(y) : "r"(x), "r"(w), "r"(sum));  \
        return y;                                                              \
    }
CELL_INLINE int32_t cell_dsp_saturate(int32_t x)
{
    int32_t y;
    __asm__("ssat %0, #8, %1" : "=r"(y) : "r"(x));
    return y;
}
CELL_INLINE uint32_t cell_dsp_even(uint32_t x)
{
    uint32_t y;
    __asm__("sxtb16 %0, %1" : "=r"(y) : "r"(x));
    return y;
}
CELL_INLINE uint32_t cell_dsp_odd(uint32_t x)
{
    uint32_t y;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(y) : "r"(x));
    return y;
}
CELL_INLINE int32_t cell_dsp_high(int32_t x, int32_t m)
{
    int32_t y;
    __asm__("smmulr %0, %1, %2" : "=r"(y) : "r"(x), "r"(m));
    return y;
}
CELL_INLINE int32_t cell_dsp_high_add(int32_t x, int32_t m, int32_t sum)
{
    int32_t y;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(y) : "r"(x), "r"(m), "r"(sum));
    return y;
}
CELL_DSP_2_(add_even, "sxtab16 %0, %1, %2")
CELL_DSP_2_(add_odd, "sxtab16 %0, %1, %2, ror #8")
CELL_DSP_2_(plus, "sadd16 %0, %1, %2")
CELL_DSP_2_(minus, "ssub16 %0, %1, %2")
CELL_DSP_2_(lows, "pkhbt %0, %1, %2, lsl #16")
CELL_DSP_2_(highs, "pkhtb %0, %2, %1, asr #16")
CELL_DSP_MAC_(mac, "smlad")
CELL_DSP_MAC_(mac_bt, "smlabt")
CELL_DSP_MAC_(mac_tb, "smlatb")
CELL_DSP_MAC_(mac_bb, "smlabb")
CELL_DSP_MAC_(mac_tt, "smlatt")
#else
CELL_INLINE int32_t cell_dsp_low(uint32_t x) { return (int16_t)(uint16_t)x; }
CELL_INLINE int32_t cell_dsp_top(uint32_t x) { return (int16_t)(uint16_t)(x >> 16); }
CELL_INLINE uint32_t cell_dsp_pair(int32_t low, int32_t top) { return ((uint32_t)low & 0xffff) | ((uint32_t)top << 16); }
CELL_INLINE int32_t cell_dsp_saturate(int32_t x) { return x < -128 ? -128 : x > 127 ? 127 : x; }
/* Bytes 0 and 2 of a word, or 1 and 3, each as 16 bits. */
CELL_INLINE uint32_t cell_dsp_even(uint32_t x) { return cell_dsp_pair((int8_t)(uint8_t)x, (int8_t)(uint8_t)(x >> 16)); }
CELL_INLINE uint32_t cell_dsp_odd(uint32_t x) { return cell_dsp_even(x >> 8); }
/* The same, added lane by lane to a. */
CELL_INLINE uint32_t cell_dsp_add_even(uint32_t a, uint32_t b)
{
    const uint32_t e = cell_dsp_even(b);
    return cell_dsp_pair(cell_dsp_low(a) + cell_dsp_low(e), cell_dsp_top(a) + cell_dsp_top(e));
}
CELL_INLINE uint32_t cell_dsp_add_odd(uint32_t a, uint32_t b) { return cell_dsp_add_even(a, b >> 8); }
/* Lane by lane; lanes wrap. */
CELL_INLINE uint32_t cell_dsp_plus(uint32_t a, uint32_t b) { return cell_dsp_pair(cell_dsp_low(a) + cell_dsp_low(b), cell_dsp_top(a) + cell_dsp_top(b)); }
CELL_INLINE uint32_t cell_dsp_minus(uint32_t a, uint32_t b) { return cell_dsp_pair(cell_dsp_low(a) - cell_dsp_low(b), cell_dsp_top(a) - cell_dsp_top(b)); }
/* The low lanes of two words, or their high lanes, side by side. */
CELL_INLINE uint32_t cell_dsp_lows(uint32_t a, uint32_t b) { return (a & 0xffff) | (b << 16); }
CELL_INLINE uint32_t cell_dsp_highs(uint32_t a, uint32_t b) { return (a >> 16) | (b & 0xffff0000U); }
/* sum + both products of lanes; sums wrap. */
CELL_INLINE int32_t cell_dsp_mac(uint32_t x, uint32_t w, int32_t sum)
{
    return (int32_t)((uint32_t)sum + (uint32_t)(cell_dsp_low(x) * cell_dsp_low(w)) + (uint32_t)(cell_dsp_top(x) * cell_dsp_top(w)));
}
/* sum + one product: the low lane by the high one, the high lane by the low one, both low, both high. */
CELL_INLINE int32_t cell_dsp_mac_bt(uint32_t x, uint32_t w, int32_t sum) { return (int32_t)((uint32_t)sum + (uint32_t)(cell_dsp_low(x) * cell_dsp_top(w))); }
CELL_INLINE int32_t cell_dsp_mac_tb(uint32_t x, uint32_t w, int32_t sum) { return (int32_t)((uint32_t)sum + (uint32_t)(cell_dsp_top(x) * cell_dsp_low(w))); }
CELL_INLINE int32_t cell_dsp_mac_bb(uint32_t x, uint32_t w, int32_t sum) { return (int32_t)((uint32_t)sum + (uint32_t)(cell_dsp_low(x) * cell_dsp_low(w))); }
CELL_INLINE int32_t cell_dsp_mac_tt(uint32_t x, uint32_t w, int32_t sum) { return (int32_t)((uint32_t)sum + (uint32_t)(cell_dsp_top(x) * cell_dsp_top(w))); }
/* Upper half of the 64-bit product, rounded half up; and that added to a sum. */
CELL_INLINE int32_t cell_dsp_high(int32_t x, int32_t m) { return (int32_t)(((int64_t)x * m + ((int64_t)1 << 31)) >> 32); }
CELL_INLINE int32_t cell_dsp_high_add(int32_t x, int32_t m, int32_t sum) { return (int32_t)((uint32_t)sum + (uint32_t)cell_dsp_high(x, m)); }
#endif

/* Steps written out as a block of assembler need every register; an optimising gcc gives them. */
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__) && defined(__OPTIMIZE__) && !defined(__clang__)
#define CELL_DSP_STEPS
#define CELL_DSP_REGISTER(type, name, where) register type name __asm__(#where)
#else
#define CELL_DSP_REGISTER(type, name, where) type name
#endif

/* Short loops whose counter must not be seen at run time. */
#if defined(__GNUC__) && !defined(__clang__)
#define CELL_DSP_UNROLLED _Pragma("GCC unroll 4")
#else
#define CELL_DSP_UNROLLED
#endif

/* Loops that all layers share: a copy for each would be no faster. */
#if defined(__GNUC__)
#define CELL_DSP_SHARED static __attribute__((noinline, unused))
#define CELL_DSP_INSIDE static inline __attribute__((always_inline, unused))
#else
#define CELL_DSP_SHARED static
#define CELL_DSP_INSIDE static
#endif

/* Four bytes at any address; four 16-bit lanes apart in memory. */
CELL_INLINE uint32_t cell_dsp_load(const int8_t *x)
{
    uint32_t v;
    memcpy(&v, x, sizeof v);
    return v;
}

/* Copies short rows by words, where a library's memcpy may go byte by byte. */
CELL_DSP_SHARED void cell_dsp_copy(const int8_t *x, size_t n, int8_t *y)
{
    for (; n >= 16; n -= 16, x += 16, y += 16) {
        const uint32_t a = cell_dsp_load(x), b = cell_dsp_load(x + 4), c = cell_dsp_load(x + 8), d = cell_dsp_load(x + 12);
        memcpy(y, &a, sizeof a);
        memcpy(y + 4, &b, sizeof b);
        memcpy(y + 8, &c, sizeof c);
        memcpy(y + 12, &d, sizeof d);
    }
    for (; n >= 4; n -= 4, x += 4, y += 4) {
        const uint32_t v = cell_dsp_load(x);
        memcpy(y, &v, sizeof v);
    }
    for (; n > 0; n--)
        *y++ = *x++;
}

/* n bytes as 16-bit lanes, four at a time in the order 0 2, 1 3; each word `lane` words behind the one before. Bytes after the last are zero. */
CELL_INLINE void cell_dsp_spread(const int8_t *x, size_t n, uint32_t *y, size_t lane)
{
    for (; n >= 4; n -= 4, x += 4, y += 2 * lane) {
        const uint32_t v = cell_dsp_load(x);
        y[0] = cell_dsp_even(v);
        y[lane] = cell_dsp_odd(v);
    }
    if (n > 0) {
        uint32_t v = 0;
        memcpy(&v, x, n);
        y[0] = cell_dsp_even(v);
        y[lane] = cell_dsp_odd(v);
    }
}

/* How the sums of a layer become bytes. With twice the sum, SMMULR is the saturating doubling multiplication (|sum| < 2^30); the rounding
 * shift by n is one addition of 2^(n-1) (and the zero point), less one for negative numbers. Where the lower bound is the zero point and no
 * other bound shows, that one cannot be seen. `ir/dsp.ts` checks all conditions. */
#define CELL_DSP_FULL 0
#define CELL_DSP_RELU 1
#define CELL_DSP_BOUNDED 2
CELL_INLINE int8_t cell_dsp_full(int32_t twice, int32_t m, int32_t c, int32_t n)
{
    const int32_t v = cell_dsp_high(twice, m);
    return (int8_t)cell_dsp_saturate((v + (v >> 31) + c) >> n);
}
CELL_INLINE int8_t cell_dsp_relu(int32_t twice, int32_t m, int32_t c, int32_t n)
{
    return (int8_t)cell_dsp_saturate(cell_dsp_high_add(twice, m, c) >> n);
}
CELL_INLINE int8_t cell_dsp_bounded(int32_t twice, int32_t m, int32_t c, int32_t n, int32_t lo, int32_t hi)
{
    int32_t v = cell_dsp_high(twice, m);
    v = (v + (v >> 31) + c) >> n;
    return (int8_t)(v < lo ? lo : v > hi ? hi : v);
}

/* One of them, by a name that is known when the program is made. */
CELL_INLINE int8_t cell_dsp_put(int32_t twice, int32_t m, int32_t c, int32_t n, int32_t lo, int32_t hi, uint8_t act)
{
    return act == CELL_DSP_RELU ? cell_dsp_relu(twice, m, c, n) : act == CELL_DSP_FULL ? cell_dsp_full(twice, m, c, n) : cell_dsp_bounded(twice, m, c, n, lo, hi);
}

