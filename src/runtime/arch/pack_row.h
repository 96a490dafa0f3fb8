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

/* [end] */
