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
