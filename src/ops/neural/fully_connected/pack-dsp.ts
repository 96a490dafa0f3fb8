/** The layer for the DSP extension: a row spread to 16-bit lanes, then two outputs at once. */
import { packTiles, tileParams } from "../../../ir/dsp.js";
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import { trailingTiles } from "../../../ir/overlap.js";
import type { AnyParams } from "../../../ir/params.js";

const params = { rows: "len", depth: "len", out: "len", ...tileParams } as const;

type Plain = LayerValues & Readonly<Record<"rows" | "depth" | "out" | "per_channel", number>>;

export const dsp: KernelVariant = {
  name: "dsp",
  needs: ["dsp"],
  params,
  overlap: (p, size) => trailingTiles(p["rows"] as number, 4, p["out"] as number, (row) => row * (p["depth"] as number), size),
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8") return null;
    const made = packTiles(p);
    return made && { params: { rows: p.rows, depth: p.depth, out: p.out, ...made }, scratch: made.words * (p.rows >= 4 ? 16 : 4) };
  },
};
