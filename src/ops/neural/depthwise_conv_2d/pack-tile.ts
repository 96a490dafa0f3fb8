/** The depthwise convolution for CPUs with a multiplier but no lanes: the windows of two pixels copied, then every weight meets both. */
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import { firstOfWindow, trailingTiles, type Sliding } from "../../../ir/overlap.js";
import type { AnyParams } from "../../../ir/params.js";
import { dotArrays, dotOf, dotParams } from "../../../ir/tile.js";

const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", k_h: "len", k_w: "len",
  stride_y: "len", stride_x: "len", dilation_y: "len", dilation_x: "len", top: "i16", left: "i16", zero_x: "i16", ...dotParams,
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "each" | "k_h" | "k_w" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

export const tile: KernelVariant = {
  name: "tile",
  needs: ["mul"],
  params,
  overlap: (p, size) => trailingTiles((p["out_h"] as number) * (p["out_w"] as number), 2, p["in_c"] as number, firstOfWindow(p as unknown as Sliding), size),
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8" || p.each !== 1) return null;
    const { in_h, in_w, in_c, out_h, out_w, k_h, k_w, stride_y, stride_x, dilation_y, dilation_x, top, left, zero_x, zero_y, lo, hi, w } = p;
    const cells = k_h * k_w;
    const made = dotArrays(Array.from({ length: in_c }, (_, c) => dotOf(p, c, Array.from({ length: cells }, (_v, k) => w[k * in_c + c] as number))));
    return made && { params: { in_h, in_w, in_c, out_h, out_w, k_h, k_w, stride_y, stride_x, dilation_y, dilation_x, top, left, zero_x, zero_y, lo, hi, w, ...made }, scratch: 2 * cells * in_c };
  },
};
