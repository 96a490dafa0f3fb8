/** The convolution for Helium: windows of four pixels gathered as blocks of 16 inputs, then two output channels at once. */
import type { LayerValues } from "../../../ir/layer.js";
import { BLOCK, mveParams, mveTrailing, packOctets, packPairs, TILE } from "../../../ir/mve.js";
import type { KernelVariant } from "../../../ir/op.js";
import { firstOfWindow, type Sliding } from "../../../ir/overlap.js";
import type { AnyParams } from "../../../ir/params.js";

/** `run`: bytes of one row of the window; `direct`: they are whole blocks, or the only row, so that no column is needed between; `flat`: pixels one after the other. */
const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", k_h: "len", k_w: "len", run: "len",
  stride_y: "len", stride_x: "len", dilation_y: "len", top: "i16", left: "i16", zero_x: "i16", direct: "u8", flat: "u8", ...mveParams,
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "k_h" | "k_w" | "depth" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

export const mve: KernelVariant = {
  name: "mve",
  needs: ["mve"],
  params,
  overlap: (any, size) => {
    const p = { ...(any as unknown as Omit<Sliding, "out_c" | "dilation_x"> & { readonly out: number }), dilation_x: 1 };
    return mveTrailing(p.out_h * p.out_w, p.out, firstOfWindow({ ...p, out_c: p.out }), size);
  },
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8" || p.depth !== p.in_c || (p.dilation_x !== 1 && p.k_w > 1)) return null;
    const { in_h, in_w, in_c, out_h, out_w, out_c, k_h, k_w, stride_y, stride_x, dilation_y, top, left, zero_x } = p;
    const run = k_w * in_c;
    const layer = { ...p, depth: run * k_h, out: out_c };
    const tiles = out_h * out_w >= TILE;
    const made = tiles ? packPairs(layer) : packOctets(layer);
    if (!made) return null;
    const direct = k_h === 1 || run % BLOCK === 0;
    const inside = top === 0 && left === 0 && (out_h - 1) * stride_y + (k_h - 1) * dilation_y < in_h && (out_w - 1) * stride_x + k_w <= in_w;
    const column = direct && inside ? 0 : made.blocks * BLOCK;
    const flat = k_h === 1 && k_w === 1 && stride_y === 1 && stride_x === 1 && out_h === in_h && out_w === in_w;
    const shape = { in_h, in_w, in_c, out_h, out_w, k_h, k_w, run, stride_y, stride_x, dilation_y, top, left, zero_x, direct: Number(direct), flat: Number(flat) };
    return { params: { ...shape, ...made }, scratch: made.blocks * BLOCK * (tiles ? TILE : 1) + column };
  },
};
