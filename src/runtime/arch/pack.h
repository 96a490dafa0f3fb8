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

/* [end] */
