/* [mve] Helium, the vectors of Cortex-M55 and M85, step by step, each with its twin in plain C: kernels that use them give equal bytes on every
 * CPU of little-endian byte order. A vector is 16 bytes, 8 half words or 4 words. */
#if defined(__ARM_FEATURE_MVE) && defined(__GNUC__) && !defined(__clang__)
#define CELL_MVE_STEPS
#endif

/* Loops that all layers share: a copy for each would be no faster. */
#if defined(CELL_MVE_STEPS)
#define CELL_MVE_SHARED static __attribute__((noinline, unused))
#define CELL_MVE_INSIDE static inline __attribute__((always_inline, unused))
#elif defined(__GNUC__)
#define CELL_MVE_SHARED static __attribute__((unused))
#define CELL_MVE_INSIDE static __attribute__((unused))
#else
#define CELL_MVE_SHARED static
#define CELL_MVE_INSIDE static
#endif

#if defined(CELL_MVE_STEPS)
typedef int8_t cell_mve_bytes __attribute__((vector_size(16), aligned(1), may_alias));
typedef int16_t cell_mve_halves __attribute__((vector_size(16)));
typedef int32_t cell_mve_words __attribute__((vector_size(16)));
typedef int32_t cell_mve_stored __attribute__((vector_size(16), aligned(4), may_alias));

CELL_INLINE cell_mve_bytes cell_mve_load(const int8_t *p) { return *(const cell_mve_bytes *)p; }
CELL_INLINE cell_mve_halves cell_mve_load_halves(const uint16_t *p) { return (cell_mve_halves)*(const cell_mve_bytes *)p; }
CELL_INLINE cell_mve_words cell_mve_load_words(const int32_t *p) { return *(const cell_mve_stored *)p; }
CELL_INLINE void cell_mve_copy(int8_t *y, const int8_t *x, size_t n)
{
    __asm__ volatile("wlstp.8 lr, %2, 2f\n1:\n vldrb.8 q0, [%1], #16\n vstrb.8 q0, [%0], #16\n letp lr, 1b\n2:"
                     : "+r"(y), "+r"(x) : "r"(n) : "lr", "d0", "d1", "memory");
}
CELL_INLINE void cell_mve_copy_first(int8_t *y, const int8_t *x, size_t n)
{
    __asm__ volatile("vctp.8 %2\n vpstt\n vldrbt.8 q0, [%1]\n vstrbt.8 q0, [%0]" : : "r"(y), "r"(x), "r"(n) : "d0", "d1", "p0", "memory");
}
CELL_INLINE void cell_mve_fill(int8_t *y, int32_t v, size_t n)
{
    __asm__ volatile("vdup.8 q0, %1\n wlstp.8 lr, %2, 2f\n1:\n vstrb.8 q0, [%0], #16\n letp lr, 1b\n2:" : "+r"(y) : "r"(v), "r"(n) : "lr", "d0", "d1", "memory");
}
CELL_INLINE void cell_mve_every4(int8_t *y, const int8_t *x, size_t n)
{
    __asm__ volatile("wlstp.8 lr, %2, 2f\n1:\n vldrb.8 q0, [%1], #16\n vstrb.8 q0, [%0], #64\n letp lr, 1b\n2:"
                     : "+r"(y), "+r"(x) : "r"(n) : "lr", "d0", "d1", "memory");
}
CELL_INLINE cell_mve_words cell_mve_widen(const int8_t *x)
{
    cell_mve_words y;
    __asm__ volatile("vldrb.s32 %q0, [%1]" : "=w"(y) : "l"(x) : "memory");
    return y;
}
CELL_INLINE void cell_mve_narrow(int8_t *y, cell_mve_words v) { __asm__ volatile("vstrb.32 %q1, [%0]" : : "l"(y), "w"(v) : "memory"); }
CELL_INLINE void cell_mve_store_words(int32_t *y, cell_mve_words v) { *(cell_mve_stored *)y = v; }
CELL_INLINE int32_t cell_mve_dot(cell_mve_bytes a, cell_mve_bytes b)
{
    int32_t y;
    __asm__("vmladav.s8 %0, %q1, %q2" : "=Te"(y) : "w"(a), "w"(b));
    return y;
}
CELL_INLINE cell_mve_words cell_mve_lanes(int32_t a, int32_t b, int32_t c, int32_t d)
{
    cell_mve_words y;
    __asm__("vmov %q0[2], %q0[0], %1, %3\n vmov %q0[3], %q0[1], %2, %4" : "=&w"(y) : "r"(a), "r"(b), "r"(c), "r"(d));
    return y;
}
#define CELL_MVE_STEP_(name, scalar, each)                                                  \
    CELL_INLINE cell_mve_words cell_mve_##name(cell_mve_words v, int32_t s)                 \
    {                                                                                       \
        __asm__(scalar : "+w"(v) : "r"(s));                                                 \
        return v;                                                                           \
    }                                                                                       \
    CELL_INLINE cell_mve_words cell_mve_##name##_each(cell_mve_words v, cell_mve_words s)   \
    {                                                                                       \
        __asm__(each : "+w"(v) : "w"(s));                                                   \
        return v;                                                                           \
    }
CELL_MVE_STEP_(plus, "vadd.i32 %q0, %q0, %1", "vadd.i32 %q0, %q0, %q1")
CELL_MVE_STEP_(minus, "vsub.i32 %q0, %q0, %1", "vsub.i32 %q0, %q0, %q1")
CELL_MVE_STEP_(high, "vqrdmulh.s32 %q0, %q0, %1", "vqrdmulh.s32 %q0, %q0, %q1")
CELL_MVE_STEP_(shift, "vshl.s32 %q0, %1", "vshl.s32 %q0, %q0, %q1")
CELL_MVE_STEP_(round, "vrshl.s32 %q0, %1", "vrshl.s32 %q0, %q0, %q1")
CELL_INLINE cell_mve_words cell_mve_sign(cell_mve_words v) { return v + (v >> 31); }
CELL_INLINE cell_mve_words cell_mve_zero(void) { return (cell_mve_words){ 0, 0, 0, 0 }; }
CELL_INLINE cell_mve_halves cell_mve_join(cell_mve_words even, cell_mve_words odd)
{
    cell_mve_halves y;
    __asm__("vqmovnb.s32 %q0, %q1\n vqmovnt.s32 %q0, %q2" : "=&w"(y) : "w"(even), "w"(odd));
    return y;
}
CELL_INLINE cell_mve_halves cell_mve_same(int32_t v)
{
    cell_mve_halves y;
    __asm__("vdup.16 %q0, %1" : "=w"(y) : "r"(v));
    return y;
}
CELL_INLINE cell_mve_halves cell_mve_clamp(cell_mve_halves v, cell_mve_halves lo, cell_mve_halves hi)
{
    __asm__("vmax.s16 %q0, %q0, %q1\n vmin.s16 %q0, %q0, %q2" : "+w"(v) : "w"(lo), "w"(hi));
    return v;
}
CELL_INLINE cell_mve_words cell_mve_saturate(cell_mve_words v)
{
    __asm__("vqmovnb.s32 %q0, %q0\n vqmovnb.s16 %q0, %q0" : "+w"(v));
    return v;
}
CELL_INLINE cell_mve_words cell_mve_clamp_words(cell_mve_words v, int32_t lo, int32_t hi)
{
    cell_mve_words low, high;
    __asm__("vdup.32 %q0, %1" : "=w"(low) : "r"(lo));
    __asm__("vdup.32 %q0, %1" : "=w"(high) : "r"(hi));
    __asm__("vmax.s32 %q0, %q0, %q1\n vmin.s32 %q0, %q0, %q2" : "+w"(v) : "w"(low), "w"(high));
    return v;
}
CELL_INLINE void cell_mve_put_words(int8_t *y, cell_mve_words at, cell_mve_words v)
{
    __asm__ volatile("vstrb.32 %q2, [%0, %q1]" : : "r"(y), "w"(at), "w"(v) : "memory");
}
CELL_INLINE void cell_mve_put(int8_t *y, cell_mve_halves at, cell_mve_halves v)
{
    __asm__ volatile("vstrb.16 %q2, [%0, %q1]" : : "r"(y), "w"(at), "w"(v) : "memory");
}
CELL_INLINE void cell_mve_put_first(int8_t *y, cell_mve_halves v, size_t n)
{
    __asm__ volatile("vctp.16 %2\n vpst\n vstrbt.16 %q1, [%0]" : : "l"(y), "w"(v), "r"(n) : "p0", "memory");
}
#else
typedef struct { int8_t v[16]; } cell_mve_bytes;
typedef struct { int16_t v[8]; } cell_mve_halves;
typedef struct { int32_t v[4]; } cell_mve_words;

CELL_MVE_INSIDE cell_mve_bytes cell_mve_load(const int8_t *p)
{
    cell_mve_bytes y;
    memcpy(&y, p, sizeof y);
    return y;
}
CELL_MVE_INSIDE cell_mve_halves cell_mve_load_halves(const uint16_t *p)
{
    cell_mve_halves y;
    memcpy(&y, p, sizeof y);
    return y;
}
CELL_MVE_INSIDE cell_mve_words cell_mve_load_words(const int32_t *p)
{
    cell_mve_words y;
    memcpy(&y, p, sizeof y);
    return y;
}
CELL_MVE_INSIDE void cell_mve_copy(int8_t *y, const int8_t *x, size_t n) { memcpy(y, x, n); }
/* No more than 16 bytes. */
CELL_MVE_INSIDE void cell_mve_copy_first(int8_t *y, const int8_t *x, size_t n) { memcpy(y, x, n); }
CELL_MVE_INSIDE void cell_mve_fill(int8_t *y, int32_t v, size_t n) { memset(y, v, n); }
/* n bytes as blocks of 16, each 64 bytes behind the one before. */
CELL_MVE_INSIDE void cell_mve_every4(int8_t *y, const int8_t *x, size_t n)
{
    for (; n > 16; n -= 16, x += 16, y += 64)
        memcpy(y, x, 16);
    memcpy(y, x, n);
}
/* Four bytes to words, and the low bytes of words to bytes. */
CELL_MVE_INSIDE cell_mve_words cell_mve_widen(const int8_t *x)
{
    cell_mve_words y;
    for (uint8_t k = 0; k < 4; k++)
        y.v[k] = x[k];
    return y;
}
CELL_MVE_INSIDE void cell_mve_narrow(int8_t *y, cell_mve_words v)
{
    for (uint8_t k = 0; k < 4; k++)
        y[k] = (int8_t)v.v[k];
}
CELL_MVE_INSIDE void cell_mve_store_words(int32_t *y, cell_mve_words v) { memcpy(y, &v, sizeof v); }
/* Sum of the products of all lanes. */
CELL_MVE_INSIDE int32_t cell_mve_dot(cell_mve_bytes a, cell_mve_bytes b)
{
    int32_t sum = 0;
    for (uint8_t k = 0; k < 16; k++)
        sum += a.v[k] * b.v[k];
    return sum;
}
CELL_MVE_INSIDE cell_mve_words cell_mve_lanes(int32_t a, int32_t b, int32_t c, int32_t d)
{
    const cell_mve_words y = { { a, b, c, d } };
    return y;
}
/* One lane: sums wrap; the upper half of twice the product, rounded half up; left by the low byte of s, or right where that is negative, rounded half up or down. */
CELL_MVE_INSIDE int32_t cell_mve_plus_lane(int32_t v, int32_t s) { return (int32_t)((uint32_t)v + (uint32_t)s); }
CELL_MVE_INSIDE int32_t cell_mve_minus_lane(int32_t v, int32_t s) { return (int32_t)((uint32_t)v - (uint32_t)s); }
CELL_MVE_INSIDE int32_t cell_mve_high_lane(int32_t v, int32_t s) { return (int32_t)(((int64_t)v * s + ((int64_t)1 << 30)) >> 31); }
CELL_MVE_INSIDE int32_t cell_mve_shift_lane(int32_t v, int32_t s)
{
    const int8_t n = (int8_t)(uint8_t)s;
    return n < 0 ? v >> -n : (int32_t)((uint32_t)v << n);
}
CELL_MVE_INSIDE int32_t cell_mve_round_lane(int32_t v, int32_t s)
{
    const int8_t n = (int8_t)(uint8_t)s;
    return n < 0 ? (int32_t)(((int64_t)v + ((int64_t)1 << (-n - 1))) >> -n) : (int32_t)((uint32_t)v << n);
}
/* All lanes by one number, or each by its own. */
#define CELL_MVE_STEP_(name)                                                                \
    CELL_MVE_INSIDE cell_mve_words cell_mve_##name(cell_mve_words v, int32_t s)                 \
    {                                                                                       \
        for (uint8_t k = 0; k < 4; k++)                                                     \
            v.v[k] = cell_mve_##name##_lane(v.v[k], s);                                     \
        return v;                                                                           \
    }                                                                                       \
    CELL_MVE_INSIDE cell_mve_words cell_mve_##name##_each(cell_mve_words v, cell_mve_words s)   \
    {                                                                                       \
        for (uint8_t k = 0; k < 4; k++)                                                     \
            v.v[k] = cell_mve_##name##_lane(v.v[k], s.v[k]);                                \
        return v;                                                                           \
    }
CELL_MVE_STEP_(plus)
CELL_MVE_STEP_(minus)
CELL_MVE_STEP_(high)
CELL_MVE_STEP_(shift)
CELL_MVE_STEP_(round)
CELL_MVE_INSIDE cell_mve_words cell_mve_zero(void) { return cell_mve_lanes(0, 0, 0, 0); }
/* One less where negative. */
CELL_MVE_INSIDE cell_mve_words cell_mve_sign(cell_mve_words v)
{
    for (uint8_t k = 0; k < 4; k++)
        v.v[k] += v.v[k] >> 31;
    return v;
}
CELL_MVE_INSIDE int16_t cell_mve_limit(int32_t v, int32_t lo, int32_t hi) { return (int16_t)(v < lo ? lo : v > hi ? hi : v); }
/* Words, limited to 16 bits, as even and odd half words. */
CELL_MVE_INSIDE cell_mve_halves cell_mve_join(cell_mve_words even, cell_mve_words odd)
{
    cell_mve_halves y;
    for (uint8_t k = 0; k < 4; k++) {
        y.v[2 * k] = cell_mve_limit(even.v[k], -32768, 32767);
        y.v[2 * k + 1] = cell_mve_limit(odd.v[k], -32768, 32767);
    }
    return y;
}
CELL_MVE_INSIDE cell_mve_halves cell_mve_same(int32_t v)
{
    cell_mve_halves y;
    for (uint8_t k = 0; k < 8; k++)
        y.v[k] = (int16_t)v;
    return y;
}
CELL_MVE_INSIDE cell_mve_halves cell_mve_clamp(cell_mve_halves v, cell_mve_halves lo, cell_mve_halves hi)
{
    for (uint8_t k = 0; k < 8; k++)
        v.v[k] = cell_mve_limit(v.v[k], lo.v[k], hi.v[k]);
    return v;
}
CELL_MVE_INSIDE cell_mve_words cell_mve_clamp_words(cell_mve_words v, int32_t lo, int32_t hi)
{
    for (uint8_t k = 0; k < 4; k++)
        v.v[k] = cell_mve_limit(v.v[k], lo, hi);
    return v;
}
CELL_MVE_INSIDE cell_mve_words cell_mve_saturate(cell_mve_words v) { return cell_mve_clamp_words(v, -128, 127); }
/* Low bytes of words or half words, each at its own distance behind y. */
CELL_MVE_INSIDE void cell_mve_put_words(int8_t *y, cell_mve_words at, cell_mve_words v)
{
    for (uint8_t k = 0; k < 4; k++)
        y[(uint32_t)at.v[k]] = (int8_t)v.v[k];
}
CELL_MVE_INSIDE void cell_mve_put(int8_t *y, cell_mve_halves at, cell_mve_halves v)
{
    for (uint8_t k = 0; k < 8; k++)
        y[(uint16_t)at.v[k]] = (int8_t)v.v[k];
}
/* Those of the first n, one behind the other. */
CELL_MVE_INSIDE void cell_mve_put_first(int8_t *y, cell_mve_halves v, size_t n)
{
    for (uint8_t k = 0; k < 8 && k < n; k++)
        y[k] = (int8_t)v.v[k];
}
#endif

/* Sums as values of the output: `(high(sum + bias, mult) + add) >> right`, less one before the shift for negative numbers where that can be seen.
 * `ir/dsp.ts` says when this is the double rounding of the plain kernel. q: bias, multiplier, addend, -right in the low byte. */
CELL_INLINE cell_mve_words cell_mve_stage(cell_mve_words sums, const int32_t *q, uint8_t sign)
{
    cell_mve_words v = cell_mve_high(cell_mve_plus(sums, q[0]), q[1]);
    if (sign)
        v = cell_mve_sign(v);
    return cell_mve_shift(cell_mve_plus(v, q[2]), q[3]);
}

