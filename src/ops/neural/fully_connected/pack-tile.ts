/** The layer for CPUs with a multiplier but no lanes: rows by twos, or four outputs at once. */
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import type { AnyParams } from "../../../ir/params.js";
import { dotParams, packDots } from "../../../ir/tile.js";

const params = { rows: "len", depth: "len", out: "len", ...dotParams } as const;

type Plain = LayerValues & Readonly<Record<"rows" | "depth" | "out" | "per_channel", number>>;

export const tile: KernelVariant = {
  name: "tile",
  needs: ["mul"],
  params,
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8") return null;
    const made = packDots(p);
    return made && { params: { rows: p.rows, depth: p.depth, out: p.out, ...made } };
  },
};
