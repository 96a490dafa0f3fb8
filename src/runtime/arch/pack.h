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

CELL_INLINE int32_t cell_pack_upper(int32_t word) { return (word + 0x8000) >> 16; }

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

/* n outputs of one channel from their sums. */
typedef struct {
    const int32_t *q;
    int8_t *y;
    /* Bytes from one output to the next. */
    size_t step;
    const int32_t *end;
} cell_pack_outputs;

#if defined(CELL_PACK_STEPS)
/* From bias, multiplier, addend and shift in r4 to r7: the multiplier's parts in r2 to r4, the shift in r5; addend, bias and -2^11 in others. */
#define CELL_PACK_STAGE_                                                                                              \
    "mov r12, r4\n\t lsls r6, r6, #1\n\t adds r6, r6, #1\n\t lsls r6, r6, #10\n\t mov r8, r6\n\t movs r6, #1\n\t lsls r6, r6, #11\n\t negs r6, r6\n\t mov lr, r6\n\t" \
    "lsls r2, r5, #22\n\t lsrs r2, r2, #22\n\t lsls r3, r5, #12\n\t lsrs r3, r3, #22\n\t lsrs r4, r5, #20\n\t lsls r5, r7, #25\n\t lsrs r5, r5, #25\n\t adds r5, r5, #11\n\t"
/* 29 cycles for each output: sums from r0 to r10, outputs at r1, r9 bytes apart. */
#define CELL_PACK_PUT_                                                                                                \
    "1: ldmia r0!, {r6}\n\t add r6, r12\n\t movs r7, r2\n\t muls r7, r6, r7\n\t asrs r7, r7, #10\n\t mov r11, r7\n\t movs r7, r3\n\t muls r7, r6, r7\n\t add r7, r11\n\t" \
    "asrs r7, r7, #10\n\t cmp r6, #0\n\t bge 2f\n\t add r7, lr\n\t 2: muls r6, r4, r6\n\t adds r6, r6, r7\n\t add r6, r8\n\t asrs r6, r6, r5\n\t" \
    "sxtb r7, r6\n\t cmp r7, r6\n\t beq 3f\n\t asrs r6, r6, #31\n\t movs r7, #127\n\t eors r6, r6, r7\n\t"                \
    "3: strb r6, [r1]\n\t add r1, r9\n\t cmp r0, r10\n\t bne 1b\n\t"
CELL_PACK_SHARED void cell_pack_put_small(const int32_t *sum, const cell_pack_outputs *f)
{
    register const int32_t *ps __asm__("r0") = sum;
    register const cell_pack_outputs *pf __asm__("r1") = f;
    __asm__ volatile(".syntax unified\n\t push {r7}\n\t ldmia r1!, {r2, r3, r4, r5}\n\t mov r1, r3\n\t mov r9, r4\n\t mov r10, r5\n\t ldmia r2!, {r4, r5, r6, r7}\n\t"
                     CELL_PACK_STAGE_ CELL_PACK_PUT_ "pop {r7}"
                     : "+r"(ps), "+r"(pf)
                     :
                     : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#endif

#if defined(CELL_PACK_STEPS)
CELL_PACK_SHARED
#else
CELL_INLINE
#endif
void cell_pack_put_any(const cell_packs *l, const int32_t *sum, const cell_pack_outputs *f)
{
    int8_t *y = f->y;
    for (; sum < f->end; y += f->step)
        *y = cell_pack_stage(l, f->q, *sum++ + f->q[0]);
}

CELL_INLINE void cell_pack_put(const cell_packs *l, const int32_t *sum, const cell_pack_outputs *f)
{
#if defined(CELL_PACK_STEPS)
    if (f->q[3] & 128) {
        cell_pack_put_small(sum, f);
        return;
    }
#endif
    cell_pack_put_any(l, sum, f);
}

/* [pack_four] Four rows of inputs (pixels) side by side: words of two of them, two words for each place. One word of w is four weights, and a
 * block; `rests`, up to their end, are parts of weights for which their blocks had no room. */
typedef struct {
    const int32_t *x;
    const int32_t *x_end;
    const uint32_t *rests;
    const uint32_t *w;
    const int32_t *q;
    int8_t *y;
    int8_t *y_end;
    /* Bytes from one pixel to the next in the output; four for each pixel. */
    size_t step;
    size_t rows;
    int32_t sum[4];
} cell_pack_rows;

#if defined(CELL_PACK_STEPS)
/* 45 cycles for 16 products: weights in turn in r3, inputs in r4 and r5, words in r6 and r7; sums of words and of their upper halves, end
 * and 2^15 in the other registers. */
#define CELL_PACK_PRODUCTS_(w) "ldmia r0!, {r4, r5}\n\t muls r4, " w ", r4\n\t muls r5, " w ", r5\n\t adds r6, r6, r4\n\t adds r7, r7, r5\n\t"
#define CELL_PACK_APART_(word, low, high) "add " low ", " word "\n\t add " word ", lr\n\t asrs " word ", " word ", #16\n\t add " high ", " word "\n\t"
#define CELL_PACK_APART2_ CELL_PACK_APART_("r6", "r8", "r9") CELL_PACK_APART_("r7", "r10", "r11")
#define CELL_PACK_BLOCK_                                                                                             \
    "ldmia r1!, {r2}\n\t sxtb r3, r2\n\t ldmia r0!, {r6, r7}\n\t muls r6, r3, r6\n\t muls r7, r3, r7\n\t"               \
    "asrs r2, r2, #8\n\t sxtb r3, r2\n\t" CELL_PACK_PRODUCTS_("r3") "asrs r2, r2, #8\n\t sxtb r3, r2\n\t"               \
    CELL_PACK_PRODUCTS_("r3") "asrs r2, r2, #8\n\t" CELL_PACK_PRODUCTS_("r2") CELL_PACK_APART2_
#define CELL_PACK_REST_                                                                                              \
    "ldmia r4!, {r2}\n\t sxtb r3, r2\n\t lsrs r2, r2, #8\n\t lsls r2, r2, #2\n\t ldr r6, [r0, r2]\n\t adds r2, r2, #4\n\t ldr r7, [r0, r2]\n\t" \
    "muls r6, r3, r6\n\t muls r7, r3, r7\n\t" CELL_PACK_APART2_
/* Channel after channel, until there are sums that are not small. f is on the stack. */
CELL_PACK_SHARED void cell_pack_sums(cell_pack_rows *f)
{
    register cell_pack_rows *p __asm__("r0") = f;
    __asm__ volatile(".syntax unified\n\t push {r0, r7}\n\t"
                     "5: ldr r3, [r0, #16]\n\t ldr r5, [r3, #12]\n\t ldr r4, [r0, #8]\n\t lsrs r5, r5, #8\n\t lsls r5, r5, #2\n\t adds r5, r5, r4\n\t str r5, [r0, #8]\n\t"
                     "movs r2, #0\n\t mov r8, r2\n\t mov r9, r2\n\t mov r10, r2\n\t mov r11, r2\n\t movs r2, #128\n\t lsls r2, r2, #8\n\t mov lr, r2\n\t"
                     "ldr r1, [r0, #12]\n\t ldr r2, [r0, #4]\n\t mov r12, r2\n\t ldr r0, [r0]\n\t cmp r4, r5\n\t beq 7f\n\t 6: " CELL_PACK_REST_ "cmp r4, r5\n\t bne 6b\n\t"
                     "7: " CELL_PACK_BLOCK_ "cmp r0, r12\n\t bne 7b\n\t"
                     "mov r3, r9\n\t mov r5, r11\n\t mov r2, r8\n\t lsls r4, r3, #16\n\t subs r2, r2, r4\n\t mov r4, r10\n\t lsls r6, r5, #16\n\t subs r4, r4, r6\n\t"
                     "ldr r0, [sp]\n\t str r1, [r0, #12]\n\t adds r0, r0, #36\n\t stmia r0!, {r2, r3, r4, r5}\n\t subs r0, r0, #52\n\t"
                     "ldr r2, [r0, #16]\n\t ldr r3, [r2, #12]\n\t lsrs r3, r3, #8\n\t bcc 9f\n\t ldmia r2!, {r4, r5, r6, r7}\n\t str r2, [r0, #16]\n\t"
                     "ldr r1, [r0, #20]\n\t adds r3, r1, #1\n\t str r3, [r0, #20]\n\t ldr r3, [r0, #28]\n\t mov r9, r3\n\t ldr r3, [r0, #32]\n\t adds r0, r0, #36\n\t adds r3, r3, r0\n\t mov r10, r3\n\t"
                     CELL_PACK_STAGE_ CELL_PACK_PUT_
                     "ldr r0, [sp]\n\t ldr r1, [r0, #20]\n\t ldr r2, [r0, #24]\n\t cmp r1, r2\n\t beq 9f\n\t b 5b\n\t"
                     "9: pop {r0, r7}"
                     : "+r"(p)
                     :
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#else
#define CELL_PACK_ADD_(u, v)         \
    a += (uint32_t)(u);              \
    b += cell_pack_upper(u);         \
    c += (uint32_t)(v);              \
    d += cell_pack_upper(v);
/* Of one channel. */
CELL_INLINE void cell_pack_sums(cell_pack_rows *f)
{
    const int8_t *w = (const int8_t *)f->w;
    const uint32_t *e = f->rests;
    uint32_t a = 0, c = 0;
    int32_t b = 0, d = 0;
    for (uint32_t n = (uint32_t)f->q[3] >> 8; n > 0; n--, e++) {
        const int32_t by = (int8_t)*e;
        const int32_t *const x = f->x + (*e >> 8);
        const int32_t u = x[0] * by, v = x[1] * by;
        CELL_PACK_ADD_(u, v)
    }
    for (const int32_t *x = f->x; x < f->x_end; x += 8, w += 4) {
        const int32_t u = x[0] * w[0] + x[2] * w[1] + x[4] * w[2] + x[6] * w[3];
        const int32_t v = x[1] * w[0] + x[3] * w[1] + x[5] * w[2] + x[7] * w[3];
        CELL_PACK_ADD_(u, v)
    }
    f->w += (f->x_end - f->x) / 8;
    f->rests = e;
    f->sum[0] = (int32_t)(a - ((uint32_t)b << 16));
    f->sum[1] = b;
    f->sum[2] = (int32_t)(c - ((uint32_t)d << 16));
    f->sum[3] = d;
}
#endif

/* All channels of up to four pixels, whose inputs lie in x, `blocks` times four places; outputs of a pixel are `step` in number. */
CELL_PACK_SHARED void cell_pack_four(const cell_packs *l, const int32_t *x, size_t blocks, int8_t *y, size_t step, uint8_t rows)
{
    cell_pack_rows f = { x, x + blocks * 8, l->e, l->w, l->q, y, y + step, step, (size_t)rows * 4, { 0, 0, 0, 0 } };
    for (;; f.y++, f.q += 4) {
        cell_pack_sums(&f);
        if (f.y == f.y_end)
            return;
        const cell_pack_outputs o = { f.q, f.y, step, f.sum + rows };
        cell_pack_put_any(l, f.sum, &o);
        if (f.y + 1 == f.y_end)
            return;
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
CELL_PACK_SHARED void cell_pack_row_blocks(const int32_t *x, const uint32_t *w, size_t blocks, int32_t *sum)
{
    register const int32_t *px __asm__("r0") = x;
    register const uint32_t *pw __asm__("r1") = w;
    register const int32_t *end __asm__("r2") = x + blocks * (CELL_PACK_ROW_BLOCK + 2);
    register int32_t *ps __asm__("r3") = sum;
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
#define CELL_PACK_ROW_(k)                                     \
    even += (uint32_t)x[(k) + 2] * (w[k] & 0xff00ff);          \
    odd += (uint32_t)x[(k) + 2] * (w[k] >> 8);
CELL_INLINE void cell_pack_row_blocks(const int32_t *x, const uint32_t *w, size_t blocks, int32_t *sum)
{
    uint32_t a = 0, b = 0;
    int32_t c = 0, d = 0;
    for (; blocks > 0; blocks--, x += CELL_PACK_ROW_BLOCK + 2, w += CELL_PACK_ROW_BLOCK) {
        uint32_t even = (uint32_t)x[0], odd = (uint32_t)x[1];
        CELL_PACK_ROW_(0) CELL_PACK_ROW_(1) CELL_PACK_ROW_(2) CELL_PACK_ROW_(3) CELL_PACK_ROW_(4) CELL_PACK_ROW_(5) CELL_PACK_ROW_(6) CELL_PACK_ROW_(7)
        const int32_t third = cell_pack_upper((int32_t)even);
        odd -= (uint32_t)third << 8;
        a += even;
        b += odd;
        c += third;
        d += cell_pack_upper((int32_t)odd);
    }
    sum[0] = (int32_t)(a - ((uint32_t)c << 16));
    sum[1] = (int32_t)(b - ((uint32_t)d << 16));
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
        int32_t sum[4];
        cell_pack_row_blocks(x, w, blocks, sum);
        for (uint8_t k = 0; k < 4 && o + k < out; k++, q += 4) {
            int32_t s = sum[k] + q[0];
            for (uint32_t n = (uint32_t)q[3] >> 8; n > 0; n--, e++)
                s += x[*e >> 8] * (int8_t)*e;
            y[o + k] = cell_pack_stage(l, q, s);
        }
    }
}

/* [pack_plane] 3x3 depthwise convolution: a channel is copied to a plane of words, in which the lower half of the output's rows meets the
 * upper one. */
typedef struct {
    int32_t in_h;
    int32_t in_w;
    /* Bytes from one pixel to the next. */
    size_t pixel;
    int32_t left;
    int32_t columns;
    int32_t rows;
    /* Rows of the image from those of the lower half to those of the upper one. */
    int32_t apart;
    int8_t zero_x;
} cell_pack_image;

/* The plane of the channel at x; its first row has row y0 of the image in the lower halves. */
CELL_PACK_SHARED void cell_pack_plane(const cell_pack_image *p, const int8_t *x, int32_t y0, int32_t *y)
{
    const int32_t border = p->zero_x * 65537;
    const int32_t rest = p->columns - p->left;
    const int32_t inside = rest < p->in_w ? rest : p->in_w;
    const size_t row = (size_t)p->in_w * p->pixel;
    for (const int32_t end = y0 + p->rows; y0 < end; y0++) {
        const int32_t y1 = y0 + p->apart;
        const uint8_t in0 = y0 >= 0 && y0 < p->in_h, in1 = y1 >= 0 && y1 < p->in_h;
        const int8_t *a = in0 ? x + (size_t)y0 * row : &p->zero_x, *b = in1 ? x + (size_t)y1 * row : &p->zero_x;
        const size_t da = in0 ? p->pixel : 0, db = in1 ? p->pixel : 0;
        for (int32_t k = p->left; k > 0; k--)
            *y++ = border;
        for (const int32_t *const last = y + inside; y < last; a += da, b += db)
            *y++ = *a + *b * 65536;
        for (int32_t k = rest - inside; k > 0; k--)
            *y++ = border;
    }
}

/* Nine weights in three words, and where sums go: those of the lower half from `sum` on, those of the upper one `apart` bytes behind them. */
typedef struct {
    const int32_t *x;
    const uint32_t *w;
    int32_t *sum;
    size_t apart;
    /* Bytes of a row of the plane, of a row of sums, and from the end of a row of the plane to the start of the next. */
    size_t pitch;
    size_t width;
    size_t skip;
    size_t rows;
} cell_pack_taps;

#if defined(CELL_PACK_STEPS)
/* 73 cycles for 18 products: rows of the plane in r0 to r2, a word in r3, its upper halves in r6, sums in r7; the words' sum in r8, then
 * five weights, the other four on the stack before the end of a row of sums, `apart`, the rows left, `skip` and `width`. */
#define CELL_PACK_FIRST_(weight, load) weight "\n\t" load " muls r3, r4, r3\n\t"
#define CELL_PACK_SECOND_(weight, load) weight "\n\t" load " muls r4, r5, r4\n\t adds r3, r3, r4\n\t"
/* The carry is the upper bit of the lower half, and so rounds. */
#define CELL_PACK_HALVES_ "add r8, r3\n\t asrs r3, r3, #16\n\t adcs r6, r3\n\t"
/* What loads a column of a row, and steps to the next window. */
#define CELL_PACK_NEXT_(row) "ldmia " row "!, {r4}\n\t"
#define CELL_PACK_STILL_(row, at) "ldr r4, [" row ", #" at "]\n\t"
#define CELL_PACK_NINE_(c0, c1, c2)                                                                                   \
    CELL_PACK_FIRST_("mov r3, r9", c0("r0")) CELL_PACK_SECOND_("mov r5, r10", c1("r0"))                                \
    "mov r8, r3\n\t movs r6, #0\n\t asrs r3, r3, #16\n\t adcs r6, r3\n\t"                                             \
    CELL_PACK_FIRST_("mov r3, r11", c2("r0")) CELL_PACK_SECOND_("mov r5, r12", c0("r1")) CELL_PACK_HALVES_              \
    CELL_PACK_FIRST_("mov r3, lr", c1("r1")) CELL_PACK_SECOND_("ldr r5, [sp]", c2("r1")) CELL_PACK_HALVES_              \
    CELL_PACK_FIRST_("ldr r3, [sp, #4]", c0("r2")) CELL_PACK_SECOND_("ldr r5, [sp, #8]", c1("r2")) CELL_PACK_HALVES_    \
    CELL_PACK_FIRST_("ldr r3, [sp, #12]", c2("r2")) CELL_PACK_HALVES_
#define CELL_PACK_ONE0_(row) CELL_PACK_NEXT_(row)
#define CELL_PACK_ONE1_(row) CELL_PACK_STILL_(row, "0")
#define CELL_PACK_ONE2_(row) CELL_PACK_STILL_(row, "4")
#define CELL_PACK_TWO2_(row) CELL_PACK_STILL_(row, "0")
#define CELL_PACK_SWEEP_(name, nine)                                                                                  \
    CELL_PACK_SHARED void name(const cell_pack_taps *f)                                                               \
    {                                                                                                                \
        register const cell_pack_taps *p __asm__("r0") = f;                                                           \
        __asm__ volatile(".syntax unified\n\t push {r7}\n\t sub sp, #36\n\t ldmia r0!, {r1, r2, r3, r4, r5, r6, r7}\n\t ldr r0, [r0]\n\t" \
                         "str r4, [sp, #20]\n\t str r0, [sp, #24]\n\t str r7, [sp, #28]\n\t str r6, [sp, #32]\n\t"     \
                         "adds r6, r6, r3\n\t str r6, [sp, #16]\n\t mov r7, r3\n\t mov r0, r1\n\t"                    \
                         "ldmia r2!, {r3, r4, r6}\n\t mov r8, r6\n\t"                                                 \
                         "sxtb r6, r3\n\t mov r9, r6\n\t asrs r3, r3, #8\n\t sxtb r6, r3\n\t mov r10, r6\n\t asrs r3, r3, #8\n\t sxtb r6, r3\n\t mov r11, r6\n\t" \
                         "sxtb r6, r4\n\t mov r12, r6\n\t asrs r4, r4, #8\n\t sxtb r6, r4\n\t mov lr, r6\n\t asrs r4, r4, #8\n\t sxtb r6, r4\n\t str r6, [sp]\n\t" \
                         "mov r4, r8\n\t sxtb r6, r4\n\t str r6, [sp, #4]\n\t asrs r4, r4, #8\n\t sxtb r6, r4\n\t str r6, [sp, #8]\n\t asrs r4, r4, #8\n\t sxtb r6, r4\n\t str r6, [sp, #12]\n\t" \
                         "adds r1, r0, r5\n\t adds r2, r1, r5\n\t"                                                    \
                         "1: " nine "mov r3, r8\n\t lsls r4, r6, #16\n\t subs r3, r3, r4\n\t ldr r4, [sp, #20]\n\t str r6, [r7, r4]\n\t stmia r7!, {r3}\n\t" \
                         "ldr r4, [sp, #16]\n\t cmp r7, r4\n\t bne 1b\n\t"                                            \
                         "ldr r3, [sp, #28]\n\t adds r0, r0, r3\n\t adds r1, r1, r3\n\t adds r2, r2, r3\n\t ldr r3, [sp, #32]\n\t adds r4, r4, r3\n\t str r4, [sp, #16]\n\t" \
                         "ldr r3, [sp, #24]\n\t subs r3, r3, #1\n\t str r3, [sp, #24]\n\t bne 1b\n\t add sp, #36\n\t pop {r7}" \
                         : "+r"(p)                                                                                    \
                         :                                                                                            \
                         : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory"); \
    }
CELL_PACK_SWEEP_(cell_pack_taps_one, CELL_PACK_NINE_(CELL_PACK_ONE0_, CELL_PACK_ONE1_, CELL_PACK_ONE2_))
CELL_PACK_SWEEP_(cell_pack_taps_two, CELL_PACK_NINE_(CELL_PACK_NEXT_, CELL_PACK_NEXT_, CELL_PACK_TWO2_))
#else
CELL_INLINE void cell_pack_taps_by(const cell_pack_taps *f, uint8_t stride)
{
    const int8_t *const w = (const int8_t *)f->w;
    const int32_t w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[4], w4 = w[5], w5 = w[6], w6 = w[8], w7 = w[9], w8 = w[10];
    const int32_t *x = f->x;
    int32_t *sum = f->sum, *upper = sum + f->apart / 4;
    for (size_t rows = f->rows; rows > 0; rows--, x += f->skip / 4) {
        const int32_t *u = x, *v = u + f->pitch / 4, *z = v + f->pitch / 4;
        for (const int32_t *const end = sum + f->width / 4; sum < end; u += stride, v += stride, z += stride, x += stride) {
            const int32_t a = u[0] * w0 + u[1] * w1, b = u[2] * w2 + v[0] * w3, c = v[1] * w4 + v[2] * w5, d = z[0] * w6 + z[1] * w7, e = z[2] * w8;
            const int32_t high = cell_pack_upper(a) + cell_pack_upper(b) + cell_pack_upper(c) + cell_pack_upper(d) + cell_pack_upper(e);
            *sum++ = (int32_t)((uint32_t)a + (uint32_t)b + (uint32_t)c + (uint32_t)d + (uint32_t)e - ((uint32_t)high << 16));
            *upper++ = high;
        }
    }
}
CELL_PACK_SHARED void cell_pack_taps_one(const cell_pack_taps *f) { cell_pack_taps_by(f, 1); }
CELL_PACK_SHARED void cell_pack_taps_two(const cell_pack_taps *f) { cell_pack_taps_by(f, 2); }
#endif

/* [end] */
