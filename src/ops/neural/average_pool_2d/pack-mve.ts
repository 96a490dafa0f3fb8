/** The average for Helium: four channels at a time, over windows that all lie inside the image. */
import type { KernelVariant } from "../../../ir/op.js";
import { poolParams, type PoolValues } from "../../../ir/pooling.js";

const { top: _top, left: _left, f_lo: _lo, f_hi: _hi, ...params } = poolParams;

export const mve: KernelVariant = {
  name: "mve",
  needs: ["mve"],
  params,
  repack: (any, { inputs: [x] }) => {
    const { top, left, f_lo: _low, f_hi: _high, ...p } = any as unknown as PoolValues;
    const inside = top === 0 && left === 0 && (p.out_h - 1) * p.stride_y + p.k_h <= p.in_h && (p.out_w - 1) * p.stride_x + p.k_w <= p.in_w;
    return x?.dtype === "i8" && p.channels >= 4 && inside ? { params: p } : null;
  },
};
