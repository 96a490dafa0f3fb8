/** The convolution with weights of less than 8 bits in flash: the windows of four pixels in a row of bytes each, then every output's weights are unpacked once for them. */
import { bitsParams, packBits, rowScratch } from "../../../ir/bits.js";
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import { firstOfWindow, trailingTiles, type Sliding } from "../../../ir/overlap.js";
import type { AnyParams } from "../../../ir/params.js";

/** `run`: bytes of one row of the window; `flat`: pixels one after the other. */
const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", out_c: "len", k_h: "len", k_w: "len", run: "len",
  stride_y: "len", stride_x: "len", dilation_y: "len", top: "i16", left: "i16", zero_x: "i16", flat: "u8", ...bitsParams,
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "k_h" | "k_w" | "depth" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

/** Pixels whose windows meet a row of weights together. */
const TILE = 4;

export const bits: KernelVariant = {
  name: "bits",
  needs: [],
  gains: "flash",
  params,
  overlap: (p, size) => trailingTiles((p["out_h"] as number) * (p["out_w"] as number), TILE, p["out_c"] as number, firstOfWindow({ ...(p as unknown as Sliding), dilation_x: 1 }), size),
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8" || p.depth !== p.in_c || (p.dilation_x !== 1 && p.k_w > 1)) return null;
    const run = p.k_w * p.in_c;
    const depth = run * p.k_h;
    const made = packBits({ ...p, depth, out: p.out_c });
    if (!made) return null;
    const { in_h, in_w, in_c, out_h, out_w, out_c, k_h, k_w, stride_y, stride_x, dilation_y, top, left, zero_x } = p;
    const flat = k_h === 1 && k_w === 1 && stride_y === 1 && stride_x === 1 && out_h === in_h && out_w === in_w;
    const shape = { in_h, in_w, in_c, out_h, out_w, out_c, k_h, k_w, run, stride_y, stride_x, dilation_y, top, left, zero_x, flat: Number(flat) };
    return { params: { ...shape, ...made }, scratch: rowScratch(depth) + TILE * depth };
  },
};
