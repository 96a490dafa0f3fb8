/* The four functions gcc may call in any program, and what libm asks of a C library: a model needs no other part of one.
   Unused ones are dropped by the linker; used ones count as the model's. */

#include <stddef.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word;

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);
int *__errno(void);

static int aligned(const void *a, const void *b)
{
    return (((uintptr_t)a | (uintptr_t)b) & 3u) == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    if (aligned(d, s)) {
        for (; n >= 16; n -= 16, d += 16, s += 16) {
            const word a = ((const word *)s)[0], b = ((const word *)s)[1], c = ((const word *)s)[2], e = ((const word *)s)[3];
            ((word *)d)[0] = a;
            ((word *)d)[1] = b;
            ((word *)d)[2] = c;
            ((word *)d)[3] = e;
        }
        for (; n >= 4; n -= 4, d += 4, s += 4)
            *(word *)d = *(const word *)s;
    }
    while (n-- > 0)
        *d++ = *s++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    if ((uintptr_t)d - (uintptr_t)s >= n)
        return memcpy(to, from, n);
    while (n-- > 0)
        d[n] = s[n];
    return to;
}

void *memset(void *to, int value, size_t n)
{
    uint8_t *d = to;
    const word four = (uint8_t)value * (word)0x01010101;
    if (aligned(d, d)) {
        for (; n >= 4; n -= 4, d += 4)
            *(word *)d = four;
    }
    while (n-- > 0)
        *d++ = (uint8_t)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a;
    const uint8_t *y = b;
    for (; n > 0; n--, x++, y++) {
        if (*x != *y)
            return *x < *y ? -1 : 1;
    }
    return 0;
}

/* newlib's libm sets it; without this its whole reentrancy block would come along. */
int *__errno(void)
{
    static int value;
    return &value;
}
