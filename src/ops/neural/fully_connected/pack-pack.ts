/** The layer for CPUs with nothing but a 32-bit multiply: the weights of four outputs in a word, each input meets those of two at once. */
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import { trailing } from "../../../ir/overlap.js";
import { bytesAsWords, packed, packedParams, packParams, type Packed } from "../../../ir/pack.js";
import type { AnyParams } from "../../../ir/params.js";

const params = { rows: "len", depth: "len", out: "len", blocks: "len", ...packParams } as const;

type Plain = LayerValues & Readonly<Record<"rows" | "depth" | "out" | "per_channel", number>>;

const BLOCK = 8;

/** Fewer outputs are not worth the row's copy, nor longer rows its memory. */
const LEAST = 8;
const LONGEST = 1024;
/** Weights for each correction of one: with more of those they cost what the rest saves. */
const PER_REST = 32;

/** Two words lead each block of inputs. */
const place = (k: number): number => Math.floor(k / BLOCK) * (BLOCK + 2) + 2 + (k % BLOCK);

/** Word after word of four outputs, raised by 128. */
function words(channels: readonly Packed[], depth: number): Uint32Array {
  const bytes: number[] = [];
  for (let o = 0; o < channels.length; o += 4) for (let k = 0; k < depth; k++) for (let i = 0; i < 4; i++) bytes.push((channels[o + i]?.weights[k] ?? 0) + 128);
  return bytesAsWords(bytes);
}

export const pack: KernelVariant = {
  name: "pack",
  needs: ["mul32"],
  params,
  // A row is copied before the first of its outputs is written.
  overlap: (p, size) => { const { rows, out, depth } = p as unknown as Plain; return trailing(rows, (r) => r * depth, size, (r) => (r + 1) * out); },
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    const { rows, depth, out } = p;
    if (x?.dtype !== "i8" || out < LEAST || depth < LEAST || depth > LONGEST) return null;
    const made = Array.from({ length: out }, (_, o) => packed(p, o, [...p.w.subarray(o * depth, (o + 1) * depth)], BLOCK));
    if (made.includes(null)) return null;
    const channels = made as Packed[];
    if (channels.reduce((n, c) => n + c.rest.length, 0) * PER_REST > out * depth) return null;
    const blocks = Math.ceil(depth / BLOCK);
    return { params: { rows, depth, out, blocks, ...packedParams(p, channels, place), w: words(channels, blocks * BLOCK) }, scratch: blocks * (BLOCK + 2) * 4 };
  },
};
