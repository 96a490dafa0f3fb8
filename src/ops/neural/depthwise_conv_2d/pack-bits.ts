/** The depthwise convolution with weights of less than 8 bits in flash: all of them are unpacked once, and the sums of all channels of a pixel grow side by side. */
import { bitsParams, packEach, rowScratch } from "../../../ir/bits.js";
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import { firstOfWindow, trailingTiles, type Sliding } from "../../../ir/overlap.js";
import type { AnyParams } from "../../../ir/params.js";

const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", out_c: "len", each: "len", k_h: "len", k_w: "len",
  stride_y: "len", stride_x: "len", dilation_y: "len", dilation_x: "len", top: "i16", left: "i16", zero_x: "i16", ...bitsParams,
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "each" | "k_h" | "k_w" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

export const bits: KernelVariant = {
  name: "bits",
  needs: [],
  gains: "flash",
  params,
  overlap: (p, size) => trailingTiles((p["out_h"] as number) * (p["out_w"] as number), 1, p["out_c"] as number, firstOfWindow(p as unknown as Sliding), size),
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    const made = x?.dtype === "i8" ? packEach({ ...p, out: p.out_c }) : null;
    if (!made) return null;
    const { in_h, in_w, in_c, out_h, out_w, out_c, each, k_h, k_w, stride_y, stride_x, dilation_y, dilation_x, top, left, zero_x } = p;
    return { params: { in_h, in_w, in_c, out_h, out_w, out_c, each, k_h, k_w, stride_y, stride_x, dilation_y, dilation_x, top, left, zero_x, ...made }, scratch: rowScratch(p.w.length) + 4 * out_c };
  },
};
