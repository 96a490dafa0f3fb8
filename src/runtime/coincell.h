/* coincell.h: what every kernel may use. A CPU is one header in arch/; kernels never test for one. */
#ifndef COINCELL_H
#define COINCELL_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A model uses some of these functions and not others: neither case deserves a warning. */
#if defined(__GNUC__)
#define CELL_INLINE static inline __attribute__((unused))
#else
#define CELL_INLINE static inline
#endif

/* [layer] Networks: a layer is a function of its own (so that a profile can name it), and its memory is written before the next one reads it.
 * The block of memory holds tensors of different types one after the other: its address is hidden from the compiler, which would otherwise
 * reason about the types (gcc 12 drops a whole layer whose stores it can no longer trace to a static array). */
#if defined(__GNUC__)
#define CELL_LAYER __attribute__((noinline))
#define CELL_ALIGNED __attribute__((aligned(4)))
#define CELL_BARRIER() __asm__ volatile("" : : : "memory")
static inline uint8_t *cell_layer_memory(uint8_t *p)
{
    __asm__("" : "+r"(p));
    return p;
}
#define CELL_OPAQUE(p) cell_layer_memory(p)
#else
#define CELL_LAYER
#define CELL_ALIGNED
#define CELL_BARRIER() ((void)0)
#define CELL_OPAQUE(p) (p)
#endif
/* [end] */

#if defined(__AVR__)
#include "arch/avr.h"
#else
#include "arch/generic.h"
#endif

/* The arch header gives:
 *   CELL_ROM_DATA           attribute of an array that lives in flash
 *   CELL_ROM_VIEW(type, name, p)  declares `name`, a pointer through which a struct in flash can be read
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

/* [requant|wide|acc] round(x * m * 2^(s - 31)), rounded at both steps, half away from zero: how quantised networks come back to their output
 * scale. Source: TensorFlow Lite's MultiplyByQuantizedMultiplier (double rounding). */
CELL_INLINE int32_t cell_requant(int32_t x, int32_t m, int8_t s)
{
    const int64_t product = (int64_t)(s > 0 ? (int32_t)((uint32_t)x << s) : x) * m;
    const int32_t high = (int32_t)((product + ((int64_t)1 << 30)) >> 31);
    if (s >= 0)
        return high;
    const uint8_t right = (uint8_t)-s;
    const int32_t mask = (int32_t)(((uint32_t)1 << right) - 1);
    return (high >> right) + ((high & mask) > (mask >> 1) + (high < 0) ? 1 : 0);
}

/* The same for the 64-bit sums of layers with 16-bit activations; one rounding, half up. */
CELL_INLINE int32_t cell_wide_requant(int64_t x, int32_t m, int8_t s)
{
    const int32_t narrow = m < 0x7fff0000 ? (m + 0x8000) >> 16 : 0x7fff;
    const uint8_t right = (uint8_t)(15 - s);
    return (int32_t)((x * narrow + ((int64_t)1 << (right - 1))) >> right);
}

/* Sums of products: 32 bits for 8-bit activations, 64 for 16-bit ones. */
#define cell_acc_int8_t int32_t
#define cell_acc_int16_t int64_t
#define CELL_ACC(X) CELL_PASTE(cell_acc_, X)
#define cell_requant_int8_t cell_requant
#define cell_requant_int16_t cell_wide_requant
#define CELL_REQUANT(X, x, m, s) CELL_PASTE(cell_requant_, X)(x, m, s)

/* [squash] Logistic function and hyperbolic tangent of 16-bit layers and gates, from 256 points of the logistic function (points of 1/24, units of
 * 2^-16) with straight lines between them; t in units of 1 / (3 * 4096), results in units of 2^-15. Twin: ir/sigmoid.ts. */
CELL_INLINE int32_t cell_squash_line(const void *points, uint32_t size, uint8_t bits, int32_t beyond)
{
    const uint16_t *table = (const uint16_t *)points;
    const uint32_t i = size >> bits;
    if (i >= 255)
        return beyond;
    const int32_t left = CELL_ROM(uint16_t, table + i);
    const int32_t right = CELL_ROM(uint16_t, table + i + 1);
    return left * ((int32_t)1 << bits) + (int32_t)(size & (((uint32_t)1 << bits) - 1)) * (right - left);
}
CELL_INLINE int32_t cell_squash_logistic(const void *table, int32_t t)
{
    const int32_t r = cell_squash_line(table, t < 0 ? (uint32_t)-t : (uint32_t)t, 9, (int32_t)0x7fff << 10);
    return (t >= 0 ? r + 512 : ((int32_t)1 << 25) - r + 511) >> 10;
}
/* 2 * logistic(2t) - 1. */
CELL_INLINE int32_t cell_squash_tanh(const void *table, int32_t t)
{
    const int32_t r = cell_squash_line(table, t < 0 ? (uint32_t)-t : (uint32_t)t, 8, (int32_t)0xffff << 8);
    return (t >= 0 ? r - ((int32_t)1 << 23) + 128 : -r + ((int32_t)1 << 23) + 127) >> 8;
}
/* v limited to 16 bits, as gates limit their sums. */
CELL_INLINE int32_t cell_squash_short(int32_t v)
{
    return v < -32768 ? -32768 : v > 32767 ? 32767 : v;
}

/* [broadcast] Where the elements of up to three operands stand while a kernel writes its output in order. The kernel walks the innermost
 * axis itself, then cell_broadcast_next moves on. A row of `axes`: an axis's length, and how far each operand moves when it advances. */
typedef struct {
    size_t at[3];
    uint32_t count[4];
} cell_broadcast;

CELL_INLINE void cell_broadcast_next(cell_broadcast *b, const int32_t *axes, uint8_t rank, uint8_t operands)
{
    for (uint8_t k = 0; k < rank; k++) {
        const int32_t length = CELL_ROM_NEXT(int32_t, axes);
        if (++b->count[k] < (uint32_t)length) {
            for (uint8_t o = 0; o < operands; o++)
                b->at[o] += (size_t)CELL_ROM_NEXT(int32_t, axes);
            return;
        }
        b->count[k] = 0;
        axes += operands;
    }
}

/* [end] */
#include "rows.h"
#include "arch/dsp.h"
#include "arch/dsp_tile.h"
#include "arch/dsp_taps.h"
#include "arch/dsp_winograd.h"
#include "arch/dsp_direct.h"
#include "arch/dsp_sums.h"
#include "arch/mve.h"
#include "arch/mve_tile.h"
#include "arch/mve_taps.h"
#include "arch/tile.h"
#include "arch/pack.h"
#include "arch/pack_four.h"
#include "arch/pack_row.h"
#include "arch/pack_plane.h"
#include "arch/bits.h"
/* [end] */
#endif
