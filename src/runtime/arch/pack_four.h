/* [pack_four] Four rows of inputs (pixels) side by side: words of two of them, two words for each place. One word of w is four weights, and a
 * block; `rests` are the parts of weights for which their blocks had no room. */
typedef struct {
    const int32_t *x;
    const int32_t *x_end;
    const uint32_t *rests;
    const uint32_t *w;
    const int32_t *q;
    int8_t *y;
    int8_t *y_end;
    /* Bytes from one pixel to the next in the output. */
    size_t step;
    /* Bytes of the pixels' sums. */
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
/* Sums of one channel after the other, and their outputs, until sums are not small: those are left to the caller. f is on the stack. */
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
/* Sums of one channel. */
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
    while (f.y < f.y_end) {
        cell_pack_sums(&f);
        if (f.y == f.y_end)
            return;
        const cell_pack_outputs o = { f.q, f.y, step, f.sum + rows };
        cell_pack_put_any(l, f.sum, &o);
        f.q += 4;
        f.y++;
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

/* [end] */
