/** The convolution for the DSP extension: windows of four pixels gathered as 16-bit lanes, then two output channels at once. */
import { packTiles, tileParams } from "../../../ir/dsp.js";
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import { endOfWindow, firstOfWindow, leading, trailingTiles, type Sliding } from "../../../ir/overlap.js";
import type { AnyParams } from "../../../ir/params.js";

/** `run`: bytes of one row of the window; `direct`: rows may be read where they stand; `flat`: pixels one after the other. */
const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", out_c: "len", k_h: "len", k_w: "len", run: "len",
  stride_y: "len", stride_x: "len", dilation_y: "len", top: "i16", left: "i16", zero_x: "i16", direct: "u8", flat: "u8", ...tileParams,
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "k_h" | "k_w" | "depth" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

const sliding = (p: AnyParams): Sliding => ({ ...(p as unknown as Sliding), dilation_x: 1 });
const pixels = (p: Sliding): number => p.out_h * p.out_w;

export const dsp: KernelVariant = {
  name: "dsp",
  needs: ["dsp"],
  params,
  overlap: (p, size) => trailingTiles(pixels(sliding(p)), 4, sliding(p).out_c, firstOfWindow(sliding(p)), size),
  overlapBehind: (p, size) => (p["flat"] === 1 ? leading(pixels(sliding(p)), 4, sliding(p).out_c, endOfWindow(sliding(p)), size) : Infinity),
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8" || p.depth !== p.in_c || (p.dilation_x !== 1 && p.k_w > 1)) return null;
    const run = p.k_w * p.in_c;
    const depth = run * p.k_h;
    const made = packTiles({ ...p, depth, out: p.out_c });
    if (!made) return null;
    const { in_h, in_w, in_c, out_h, out_w, out_c, k_h, k_w, stride_y, stride_x, dilation_y, top, left, zero_x } = p;
    const direct = Number(run % 4 === 0 || k_h === 1);
    const flat = k_h === 1 && k_w === 1 && stride_y === 1 && stride_x === 1 && out_h === in_h && out_w === in_w;
    const shape = { in_h, in_w, in_c, out_h, out_w, out_c, k_h, k_w, run, stride_y, stride_x, dilation_y, top, left, zero_x, direct, flat: Number(flat) };
    return { params: { ...shape, ...made }, scratch: made.words * 16 + (flat ? 0 : Math.ceil(depth / 4) * 4) };
  },
};
