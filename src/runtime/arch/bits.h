/* [bits] Weights of 1 to 7 bits: a weight is least + step * u, and u lies in planes of 4, 2 and 1 bits (those whose sum is its width), the
 * lowest bits first. A word of a plane holds 32 / bits weights, so that a shift and a mask give four of them in the bytes of a word. Rows begin
 * with a word. `q` holds for each output its bias (2 bytes, or 4), shift and place of its multiplier in `m` (one byte, or one each); shifts
 * below 8 go to the left, before the multiplication, those from 8 on to the right by 7 less. */
typedef struct {
    const uint32_t *w;
    const uint8_t *q;
    const int32_t *m;
    size_t depth;
    size_t out;
    uint8_t bits;
    uint8_t step;
    int8_t least;
    uint8_t wide;
    uint8_t many;
    int16_t zero;
    int16_t lo;
    int16_t hi;
} cell_bits;

/* Loops that all layers share. */
#if defined(__GNUC__)
#define CELL_BITS_SHARED static __attribute__((noinline, unused))
#else
#define CELL_BITS_SHARED static
#endif

#define CELL_BITS_EACH(v) ((uint32_t)(v) * 0x01010101U)

/* The next n weights as bytes, four in a word, up to a multiple of 32; returns what follows them in flash. No sum reaches the next byte:
 * step * u stays below 128, and the top bit of `least` comes last. */
CELL_BITS_SHARED const uint32_t *cell_bits_row(const cell_bits *l, const uint32_t *w, size_t n, uint32_t *y)
{
    const uint32_t *const end = y + ((n + 3) >> 2);
    uint8_t step = l->step;
    memset(y, l->least & 127, (n + 31) & ~(size_t)31);
    for (uint8_t bits = 4; bits > 0; bits >>= 1) {
        if (!(l->bits & bits))
            continue;
        const uint32_t mask = CELL_BITS_EACH((1U << bits) - 1);
        const uint32_t top = (l->bits & (bits - 1)) == 0 && l->least < 0 ? 0x80808080U : 0;
        for (uint32_t *v = y; v < end;) {
            uint32_t p = CELL_ROM_NEXT(uint32_t, w);
            for (uint8_t left = 8; left > 0; left = (uint8_t)(left - bits), p >>= bits, v++)
                *v = (*v + (p & mask) * step) ^ top;
        }
        step = (uint8_t)(step << bits);
    }
    return w;
}

typedef struct {
    int32_t bias;
    int32_t mult;
    uint8_t shift;
} cell_bits_output;

/* What `q` says of the next output; returns what follows it. */
CELL_BITS_SHARED const uint8_t *cell_bits_next(const cell_bits *l, const uint8_t *q, cell_bits_output *y)
{
    uint32_t bias = CELL_ROM_NEXT(uint8_t, q);
    uint16_t high = CELL_ROM_NEXT(uint8_t, q);
    bias |= (uint32_t)high << 8;
    if (l->wide) {
        high = CELL_ROM_NEXT(uint8_t, q);
        bias |= (uint32_t)high << 16;
        high = CELL_ROM_NEXT(uint8_t, q);
        y->bias = (int32_t)(bias | (uint32_t)high << 24);
    } else {
        y->bias = (int16_t)(uint16_t)bias;
    }
    const uint8_t shift = CELL_ROM_NEXT(uint8_t, q);
    const uint8_t at = l->many ? CELL_ROM_NEXT(uint8_t, q) : shift >> 5;
    y->shift = shift & 31;
    y->mult = CELL_ROM(int32_t, l->m + at);
    return q;
}

/* A sum as a byte; exact under the conditions of `src/ir/bits.ts`. */
CELL_BITS_SHARED int8_t cell_bits_stage(const cell_bits *l, const cell_bits_output *y, int32_t sum)
{
    int32_t v = cell_tile_high(sum * ((int32_t)2 << (y->shift < 8 ? y->shift : 0)), y->mult);
    if (y->shift >= 8) {
        v = v < 0 ? v - 1 : v;
        v = ((v >> (y->shift - 8)) + 1) >> 1;
    }
    v += l->zero;
    return (int8_t)(v < l->lo ? l->lo : v > l->hi ? l->hi : v);
}

CELL_BITS_SHARED int32_t cell_bits_dot(const int8_t *x, const int8_t *w, size_t n, int32_t sum)
{
    for (; n > 0; n--)
        sum += (int16_t)(*x++ * *w++);
    return sum;
}

/* Sums of four rows of inputs, `n` bytes apart, against the same weights. The host goes the way of the DSP extension, which is proven there. */
#if defined(__ARM_FEATURE_DSP) || defined(__x86_64__)
#define CELL_BITS_ROW_(s, x) \
    u = cell_dsp_load(x);    \
    s = cell_dsp_mac(cell_dsp_odd(u), odd, cell_dsp_mac(cell_dsp_even(u), even, s));
CELL_BITS_SHARED void cell_bits_dot4(const int8_t *x, const int8_t *w, size_t n, int32_t *sums)
{
    const size_t rest = n & 3;
    const int8_t *const end = w + n - rest;
    const int8_t *z = x + 2 * n;
    int32_t s0 = sums[0], s1 = s0, s2 = s0, s3 = s0;
    for (; w < end; w += 4, x += 4, z += 4) {
        uint32_t u = cell_dsp_load(w);
        const uint32_t even = cell_dsp_even(u), odd = cell_dsp_odd(u);
        CELL_BITS_ROW_(s0, x)
        CELL_BITS_ROW_(s1, x + n)
        CELL_BITS_ROW_(s2, z)
        CELL_BITS_ROW_(s3, z + n)
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
    for (uint8_t k = 0; rest > 0 && k < 4; k++, x += n)
        sums[k] = cell_bits_dot(x, w, rest, sums[k]);
}
#elif defined(__AVR__) || (defined(__ARM_ARCH) && __ARM_ARCH == 6)
/* Too few registers for four sums. */
CELL_INLINE void cell_bits_dot4(const int8_t *x, const int8_t *w, size_t n, int32_t *sums)
{
    const int32_t bias = sums[0];
    for (uint8_t k = 0; k < 4; k++, x += n)
        sums[k] = cell_bits_dot(x, w, n, bias);
}
#else
CELL_BITS_SHARED void cell_bits_dot4(const int8_t *x, const int8_t *w, size_t n, int32_t *sums)
{
    const int8_t *x1 = x + n, *x2 = x1 + n, *x3 = x2 + n;
    int32_t s0 = sums[0], s1 = s0, s2 = s0, s3 = s0;
    for (; n > 0; n--) {
        const int32_t v = *w++;
        s0 += *x++ * v;
        s1 += *x1++ * v;
        s2 += *x2++ * v;
        s3 += *x3++ * v;
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
}
#endif

/* All outputs of one or four rows of inputs (`depth` bytes apart); `row` has room for the weights of one output. */
CELL_BITS_SHARED void cell_bits_rows(const cell_bits *l, const int8_t *x, uint8_t rows, int8_t *y, uint32_t *row)
{
    const int8_t *const weights = (const int8_t *)row;
    const uint32_t *w = l->w;
    const uint8_t *q = l->q;
    for (size_t o = 0; o < l->out; o++, y++) {
        cell_bits_output to;
        w = cell_bits_row(l, w, l->depth, row);
        q = cell_bits_next(l, q, &to);
        if (rows == 1) {
            *y = cell_bits_stage(l, &to, cell_bits_dot(x, weights, l->depth, to.bias));
            continue;
        }
        int32_t sums[4] = { to.bias, 0, 0, 0 };
        cell_bits_dot4(x, weights, l->depth, sums);
        for (uint8_t k = 0; k < 4; k++)
            y[k * l->out] = cell_bits_stage(l, &to, sums[k]);
    }
}

/* Each input by itself: the products of n of them with the weights of `each` outputs join those outputs' sums. */
CELL_BITS_SHARED void cell_bits_each(const int8_t *x, size_t n, size_t each, int16_t zero, const int8_t *w, int32_t *sums)
{
    for (; n > 0; n--) {
        const int32_t v = *x++ - zero;
        size_t left = each;
        do
            *sums++ += v * *w++;
        while (--left > 0);
    }
}

/* Sums without their biases to all outputs. */
CELL_BITS_SHARED void cell_bits_put(const cell_bits *l, const int32_t *sums, int8_t *y)
{
    const uint8_t *q = l->q;
    for (const int8_t *end = y + l->out; y < end; y++) {
        cell_bits_output to;
        q = cell_bits_next(l, q, &to);
        *y = cell_bits_stage(l, &to, *sums++ + to.bias);
    }
}

/* [end] */
