/* AVR: flash is a second address space, read with LPM; ATtiny has no multiplier. Source: AVR Instruction Set Manual. */
#include <avr/pgmspace.h>
#define CELL_ROM_DATA PROGMEM
#define CELL_ROM_VIEW(type, name, p) \
    type name##_copy;                \
    memcpy_P(&name##_copy, p, sizeof name##_copy); \
    const type *const name = &name##_copy

/* LPM with post-increment, which the compiler does not form by itself from pgm_read_byte(p++). */
CELL_INLINE uint8_t cell_lpm_next(const uint8_t **p)
{
    uint8_t v;
    __asm__("lpm %0, %a1+" : "=r"(v), "+z"(*p));
    return v;
}
CELL_INLINE uint16_t cell_lpm_next16(const uint8_t **p)
{
    uint16_t v;
    __asm__("lpm %A0, %a1+\n\tlpm %B0, %a1+" : "=r"(v), "+z"(*p));
    return v;
}
CELL_INLINE uint32_t cell_lpm_next32(const uint8_t **p)
{
    uint32_t v;
    __asm__("lpm %A0, %a1+\n\tlpm %B0, %a1+\n\tlpm %C0, %a1+\n\tlpm %D0, %a1+" : "=r"(v), "+z"(*p));
    return v;
}

CELL_INLINE int8_t cell_rom_int8_t(const int8_t *p) { return (int8_t)pgm_read_byte(p); }
CELL_INLINE int8_t cell_rom_next_int8_t(const int8_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const int8_t v = (int8_t)cell_lpm_next(&q);
    *p = (const int8_t *)q;
    return v;
}
CELL_INLINE uint8_t cell_rom_uint8_t(const uint8_t *p) { return (uint8_t)pgm_read_byte(p); }
CELL_INLINE uint8_t cell_rom_next_uint8_t(const uint8_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const uint8_t v = (uint8_t)cell_lpm_next(&q);
    *p = (const uint8_t *)q;
    return v;
}
CELL_INLINE int16_t cell_rom_int16_t(const int16_t *p) { return (int16_t)pgm_read_word(p); }
CELL_INLINE int16_t cell_rom_next_int16_t(const int16_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const int16_t v = (int16_t)cell_lpm_next16(&q);
    *p = (const int16_t *)q;
    return v;
}
CELL_INLINE uint16_t cell_rom_uint16_t(const uint16_t *p) { return (uint16_t)pgm_read_word(p); }
CELL_INLINE uint16_t cell_rom_next_uint16_t(const uint16_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const uint16_t v = (uint16_t)cell_lpm_next16(&q);
    *p = (const uint16_t *)q;
    return v;
}
CELL_INLINE int32_t cell_rom_int32_t(const int32_t *p) { return (int32_t)pgm_read_dword(p); }
CELL_INLINE int32_t cell_rom_next_int32_t(const int32_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const int32_t v = (int32_t)cell_lpm_next32(&q);
    *p = (const int32_t *)q;
    return v;
}
CELL_INLINE uint32_t cell_rom_uint32_t(const uint32_t *p) { return (uint32_t)pgm_read_dword(p); }
CELL_INLINE uint32_t cell_rom_next_uint32_t(const uint32_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const uint32_t v = (uint32_t)cell_lpm_next32(&q);
    *p = (const uint32_t *)q;
    return v;
}
CELL_INLINE float cell_rom_float(const float *p) { return pgm_read_float(p); }
CELL_INLINE float cell_rom_next_float(const float **p) { return pgm_read_float((*p)++); }

/* [mul] Products of an input and a weight as int32_t. */
#if defined(__AVR_HAVE_MUL__)
/* MUL is 8 x 8 bits: a 16-bit factor is taken in two halves, which is cheaper than libgcc's widening call. */
CELL_INLINE int32_t cell_mul_uint8_t_int16_t(uint8_t x, int16_t w)
{
    const uint16_t low = (uint16_t)((uint16_t)x * (uint8_t)w);
    const int16_t high = (int16_t)((int16_t)x * (int8_t)(w >> 8));
    return (int32_t)((uint32_t)(int32_t)high << 8) + low;
}
CELL_INLINE int32_t cell_mul_int8_t_int16_t(int8_t x, int16_t w)
{
    const int16_t low = (int16_t)((int16_t)x * (uint8_t)w);
    const int16_t high = (int16_t)((int16_t)x * (int8_t)(w >> 8));
    return (int32_t)((uint32_t)(int32_t)high << 8) + low;
}
CELL_INLINE int32_t cell_mul_int8_t_int8_t(int8_t x, int8_t w) { return (int16_t)((int16_t)x * w); }
CELL_INLINE int32_t cell_mul_int8_t_uint8_t(int8_t x, uint8_t w) { return (int16_t)((int16_t)x * (int16_t)w); }
CELL_INLINE int32_t cell_mul_uint8_t_int8_t(uint8_t x, int8_t w) { return (int16_t)((int16_t)x * w); }
CELL_INLINE int32_t cell_mul_uint8_t_uint8_t(uint8_t x, uint8_t w) { return (uint16_t)((uint16_t)x * w); }
CELL_INLINE int32_t cell_mul_int16_t_int8_t(int16_t x, int8_t w) { return cell_mul_int8_t_int16_t(w, x); }
CELL_INLINE int32_t cell_mul_int16_t_uint8_t(int16_t x, uint8_t w) { return cell_mul_uint8_t_int16_t(w, x); }
CELL_INLINE int32_t cell_mul_int16_t_int16_t(int16_t x, int16_t w) { return (int32_t)x * w; }
#else
/* No MUL: shift and add over the bits of the weight, stopping at its highest one. About 3 times faster than libgcc's 32-bit
 * product, because weights are short and only their own bits are walked. */
CELL_INLINE int16_t cell_shift_add_16(int16_t x, uint8_t w)
{
    uint16_t sum = 0;
    uint16_t step = (uint16_t)x;
    for (; w != 0; w >>= 1) {
        if (w & 1)
            sum = (uint16_t)(sum + step);
        step = (uint16_t)(step << 1);
    }
    return (int16_t)sum;
}
CELL_INLINE int32_t cell_shift_add_32(int32_t x, uint16_t w)
{
    uint32_t sum = 0;
    uint32_t step = (uint32_t)x;
    for (; w != 0; w >>= 1) {
        if (w & 1)
            sum += step;
        step <<= 1;
    }
    return (int32_t)sum;
}
/* The same with an 8-bit weight: its loop shifts and tests one register instead of two. */
CELL_INLINE int32_t cell_shift_add_32_8(int32_t x, uint8_t w)
{
    uint32_t sum = 0;
    uint32_t step = (uint32_t)x;
    for (; w != 0; w >>= 1) {
        if (w & 1)
            sum += step;
        step <<= 1;
    }
    return (int32_t)sum;
}
#define CELL_MAGNITUDE(U, w) ((U)((w) < 0 ? 0U - (U)(w) : (U)(w)))
CELL_INLINE int32_t cell_mul_int8_t_int8_t(int8_t x, int8_t w) { return cell_shift_add_16((int16_t)(w < 0 ? -x : x), CELL_MAGNITUDE(uint8_t, w)); }
CELL_INLINE int32_t cell_mul_int8_t_uint8_t(int8_t x, uint8_t w) { return cell_shift_add_16(x, w); }
CELL_INLINE int32_t cell_mul_uint8_t_int8_t(uint8_t x, int8_t w) { return cell_shift_add_16((int16_t)(w < 0 ? -(int16_t)x : (int16_t)x), CELL_MAGNITUDE(uint8_t, w)); }
CELL_INLINE int32_t cell_mul_uint8_t_uint8_t(uint8_t x, uint8_t w) { return (int32_t)(uint16_t)cell_shift_add_16((int16_t)x, w); }
CELL_INLINE int32_t cell_mul_int16_t_int8_t(int16_t x, int8_t w) { return cell_shift_add_32_8(w < 0 ? -(int32_t)x : x, CELL_MAGNITUDE(uint8_t, w)); }
CELL_INLINE int32_t cell_mul_int16_t_uint8_t(int16_t x, uint8_t w) { return cell_shift_add_32_8(x, w); }
CELL_INLINE int32_t cell_mul_int8_t_int16_t(int8_t x, int16_t w) { return cell_shift_add_32_8(x < 0 ? -(int32_t)w : w, CELL_MAGNITUDE(uint8_t, x)); }
CELL_INLINE int32_t cell_mul_uint8_t_int16_t(uint8_t x, int16_t w) { return cell_shift_add_32_8(w, x); }
CELL_INLINE int32_t cell_mul_int16_t_int16_t(int16_t x, int16_t w) { return cell_shift_add_32(w < 0 ? -(int32_t)x : x, CELL_MAGNITUDE(uint16_t, w)); }
#endif

/* [distance] sum + the squared differences of n inputs and n elements in flash; 16-bit differences lose `narrow` bits first.
 * Bytes: 20 cycles each with a multiplier (the compiler's loop: 29), 53 without, by shift and add in registers (68 with a call). */
#ifdef __AVR_HAVE_MUL__
#define CELL_SQUARE_ "mul %[d], %[d]\n\t movw %A[p], r0\n\t clr __zero_reg__\n\t"
#else
#define CELL_SQUARE_                                                                                                      \
    "mov %A[p], %[d]\n\t clr %B[p]\n\t lsr %A[p]\n\t"                                                                     \
    ".rept 8\n\t brcc .+2\n\t add %B[p], %[d]\n\t ror %B[p]\n\t ror %A[p]\n\t .endr\n\t"
#endif
#define CELL_DISTANCE_(T, NOT_LESS)                                                                                       \
    CELL_INLINE uint32_t cell_distance_##T(uint32_t sum, const T *x, const T *w, uint16_t n, uint8_t narrow)             \
    {                                                                                                                     \
        uint16_t p;                                                                                                       \
        uint8_t d, t;                                                                                                     \
        (void)narrow;                                                                                                     \
        __asm__ volatile("1: ld %[d], %a[x]+\n\t lpm %[t], %a[w]+\n\t sub %[d], %[t]\n\t " NOT_LESS " .+2\n\t neg %[d]\n\t"  \
                         CELL_SQUARE_                                                                                     \
                         "add %A[s], %A[p]\n\t adc %B[s], %B[p]\n\t adc %C[s], __zero_reg__\n\t adc %D[s], __zero_reg__\n\t"  \
                         "sbiw %[n], 1\n\t brne 1b"                                                                       \
                         : [s] "+r"(sum), [x] "+x"(x), [w] "+z"(w), [n] "+w"(n), [p] "=&r"(p), [d] "=&r"(d), [t] "=&r"(t)  \
                         :                                                                                                \
                         : "r0", "memory");                                                                               \
        return sum;                                                                                                       \
    }
CELL_DISTANCE_(int8_t, "brge")
CELL_DISTANCE_(uint8_t, "brcc")
CELL_INLINE uint32_t cell_distance_int16_t(uint32_t sum, const int16_t *x, const int16_t *w, uint16_t n, uint8_t narrow)
{
    for (; n > 0; n--, x++) {
        const int16_t v = cell_rom_next_int16_t(&w);
        const uint16_t d = (uint16_t)(*x > v ? (uint16_t)*x - (uint16_t)v : (uint16_t)v - (uint16_t)*x) >> narrow;
        sum += (uint32_t)d * d;
    }
    return sum;
}
/* [end] */
