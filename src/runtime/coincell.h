/* coincell.h: what every kernel may use. A CPU is one header in arch/; kernels never test for one. */
#ifndef COINCELL_H
#define COINCELL_H
#include <stdint.h>
#include <string.h>

/* A model uses some of these functions and not others: neither case deserves a warning. */
#if defined(__GNUC__)
#define CELL_INLINE static inline __attribute__((unused))
#else
#define CELL_INLINE static inline
#endif

#if defined(__AVR__)
#include "arch/avr.h"
#else
#include "arch/generic.h"
#endif

/* The arch header gives:
 *   CELL_ROM_DATA           attribute of an array that lives in flash
 *   cell_rom_<type>(p)      read one element of such an array
 *   cell_rom_next_<type>(&p) the same, and step p on
 *   cell_mul_<x>_<w>(x, w)  product of a 8/16-bit input and a 8/16-bit weight as int32_t
 *   cell_distance_<type>(sum, x, w, n, narrow)  squared distance of n inputs to n elements in flash
 */
#define CELL_PASTE_(a, b) a##b
#define CELL_PASTE(a, b) CELL_PASTE_(a, b)
#define CELL_PASTE4_(a, b, c, d) a##b##c##d
#define CELL_PASTE4(a, b, c, d) CELL_PASTE4_(a, b, c, d)
#define CELL_ROM(T, p) CELL_PASTE(cell_rom_, T)(p)
#define CELL_ROM_NEXT(T, p) CELL_PASTE(cell_rom_next_, T)(&(p))
#define CELL_MUL(X, W, x, w) CELL_PASTE4(cell_mul_, X, _, W)(x, w)

/* [shift_round] (x + 2^(s-1)) >> s, rounding half up; s = 0 leaves x. Right shifts of negative numbers are arithmetic on every supported compiler. */
CELL_INLINE int32_t cell_shift_round(int32_t x, uint8_t s)
{
    return s == 0 ? x : (x + ((int32_t)1 << (s - 1))) >> s;
}

/* [clamp] x limited to lo..hi. */
CELL_INLINE int32_t cell_clamp(int32_t x, int32_t lo, int32_t hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

/* Whole part of the square root, bit by bit: no division, no multiplication. */
CELL_INLINE uint16_t cell_sqrt_u32(uint32_t x)
{
    uint32_t root = 0;
    for (uint32_t bit = (uint32_t)1 << 30; bit != 0; bit >>= 2) {
        if (x >= root + bit) {
            x -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint16_t)root;
}

/* [le] x <= t, where t comes from flash as raw bits. Floats compare as integers: for t >= 0 the bit patterns are ordered like
 * signed integers; for t < 0 only a negative x of at least t's magnitude is smaller, which is an unsigned compare. */
CELL_INLINE uint8_t cell_le_uint8_t(uint8_t x, uint8_t t) { return x <= t; }
CELL_INLINE uint8_t cell_le_int8_t(int8_t x, uint8_t t) { return x <= (int8_t)t; }
CELL_INLINE uint8_t cell_le_int16_t(int16_t x, uint16_t t) { return x <= (int16_t)t; }
CELL_INLINE uint8_t cell_le_float(float x, int32_t t)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return t >= 0 ? bits <= t : (uint32_t)bits >= (uint32_t)t;
}
#define CELL_LE(X, x, t) CELL_PASTE(cell_le_, X)(x, t)

/* [fixed] trunc(x * 2^e) from the bits of a float, saturated to +-32767: no float arithmetic. Integers pass through. */
CELL_INLINE int32_t cell_fixed_float(float x, int8_t e)
{
    int32_t bits;
    int16_t shift;
    int32_t v = 0;
    memcpy(&bits, &x, sizeof bits);
    shift = (int16_t)((int16_t)((bits >> 23) & 255) - 150 + e);
    if ((bits & 0x7f800000) != 0 && shift > -24)
        v = shift > -9 ? 32767 : ((bits & 0x7fffff) | 0x800000) >> -shift;
    return bits < 0 ? -v : v;
}
#define cell_fixed_int8_t(x, e) ((int32_t)(x))
#define cell_fixed_uint8_t(x, e) ((int32_t)(x))
#define cell_fixed_int16_t(x, e) ((int32_t)(x))
#define cell_fixed_uint16_t(x, e) ((int32_t)(x))
#define cell_fixed_int32_t(x, e) ((int32_t)(x))
#define CELL_FIXED(X, x, e) CELL_PASTE(cell_fixed_, X)(x, e)

/* [end] */
#endif
