/** The layer with weights of less than 8 bits in flash: each output's row is unpacked once for four rows of inputs. */
import { bitsParams, packBits, rowScratch } from "../../../ir/bits.js";
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import type { AnyParams } from "../../../ir/params.js";

const params = { rows: "len", depth: "len", out: "len", ...bitsParams } as const;

type Plain = LayerValues & Readonly<Record<"rows" | "depth" | "out" | "per_channel", number>>;

export const bits: KernelVariant = {
  name: "bits",
  needs: [],
  gains: "flash",
  params,
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    const made = x?.dtype === "i8" ? packBits(p) : null;
    return made && { params: { rows: p.rows, depth: p.depth, out: p.out, ...made }, scratch: rowScratch(p.depth) };
  },
};
