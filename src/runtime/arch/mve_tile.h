/* [mve_tile] Sums of products, 16 at a time: two output channels of four pixels, or eight output channels of one. Weights: block after block
 * of 16 inputs, in each the channels side by side. */
typedef struct {
    const int8_t *w;
    const int32_t *q;
    /* Output channels, and blocks of 16 inputs. */
    uint32_t out;
    uint32_t blocks;
    int32_t lo;
    int32_t hi;
    /* Distances of the outputs of a tile: two channels of each pixel. */
    uint16_t places[8];
} cell_mve_tiles;

/* For tiles of which only the first pixels are meant; the others must be equal to the last of these. */
CELL_INLINE void cell_mve_tile_places(cell_mve_tiles *l, uint32_t pixels)
{
    for (uint32_t k = 0; k < 4; k++) {
        const uint32_t first = (k < pixels ? k : pixels - 1) * l->out;
        l->places[2 * k] = (uint16_t)first;
        l->places[2 * k + 1] = (uint16_t)(first + 1);
    }
}

/* Eight sums take all the registers that can hold them: these loops are written out, two blocks a round. `end` is one less where blocks are odd in
 * number: then the first round has but one. */
#if defined(CELL_MVE_STEPS)
#define CELL_MVE_REGISTER(name, where) register int32_t name __asm__(#where)
#define CELL_MVE_SUMS(steps)                                                                                                                        \
    __asm__ volatile("clrm {r0, r2, r4, r6, r8, r10, r12, lr}\n tst %10, #1\n bne 2f\n1:\n" steps "2:\n" steps "cmp %8, %10\n blo 1b"               \
                     : "=&r"(a0), "=&r"(b0), "=&r"(a1), "=&r"(b1), "=&r"(a2), "=&r"(b2), "=&r"(a3), "=&r"(b3), "+r"(x), "+r"(w)                     \
                     : "r"(end) : "cc", "memory", "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7")
#define CELL_MVE_FOUR()                                                                                                                             \
    CELL_MVE_SUMS("vldrb.8 q0, [%9], #16\n vldrb.8 q2, [%8], #16\n vldrb.8 q1, [%9], #16\n vmladava.s8 %0, q0, q2\n vldrb.8 q3, [%8], #16\n"        \
                  "vmladava.s8 %1, q1, q2\n vmladava.s8 %2, q0, q3\n vldrb.8 q2, [%8], #16\n vmladava.s8 %3, q1, q3\n vldrb.8 q3, [%8], #16\n"      \
                  "vmladava.s8 %4, q0, q2\n vmladava.s8 %5, q1, q2\n vmladava.s8 %6, q0, q3\n vmladava.s8 %7, q1, q3\n")
#define CELL_MVE_ONE()                                                                                                                              \
    CELL_MVE_SUMS("vldrb.8 q0, [%8], #16\n vldrb.8 q1, [%9], #16\n vldrb.8 q2, [%9], #16\n vmladava.s8 %0, q1, q0\n vldrb.8 q1, [%9], #16\n"        \
                  "vmladava.s8 %1, q2, q0\n vldrb.8 q2, [%9], #16\n vmladava.s8 %2, q1, q0\n vldrb.8 q1, [%9], #16\n vmladava.s8 %3, q2, q0\n"      \
                  "vldrb.8 q2, [%9], #16\n vmladava.s8 %4, q1, q0\n vldrb.8 q1, [%9], #16\n vmladava.s8 %5, q2, q0\n vldrb.8 q2, [%9], #16\n"       \
                  "vmladava.s8 %6, q1, q0\n vmladava.s8 %7, q2, q0\n")
#else
#define CELL_MVE_REGISTER(name, where) int32_t name = 0
#define CELL_MVE_MAC_(sum, pixel, channel) sum += cell_mve_dot(cell_mve_load(x + 16 * (pixel)), cell_mve_load(w + 16 * (channel)))
#define CELL_MVE_FOUR()                     \
    for (; x < end; x += 64, w += 32) {     \
        CELL_MVE_MAC_(a0, 0, 0);            \
        CELL_MVE_MAC_(b0, 0, 1);            \
        CELL_MVE_MAC_(a1, 1, 0);            \
        CELL_MVE_MAC_(b1, 1, 1);            \
        CELL_MVE_MAC_(a2, 2, 0);            \
        CELL_MVE_MAC_(b2, 2, 1);            \
        CELL_MVE_MAC_(a3, 3, 0);            \
        CELL_MVE_MAC_(b3, 3, 1);            \
    }
#define CELL_MVE_ONE()                      \
    for (; x < end; x += 16, w += 128) {    \
        CELL_MVE_MAC_(a0, 0, 0);            \
        CELL_MVE_MAC_(b0, 0, 1);            \
        CELL_MVE_MAC_(a1, 0, 2);            \
        CELL_MVE_MAC_(b1, 0, 3);            \
        CELL_MVE_MAC_(a2, 0, 4);            \
        CELL_MVE_MAC_(b2, 0, 5);            \
        CELL_MVE_MAC_(a3, 0, 6);            \
        CELL_MVE_MAC_(b3, 0, 7);            \
    }
#endif
#define CELL_MVE_EIGHT()                                                                                            \
    CELL_MVE_REGISTER(a0, r0);                                                                                      \
    CELL_MVE_REGISTER(b0, r2);                                                                                      \
    CELL_MVE_REGISTER(a1, r4);                                                                                      \
    CELL_MVE_REGISTER(b1, r6);                                                                                      \
    CELL_MVE_REGISTER(a2, r8);                                                                                      \
    CELL_MVE_REGISTER(b2, r10);                                                                                     \
    CELL_MVE_REGISTER(a3, r12);                                                                                     \
    CELL_MVE_REGISTER(b3, lr)

/* All channels of four pixels, a pair at a time (the last pair repeats a channel where their number is odd). xs: blocks of four pixels side by
 * side. q: for each channel the four words of cell_mve_stage, its place in the output in the upper three bytes of the last. */
CELL_MVE_INSIDE void cell_mve_tile4_any(const cell_mve_tiles *l, const int8_t *xs, int8_t *y, uint8_t sign)
{
    const cell_mve_halves at = cell_mve_load_halves(l->places);
    const cell_mve_halves lo = cell_mve_same(l->lo);
    const cell_mve_halves hi = cell_mve_same(l->hi);
    const int8_t *w = l->w;
    const int32_t *q = l->q;
    const int8_t *const end = xs + (size_t)l->blocks * 64 - (l->blocks & 1);
    for (const int32_t *last = q + (size_t)(l->out + 1) / 2 * 8; q < last; q += 8) {
        const int8_t *x = xs;
        CELL_MVE_EIGHT();
        CELL_MVE_FOUR();
        const cell_mve_words even = cell_mve_stage(cell_mve_lanes(a0, a1, a2, a3), q, sign);
        const cell_mve_words odd = cell_mve_stage(cell_mve_lanes(b0, b1, b2, b3), q + 4, sign);
        cell_mve_put(y + (q[3] >> 8), at, cell_mve_clamp(cell_mve_join(even, odd), lo, hi));
    }
}
CELL_MVE_SHARED void cell_mve_tile4_full(const cell_mve_tiles *l, const int8_t *xs, int8_t *y) { cell_mve_tile4_any(l, xs, y, 1); }
CELL_MVE_SHARED void cell_mve_tile4_relu(const cell_mve_tiles *l, const int8_t *xs, int8_t *y) { cell_mve_tile4_any(l, xs, y, 0); }
CELL_INLINE void cell_mve_tile4(const cell_mve_tiles *l, const int8_t *xs, int8_t *y, uint8_t sign)
{
    if (sign)
        cell_mve_tile4_full(l, xs, y);
    else
        cell_mve_tile4_relu(l, xs, y);
}

/* Sums of four channels as values of the output; q: biases of eight channels, the even ones first, then their multipliers, addends, -right. */
CELL_INLINE cell_mve_words cell_mve_stage_each(cell_mve_words sums, const int32_t *q)
{
    const cell_mve_words v = cell_mve_sign(cell_mve_high_each(cell_mve_plus_each(sums, cell_mve_load_words(q)), cell_mve_load_words(q + 8)));
    return cell_mve_shift_each(cell_mve_plus_each(v, cell_mve_load_words(q + 16)), cell_mve_load_words(q + 24));
}

/* All channels of one pixel, eight at a time (the last ones stand in what is left over). */
CELL_MVE_SHARED void cell_mve_row8(const cell_mve_tiles *l, const int8_t *xs, int8_t *y)
{
    const int8_t *w = l->w;
    const int32_t *q = l->q;
    const cell_mve_halves lo = cell_mve_same(l->lo);
    const cell_mve_halves hi = cell_mve_same(l->hi);
    const int8_t *const end = xs + (size_t)l->blocks * 16 - (l->blocks & 1);
    for (int8_t *const last = y + l->out; y < last; y += 8, q += 32) {
        const int8_t *x = xs;
        CELL_MVE_EIGHT();
        CELL_MVE_ONE();
        const cell_mve_words even = cell_mve_stage_each(cell_mve_lanes(a0, a1, a2, a3), q);
        const cell_mve_words odd = cell_mve_stage_each(cell_mve_lanes(b0, b1, b2, b3), q + 4);
        cell_mve_put_first(y, cell_mve_clamp(cell_mve_join(even, odd), lo, hi), (size_t)(last - y));
    }
}

