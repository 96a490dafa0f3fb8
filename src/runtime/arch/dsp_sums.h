/* [dsp_sums] Sums of two tensors whose bytes are worth what two tables say (doubled, at a common scale); the tables' middle is worth of zero. */
typedef struct {
    const int32_t *of_a;
    const int32_t *of_b;
    int32_t m;
    int32_t c;
    int32_t n;
    int32_t lo;
    int32_t hi;
    uint8_t act;
} cell_dsp_sums;

CELL_DSP_INSIDE void cell_dsp_sums_each(const cell_dsp_sums *l, const int8_t *a, const int8_t *b, int8_t *y, size_t count, uint8_t act)
{
    const int32_t *const of_a = l->of_a + 128;
    const int32_t *const of_b = l->of_b + 128;
    const int32_t m = l->m, c = l->c, n = l->n;
    for (; count >= 4; count -= 4, a += 4, b += 4, y += 4) {
        y[0] = cell_dsp_put(of_a[a[0]] + of_b[b[0]], m, c, n, l->lo, l->hi, act);
        y[1] = cell_dsp_put(of_a[a[1]] + of_b[b[1]], m, c, n, l->lo, l->hi, act);
        y[2] = cell_dsp_put(of_a[a[2]] + of_b[b[2]], m, c, n, l->lo, l->hi, act);
        y[3] = cell_dsp_put(of_a[a[3]] + of_b[b[3]], m, c, n, l->lo, l->hi, act);
    }
    for (; count > 0; count--)
        *y++ = cell_dsp_put(of_a[*a++] + of_b[*b++], m, c, n, l->lo, l->hi, act);
}

CELL_DSP_SHARED void cell_dsp_sums_all(const cell_dsp_sums *l, const int8_t *a, const int8_t *b, int8_t *y, size_t count)
{
    if (l->act == CELL_DSP_RELU)
        cell_dsp_sums_each(l, a, b, y, count, CELL_DSP_RELU);
    else
        cell_dsp_sums_each(l, a, b, y, count, CELL_DSP_BOUNDED);
}

