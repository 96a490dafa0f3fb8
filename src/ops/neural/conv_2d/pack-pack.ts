/** The convolution for CPUs with nothing but a 32-bit multiply: the windows of four pixels as words of two, each of which meets a weight at once. */
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import type { Sliding } from "../../../ir/overlap.js";
import { bytesAsWords, packed, packedParams, packParams, trailingFours, type Packed } from "../../../ir/pack.js";
import type { AnyParams } from "../../../ir/params.js";

/** `run`: bytes of one row of the window; `blocks`: words of weights of a channel. */
const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", out_c: "len", k_h: "len", k_w: "len", run: "len", blocks: "len",
  stride_y: "len", stride_x: "len", dilation_y: "len", top: "i16", left: "i16", zero_x: "i16", ...packParams,
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "k_h" | "k_w" | "depth" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

const BLOCK = 4;

/** Of fewer pixels too few are worth their share of four. */
const LEAST = 3;

export const pack: KernelVariant = {
  name: "pack",
  needs: ["mul32"],
  params,
  overlap: (p, size) => trailingFours({ ...(p as unknown as Sliding), dilation_x: 1 }, size),
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8" || p.depth !== p.in_c || (p.dilation_x !== 1 && p.k_w > 1) || p.out_h * p.out_w < LEAST) return null;
    const run = p.k_w * p.in_c;
    const depth = run * p.k_h;
    const made = Array.from({ length: p.out_c }, (_, o) => packed(p, o, [...p.w.subarray(o * depth, (o + 1) * depth)], BLOCK));
    if (made.includes(null)) return null;
    const channels = made as Packed[];
    const blocks = Math.ceil(depth / BLOCK);
    const { in_h, in_w, in_c, out_h, out_w, out_c, k_h, k_w, stride_y, stride_x, dilation_y, top, left, zero_x } = p;
    const w = bytesAsWords(channels.flatMap((c) => [...c.weights, ...Array<number>(blocks * BLOCK - depth).fill(0)]));
    return {
      params: { in_h, in_w, in_c, out_h, out_w, out_c, k_h, k_w, run, blocks, stride_y, stride_x, dilation_y, top, left, zero_x, ...packedParams(p, channels, (k) => 2 * k), w },
      scratch: blocks * BLOCK * 8 + 4 * run,
    };
  },
};
