/** The depthwise convolution in place: channel by channel, the rows of one window copied out before the output overwrites them. */
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import type { AnyParams } from "../../../ir/params.js";
import { dotArrays, dotOf, dotParams } from "../../../ir/tile.js";

/** The window that is kept holds `rows` rows of `width` cells, `inside` of them behind `left` cells of border. `w`: channel after channel. */
const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", k_h: "len", k_w: "len", stride_y: "len", stride_x: "len", dilation_y: "len", dilation_x: "len",
  cells: "len", rows: "len", width: "len", inside: "len", top: "i16", left: "i16", zero_x: "i16", ...dotParams,
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "each" | "k_h" | "k_w" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

/** Whether every row is copied out before outputs reach it: pixels are written from the first place of the input on, one behind the other. */
function trails(p: Plain, rows: number): boolean {
  for (let y = 1; y < p.out_h; y++) {
    const copied = y * p.stride_y - p.top + Math.max(0, rows - p.stride_y);
    if (copied < p.in_h && copied * p.in_w < y * p.out_w) return false;
  }
  return p.out_h * p.out_w <= p.in_h * p.in_w;
}

export const inPlace: KernelVariant = {
  name: "in_place",
  needs: [],
  gains: "ram",
  params,
  inPlace: () => true,
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    const rows = (p.k_h - 1) * p.dilation_y + 1;
    if (x?.dtype !== "i8" || p.each !== 1 || !trails(p, rows)) return null;
    const { in_h, in_w, in_c, out_h, out_w, k_h, k_w, stride_y, stride_x, dilation_y, dilation_x, top, left, zero_x, zero_y, lo, hi } = p;
    const cells = k_h * k_w;
    const width = (out_w - 1) * stride_x + (k_w - 1) * dilation_x + 1;
    const w = Int8Array.from({ length: in_c * cells }, (_, i) => p.w[(i % cells) * in_c + Math.floor(i / cells)] as number);
    const made = dotArrays(Array.from({ length: in_c }, (_, c) => dotOf(p, c, w.subarray(c * cells, (c + 1) * cells))));
    if (!made || left > width) return null;
    const shape = { in_h, in_w, in_c, out_h, out_w, k_h, k_w, stride_y, stride_x, dilation_y, dilation_x, cells, rows, width, inside: Math.min(in_w, width - left), top, left };
    return { params: { ...shape, zero_x, zero_y, lo, hi, w, ...made }, scratch: rows * width };
  },
};
