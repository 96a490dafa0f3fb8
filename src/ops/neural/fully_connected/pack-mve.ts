/** The layer for Helium: rows as blocks of 16 inputs, four of them against two outputs at once, or one against eight. */
import type { LayerValues } from "../../../ir/layer.js";
import { BLOCK, mveParams, mveTrailing, packOctets, packPairs, TILE } from "../../../ir/mve.js";
import type { KernelVariant } from "../../../ir/op.js";
import type { AnyParams } from "../../../ir/params.js";

const params = { rows: "len", depth: "len", ...mveParams } as const;

type Plain = LayerValues & Readonly<Record<"rows" | "depth" | "out" | "per_channel", number>>;

export const mve: KernelVariant = {
  name: "mve",
  needs: ["mve"],
  params,
  overlap: (p, size) => mveTrailing(p["rows"] as number, p["out"] as number, (row) => row * (p["depth"] as number), size),
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8") return null;
    const tiles = p.rows >= TILE;
    const made = tiles ? packPairs(p) : packOctets(p);
    return made && { params: { rows: p.rows, depth: p.depth, ...made }, scratch: made.blocks * BLOCK * (tiles ? TILE : 1) };
  },
};
