/* [pack] Two sums of products in one word, 16 bits apart, for CPUs with nothing but a 32-bit multiply: one multiplication makes two products.
 * A word is taken apart after every block, which is exact where the weights of a block are at most 255 in sum: `src/ir/pack.ts`. Upper
 * sums are rounded, so that a negative lower one takes nothing from them; lower ones are gathered with the upper ones still on top. */
#if defined(__GNUC__)
#define CELL_PACK_SHARED static __attribute__((noinline, unused))
#else
#define CELL_PACK_SHARED static
#endif
/* Steps written out as a block of assembler need every register; an optimising gcc gives them. */
#if defined(__ARM_ARCH) && __ARM_ARCH == 6 && defined(__GNUC__) && defined(__OPTIMIZE__) && !defined(__clang__)
#define CELL_PACK_STEPS
#endif

/* What is behind the sums: `q` has bias, multiplier, addend, and right shift + 128 * whether the
 * sums are below 2^20 + 256 * corrections of each channel, `e` those corrections. */
typedef struct {
    const uint32_t *w;
    const int32_t *q;
    const uint32_t *e;
    int16_t lo;
    int16_t hi;
} cell_packs;

CELL_INLINE uint32_t cell_pack_upper(int32_t word) { return (uint32_t)((word + 0x8000) >> 16); }

/* An output from its sum. Where there is no 64-bit product: the sum times the multiplier's ten, ten and eleven bits if it is below 2^20,
 * else four products of 16 x 16 bits. */
#if (defined(__ARM_ARCH) && __ARM_ARCH > 6) || defined(__riscv)
CELL_INLINE int32_t cell_pack_scaled(const int32_t *q, int32_t sum)
{
    const int32_t v = (int32_t)(((int64_t)(2 * sum) * q[1] + ((int64_t)1 << 31)) >> 32);
    return (v + (v >> 31) + q[2]) >> (q[3] & 127);
}
#else
CELL_INLINE int32_t cell_pack_scaled(const int32_t *q, int32_t sum)
{
    const int32_t x = 2 * sum, m = q[1];
    if (q[3] & 128) {
        const int32_t low = ((sum * (m & 1023)) >> 10) + sum * ((m >> 10) & 1023);
        return ((low >> 10) + sum * (m >> 20) + (sum < 0 ? -2048 : 0) + q[2] * 2048 + 1024) >> ((q[3] & 127) + 11);
    }
    const uint32_t x0 = (uint16_t)x, m0 = (uint16_t)m, m1 = (uint32_t)m >> 16;
    const int32_t x1 = x >> 16;
    const uint32_t a = x0 * m1 + ((x0 * m0) >> 16) + 0x8000;
    const int32_t b = x1 * (int32_t)m0;
    const uint32_t carry = (uint32_t)(uint16_t)a + (uint16_t)b;
    const int32_t v = x1 * (int32_t)m1 + (b >> 16) + (int32_t)(a >> 16) + (int32_t)(carry >> 16);
    return ((v < 0 ? v - 1 : v) + q[2]) >> (q[3] & 127);
}
#endif

CELL_INLINE int8_t cell_pack_stage(const cell_packs *l, const int32_t *q, int32_t sum)
{
    const int32_t v = cell_pack_scaled(q, sum);
    return (int8_t)(v < l->lo ? l->lo : v > l->hi ? l->hi : v);
}

/* [pack_four] Four rows of inputs (pixels) side by side: words of two of them, two words for each place. */

/* sum[0] and sum[2]: sums of words; sum[1] and sum[3]: of their upper halves. One word of w is four weights, and a block. */
#if defined(CELL_PACK_STEPS)
/* 45 cycles for 16 products: weights in turn in r3, inputs in r4 and r5, words in r6 and r7; sums, end and 2^15 in the other registers. */
#define CELL_PACK_PRODUCTS_(w) "ldmia r0!, {r4, r5}\n\t muls r4, " w ", r4\n\t muls r5, " w ", r5\n\t adds r6, r6, r4\n\t adds r7, r7, r5\n\t"
#define CELL_PACK_APART_(word, low, high) "add " low ", " word "\n\t add " word ", lr\n\t asrs " word ", " word ", #16\n\t add " high ", " word "\n\t"
CELL_PACK_SHARED void cell_pack_blocks(const int32_t *x, const uint32_t *w, size_t blocks, uint32_t *sum)
{
    register const int32_t *px __asm__("r0") = x;
    register const uint32_t *pw __asm__("r1") = w;
    register const int32_t *end __asm__("r2") = x + blocks * 8;
    register uint32_t *ps __asm__("r3") = sum;
    __asm__ volatile(".syntax unified\n\t push {r3, r7}\n\t mov r12, r2\n\t ldmia r3!, {r4, r5, r6, r7}\n\t mov r8, r4\n\t mov r9, r5\n\t"
                     "mov r10, r6\n\t mov r11, r7\n\t movs r4, #128\n\t lsls r4, r4, #8\n\t mov lr, r4\n\t"
                     "1: ldmia r1!, {r2}\n\t sxtb r3, r2\n\t ldmia r0!, {r6, r7}\n\t muls r6, r3, r6\n\t muls r7, r3, r7\n\t"
                     "asrs r2, r2, #8\n\t sxtb r3, r2\n\t" CELL_PACK_PRODUCTS_("r3")
                     "asrs r2, r2, #8\n\t sxtb r3, r2\n\t" CELL_PACK_PRODUCTS_("r3")
                     "asrs r2, r2, #8\n\t" CELL_PACK_PRODUCTS_("r2")
                     CELL_PACK_APART_("r6", "r8", "r9") CELL_PACK_APART_("r7", "r10", "r11")
                     "cmp r0, r12\n\t bne 1b\n\t pop {r3, r7}\n\t mov r2, r8\n\t mov r4, r9\n\t mov r5, r10\n\t mov r6, r11\n\t"
                     "str r2, [r3]\n\t str r4, [r3, #4]\n\t str r5, [r3, #8]\n\t str r6, [r3, #12]"
                     : "+r"(px), "+r"(pw), "+r"(end), "+r"(ps)
                     :
                     : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#else
CELL_INLINE void cell_pack_blocks(const int32_t *x, const uint32_t *words, size_t blocks, uint32_t *sum)
{
    const int8_t *w = (const int8_t *)words;
    uint32_t a = sum[0], b = sum[1], c = sum[2], d = sum[3];
    for (; blocks > 0; blocks--, x += 8, w += 4) {
        const int32_t u = x[0] * w[0] + x[2] * w[1] + x[4] * w[2] + x[6] * w[3];
        const int32_t v = x[1] * w[0] + x[3] * w[1] + x[5] * w[2] + x[7] * w[3];
        a += (uint32_t)u;
        b += cell_pack_upper(u);
        c += (uint32_t)v;
        d += cell_pack_upper(v);
    }
    sum[0] = a;
    sum[1] = b;
    sum[2] = c;
    sum[3] = d;
}
#endif

/* The weights' rests, for which their blocks had no room. */
CELL_INLINE void cell_pack_rests(const int32_t *x, const uint32_t *e, uint32_t n, uint32_t *sum)
{
    for (; n > 0; n--, e++) {
        const int32_t by = (int8_t)*e;
        const int32_t *const at = x + 2 * (*e >> 8);
        const int32_t u = at[0] * by, v = at[1] * by;
        sum[0] += (uint32_t)u;
        sum[1] += cell_pack_upper(u);
        sum[2] += (uint32_t)v;
        sum[3] += cell_pack_upper(v);
    }
}

/* The outputs of one channel, `step` bytes apart, from its sums. */
typedef struct {
    const int32_t *q;
    int8_t *y;
    size_t step;
    int32_t hi;
    int32_t lo;
    uint32_t rows;
    uint32_t sum[4];
} cell_pack_outputs;

CELL_INLINE void cell_pack_put(const cell_packs *l, const cell_pack_outputs *f)
{
    const uint32_t b = (uint32_t)f->q[0], *const s = f->sum;
    const int32_t all[4] = { (int32_t)(s[0] - (s[1] << 16) + b), (int32_t)(s[1] + b), (int32_t)(s[2] - (s[3] << 16) + b), (int32_t)(s[3] + b) };
    int8_t *y = f->y;
    for (uint8_t k = 0; k < f->rows; k++, y += f->step)
        *y = cell_pack_stage(l, f->q, all[k]);
}

#if defined(CELL_PACK_STEPS)
/* The same where no product has more than 32 bits: the sum times the multiplier's ten, ten and eleven bits, lowest first. 29 cycles for each output. */
CELL_PACK_SHARED void cell_pack_put_brief(cell_pack_outputs *f)
{
    register cell_pack_outputs *p __asm__("r0") = f;
    __asm__ volatile(".syntax unified\n\t push {r7}\n\t ldmia r0!, {r1, r2, r3, r4, r5, r6}\n\t mov r9, r3\n\t mov r12, r4\n\t mov lr, r5\n\t mov r8, r2\n\t"
                     /* Sums apart, the bias added. */
                     "lsls r6, r6, #2\n\t adds r6, r6, r0\n\t mov r10, r6\n\t ldmia r0!, {r2, r3, r4, r5}\n\t subs r0, r0, #16\n\t ldmia r1!, {r6}\n\t"
                     "lsls r7, r3, #16\n\t subs r2, r2, r7\n\t lsls r7, r5, #16\n\t subs r4, r4, r7\n\t"
                     "adds r2, r2, r6\n\t adds r3, r3, r6\n\t adds r4, r4, r6\n\t adds r5, r5, r6\n\t stmia r0!, {r2, r3, r4, r5}\n\t subs r0, r0, #16\n\t"
                     /* Addend, shift, and the multiplier by nine bits. */
                     "ldmia r1!, {r5, r6, r7}\n\t lsls r6, r6, #1\n\t adds r6, r6, #1\n\t lsls r6, r6, #10\n\t mov r1, r8\n\t mov r8, r6\n\t"
                     "lsls r2, r5, #22\n\t lsrs r2, r2, #22\n\t lsls r3, r5, #12\n\t lsrs r3, r3, #22\n\t lsrs r4, r5, #20\n\t lsls r5, r7, #25\n\t lsrs r5, r5, #25\n\t adds r5, r5, #11\n\t"
                     "1: ldmia r0!, {r6}\n\t movs r7, r2\n\t muls r7, r6, r7\n\t asrs r7, r7, #10\n\t mov r11, r7\n\t movs r7, r3\n\t muls r7, r6, r7\n\t add r7, r11\n\t"
                     "asrs r7, r7, #10\n\t cmp r6, #0\n\t bge 2f\n\t mov r11, r5\n\t movs r5, #128\n\t lsls r5, r5, #4\n\t subs r7, r7, r5\n\t mov r5, r11\n\t"
                     "2: muls r6, r4, r6\n\t adds r6, r6, r7\n\t add r6, r8\n\t asrs r6, r6, r5\n\t cmp r6, r12\n\t ble 3f\n\t mov r6, r12\n\t"
                     "3: cmp r6, lr\n\t bge 4f\n\t mov r6, lr\n\t 4: strb r6, [r1]\n\t add r1, r9\n\t cmp r0, r10\n\t bne 1b\n\t pop {r7}"
                     : "+r"(p)
                     :
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#define CELL_PACK_BRIEF_(f) \
    if (f.q[3] & 128)            \
        cell_pack_put_brief(&f); \
    else
#else
#define CELL_PACK_BRIEF_(f)
#endif

/* All channels of up to four pixels, whose inputs lie in x, `blocks` times four places; outputs of a pixel are `step` in number. */
CELL_PACK_SHARED void cell_pack_four(const cell_packs *l, const int32_t *x, size_t blocks, int8_t *y, size_t step, uint8_t rows)
{
    const uint32_t *w = l->w, *e = l->e;
    cell_pack_outputs f = { l->q, y, step, l->hi, l->lo, rows, { 0, 0, 0, 0 } };
    for (const int8_t *const end = y + step; f.y < end; f.y++, f.q += 4, w += blocks) {
        const uint32_t n = (uint32_t)f.q[3] >> 8;
        f.sum[0] = f.sum[1] = f.sum[2] = f.sum[3] = 0;
        cell_pack_rests(x, e, n, f.sum);
        e += n;
        cell_pack_blocks(x, w, blocks, f.sum);
        CELL_PACK_BRIEF_(f)
        cell_pack_put(l, &f);
    }
}

/* Inputs of four rows of n bytes side by side. */
CELL_INLINE int32_t *cell_pack_gather(const int8_t *const *rows, size_t n, int32_t *x)
{
    const int8_t *const a = rows[0], *const b = rows[1], *const c = rows[2], *const d = rows[3];
    for (size_t i = 0; i < n; i++, x += 2) {
        x[0] = a[i] + b[i] * 65536;
        x[1] = c[i] + d[i] * 65536;
    }
    return x;
}

/* [pack_row] One row of inputs, and words of the weights of two outputs. */
#define CELL_PACK_ROW_BLOCK 8

/* Inputs as words, eight of a block behind what makes up for weights that are raised by 128. */
CELL_INLINE void cell_pack_stream(const int8_t *x, size_t n, int32_t *to)
{
    for (size_t done = 0; done < n; done += CELL_PACK_ROW_BLOCK, to += CELL_PACK_ROW_BLOCK + 2) {
        int32_t sum = 0;
        for (uint8_t k = 0; k < CELL_PACK_ROW_BLOCK; k++) {
            const int32_t v = done + k < n ? x[done + k] : 0;
            to[k + 2] = v;
            sum += v;
        }
        to[0] = (int32_t)(0U - 0x800080U * (uint32_t)sum);
        to[1] = (int32_t)(0U - 0x808080U * (uint32_t)sum);
    }
}

/* sum[k]: for output k of four; a word of w has a weight of each, raised by 128. */
#if defined(CELL_PACK_STEPS)
/* 96 cycles for 32 products. In r3 the words of outputs 0 and 2, in r4 those of 1 and 3 with 2 in between. */
#define CELL_PACK_ROW_ \
    "ldmia r0!, {r5}\n\t ldmia r1!, {r6}\n\t lsrs r7, r6, #8\n\t ands r6, r6, r2\n\t muls r6, r5, r6\n\t adds r3, r3, r6\n\t muls r7, r5, r7\n\t adds r4, r4, r7\n\t"
CELL_PACK_SHARED void cell_pack_row_blocks(const int32_t *x, const uint32_t *w, size_t blocks, uint32_t *sum)
{
    register const int32_t *px __asm__("r0") = x;
    register const uint32_t *pw __asm__("r1") = w;
    register const int32_t *end __asm__("r2") = x + blocks * (CELL_PACK_ROW_BLOCK + 2);
    register uint32_t *ps __asm__("r3") = sum;
    __asm__ volatile(".syntax unified\n\t push {r3, r7}\n\t mov r12, r2\n\t movs r4, #0\n\t mov r8, r4\n\t mov r9, r4\n\t mov r10, r4\n\t mov r11, r4\n\t"
                     "movs r4, #128\n\t lsls r4, r4, #8\n\t mov lr, r4\n\t movs r2, #255\n\t lsls r4, r2, #16\n\t orrs r2, r2, r4\n\t"
                     "1: ldmia r0!, {r3, r4}\n\t" CELL_PACK_ROW_ CELL_PACK_ROW_ CELL_PACK_ROW_ CELL_PACK_ROW_ CELL_PACK_ROW_ CELL_PACK_ROW_ CELL_PACK_ROW_ CELL_PACK_ROW_
                     "add r8, r3\n\t add r3, lr\n\t asrs r3, r3, #16\n\t add r10, r3\n\t lsls r3, r3, #8\n\t subs r4, r4, r3\n\t"
                     "add r9, r4\n\t add r4, lr\n\t asrs r4, r4, #16\n\t add r11, r4\n\t cmp r0, r12\n\t bne 1b\n\t"
                     "pop {r3, r7}\n\t mov r4, r10\n\t mov r2, r8\n\t str r4, [r3, #8]\n\t lsls r4, r4, #16\n\t subs r2, r2, r4\n\t str r2, [r3]\n\t"
                     "mov r4, r11\n\t mov r2, r9\n\t str r4, [r3, #12]\n\t lsls r4, r4, #16\n\t subs r2, r2, r4\n\t str r2, [r3, #4]"
                     : "+r"(px), "+r"(pw), "+r"(end), "+r"(ps)
                     :
                     : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#else
CELL_INLINE void cell_pack_row_blocks(const int32_t *x, const uint32_t *w, size_t blocks, uint32_t *sum)
{
    uint32_t a = 0, b = 0, c = 0, d = 0;
    for (; blocks > 0; blocks--, x += CELL_PACK_ROW_BLOCK + 2, w += CELL_PACK_ROW_BLOCK) {
        uint32_t even = (uint32_t)x[0], odd = (uint32_t)x[1];
        for (uint8_t k = 0; k < CELL_PACK_ROW_BLOCK; k++) {
            even += (uint32_t)x[k + 2] * (w[k] & 0xff00ff);
            odd += (uint32_t)x[k + 2] * (w[k] >> 8);
        }
        const uint32_t third = cell_pack_upper((int32_t)even);
        odd -= third << 8;
        a += even;
        b += odd;
        c += third;
        d += cell_pack_upper((int32_t)odd);
    }
    sum[0] = a - (c << 16);
    sum[1] = b - (d << 16);
    sum[2] = c;
    sum[3] = d;
}
#endif

/* All outputs of one row, whose words lie in x. */
CELL_PACK_SHARED void cell_pack_row(const cell_packs *l, const int32_t *x, size_t blocks, int8_t *y, size_t out)
{
    const uint32_t *w = l->w, *e = l->e;
    const int32_t *q = l->q;
    for (size_t o = 0; o < out; o += 4, w += blocks * CELL_PACK_ROW_BLOCK) {
        uint32_t sum[4];
        cell_pack_row_blocks(x, w, blocks, sum);
        for (uint8_t k = 0; k < 4 && o + k < out; k++, q += 4) {
            int32_t s = (int32_t)sum[k] + q[0];
            for (uint32_t n = (uint32_t)q[3] >> 8; n > 0; n--, e++)
                s += x[*e >> 8] * (int8_t)*e;
            y[o + k] = cell_pack_stage(l, q, s);
        }
    }
}

/* [end] */
