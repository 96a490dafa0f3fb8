/* 3-D convolution in float32. */
#include "params.generated.h"

/* Output channel o of the window whose first cell is (d0, h0, w0). */
static inline float cell_conv_3d_at(const cell_conv_3d_params *p, const X_T *x, OUT_C_T o, int32_t d0, int32_t h0, int32_t w0)
{
    const W_T *w = p->w + (size_t)o * p->k_d * p->k_h * p->k_w * p->in_c;
    float sum = CELL_ROM(B_T, p->b + o);
    for (K_D_T kd = 0; kd < p->k_d; kd++) {
        const int32_t id = d0 + (int32_t)kd * (int32_t)p->dilation_d;
        for (K_H_T kh = 0; kh < p->k_h; kh++) {
            const int32_t ih = h0 + (int32_t)kh * (int32_t)p->dilation_h;
            for (K_W_T kw = 0; kw < p->k_w; kw++) {
                const int32_t iw = w0 + (int32_t)kw * (int32_t)p->dilation_w;
                if (id < 0 || id >= (int32_t)p->in_d || ih < 0 || ih >= (int32_t)p->in_h || iw < 0 || iw >= (int32_t)p->in_w) {
                    w += p->in_c;
                    continue;
                }
                const X_T *v = x + (((size_t)id * p->in_h + (size_t)ih) * p->in_w + (size_t)iw) * p->in_c;
                for (IN_C_T c = 0; c < p->in_c; c++)
                    sum += *v++ * CELL_ROM_NEXT(W_T, w);
            }
        }
    }
    return sum < p->f_lo ? p->f_lo : sum > p->f_hi ? p->f_hi : sum;
}

static inline void cell_conv_3d(const cell_conv_3d_params *p, const X_T *x, Y_T *y)
{
    for (OUT_D_T od = 0; od < p->out_d; od++) {
        const int32_t d0 = (int32_t)od * (int32_t)p->stride_d - p->before_d;
        for (OUT_H_T oh = 0; oh < p->out_h; oh++) {
            const int32_t h0 = (int32_t)oh * (int32_t)p->stride_h - p->before_h;
            for (OUT_W_T ow = 0; ow < p->out_w; ow++) {
                for (OUT_C_T o = 0; o < p->out_c; o++)
                    *y++ = cell_conv_3d_at(p, x, o, d0, h0, (int32_t)ow * (int32_t)p->stride_w - p->before_w);
            }
        }
    }
}
