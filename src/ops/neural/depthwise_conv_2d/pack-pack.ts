/** The 3x3 depthwise convolution for CPUs with nothing but a 32-bit multiply: channel by channel as a plane of words, two rows of the output at once. */
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import { bytesAsWords, packed, packedParams, packParams, type Packed } from "../../../ir/pack.js";
import type { AnyParams } from "../../../ir/params.js";

/**
 * `half`: rows of the output that are made together with as many below them; `lines`: of those at once;
 * `rows`, `columns`: size of a plane.
 */
const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", stride: "u8", rows: "len", columns: "len", half: "len", lines: "len", top: "i16", left: "i16", zero_x: "i16", ...packParams,
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "each" | "k_h" | "k_w" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

/** Bytes of a plane that is made at once, however small the image is. */
const SMALL = 4096;
/** Outputs of a half that are worth the way there and back. */
const WORTH = 64;

const TAPS = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
/** Products between two times that words are taken apart: two weights are never too large, but for -128 twice. */
const BLOCK = 2;

function suits(p: Plain): boolean {
  return p.k_h === 3 && p.k_w === 3 && p.each === 1 && p.dilation_x === 1 && p.dilation_y === 1 && p.stride_x === p.stride_y && p.stride_x <= 2 && p.left <= 2;
}

/** A plane of the whole image, which then may be overwritten, unless that is the larger part of what this saves. */
function planes(p: Plain) {
  const columns = (p.out_w - 1) * p.stride_x + 3;
  const rowsOf = (half: number): number => (half - 1) * p.stride_y + 3;
  const most = Math.max(SMALL, (p.out_h * p.out_w * p.in_c) / 2);
  let half = Math.ceil(p.out_h / 2);
  for (let bands = 1; half > 1 && 4 * columns * rowsOf(half) > most; bands++) half = Math.ceil(p.out_h / bands / 2);
  const lines = Math.min(half, Math.ceil(WORTH / p.out_w));
  return { columns, half, lines, rows: rowsOf(half), bytes: 4 * (columns * rowsOf(half) + 2 * lines * p.out_w) };
}

export const pack: KernelVariant = {
  name: "pack",
  needs: ["mul32"],
  params,
  // A channel of the whole image is read before any of its outputs is written, and no other is touched.
  inPlace: (p) => 2 * (p["half"] as number) >= (p["out_h"] as number),
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8" || !suits(p)) return null;
    const { in_h, in_w, in_c, out_h, out_w, top, left, zero_x } = p;
    const made = Array.from({ length: in_c }, (_, c) => packed(p, c, TAPS.map((k) => p.w[k * in_c + c] as number), BLOCK));
    if (made.some((c) => c === null || c.rest.length > 0)) return null;
    const channels = made as Packed[];
    const { bytes, ...sizes } = planes(p);
    const { e: _none, ...words } = packedParams(p, channels, (k) => k);
    const w = bytesAsWords(channels.flatMap((c) => [0, 3, 6].flatMap((k) => [...c.weights.slice(k, k + 3), 0])));
    return { params: { in_h, in_w, in_c, out_h, out_w, stride: p.stride_y, ...sizes, top, left, zero_x, ...words, e: Uint32Array.of(0), w }, scratch: bytes };
  },
};
