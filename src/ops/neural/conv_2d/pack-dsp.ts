/** The convolution for the DSP extension: windows of four pixels gathered as 16-bit lanes, then two output channels at once. */
import { packTiles, tileParams } from "../../../ir/dsp.js";
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import { endOfWindow, firstOfWindow, leading, trailing, trailingTiles, type Sliding } from "../../../ir/overlap.js";
import type { AnyParams } from "../../../ir/params.js";

/**
 * `run`: bytes of one row of the window; `flat`: pixels one after the other. `lines`: rows of the image, `wide` bytes each with their
 * borders, that `band` rows of the output are made from; 0: windows are read where they stand.
 */
const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", out_c: "len", k_h: "len", k_w: "len", run: "len",
  stride_y: "len", stride_x: "len", dilation_y: "len", lines: "len", wide: "len", band: "len", top: "i16", left: "i16", zero_x: "i16", flat: "u8", ...tileParams,
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "k_h" | "k_w" | "depth" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

const sliding = (p: AnyParams): Sliding => ({ ...(p as unknown as Sliding), dilation_x: 1 });

/** Rows of the window so short that a window at the border costs more than the rows of the image it lies in, copied with their borders. */
const SHORT = 16;

/** Bytes of such rows at most. */
const MOST = 1024;

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** As many rows of outputs as fours of pixels fill. */
function bandOf(p: Plain) {
  const band = 4 / greatestDivisor(4, p.out_w);
  const lines = (band - 1) * p.stride_y + (p.k_h - 1) * p.dilation_y + 1;
  const wide = ((p.out_w - 1) * p.stride_x + p.k_w) * p.in_c;
  const borders = p.top > 0 || p.left > 0 || (p.out_w - 1) * p.stride_x - p.left + p.k_w > p.in_w || (p.out_h - 1) * p.stride_y - p.top + (p.k_h - 1) * p.dilation_y >= p.in_h;
  return borders && p.k_w * p.in_c < SHORT && lines * wide <= MOST ? { lines, wide, band } : { lines: 0, wide: 0, band: 1 };
}

/** Weights in the order of the lanes: of all rows of the window what fills whole words, then what is left of each. */
function gathered(p: Plain, run: number): Int8Array {
  const whole = run - (run % 4);
  const rows = Array.from({ length: p.k_h }, (_, k) => k * run);
  const order = [...rows.flatMap((r) => Array.from({ length: whole }, (_, i) => r + i)), ...rows.flatMap((r) => Array.from({ length: run - whole }, (_, i) => r + whole + i))];
  return Int8Array.from({ length: p.w.length }, (_, i) => p.w[Math.floor(i / order.length) * order.length + (order[i % order.length] as number)] as number);
}

export const dsp: KernelVariant = {
  name: "dsp",
  needs: ["dsp"],
  params,
  overlap: (any, size) => {
    const p = any as unknown as Plain & { readonly lines: number; readonly band: number };
    const first = firstOfWindow(sliding(any));
    if (p.lines === 0) return trailingTiles(p.out_h * p.out_w, 4, p.out_c, first, size);
    // The rows of a band are read before any of its outputs is written.
    const pixels = p.band * p.out_w;
    const least = (j: number): number => Math.min(...Array.from({ length: Math.min(pixels, p.out_h * p.out_w - j * pixels) }, (_, i) => first(j * pixels + i)));
    return trailing(Math.ceil(p.out_h / p.band), least, size, (j) => Math.min((j + 1) * pixels, p.out_h * p.out_w) * p.out_c);
  },
  overlapBehind: (p, size) => { const s = sliding(p); return p["flat"] === 1 ? leading(s.out_h * s.out_w, 4, s.out_c, endOfWindow(s), size) : Infinity; },
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8" || p.depth !== p.in_c || (p.dilation_x !== 1 && p.k_w > 1)) return null;
    const run = p.k_w * p.in_c;
    const depth = run * p.k_h;
    const { in_h, in_w, in_c, out_h, out_w, out_c, k_h, k_w, stride_y, stride_x, dilation_y, top, left, zero_x } = p;
    const flat = k_h === 1 && k_w === 1 && stride_y === 1 && stride_x === 1 && out_h === in_h && out_w === in_w;
    const made = packTiles({ ...p, w: flat ? p.w : gathered(p, run), depth, out: out_c });
    if (!made) return null;
    const rows = flat ? { lines: 0, wide: 0, band: 1 } : bandOf(p);
    const shape = { in_h, in_w, in_c, out_h, out_w, out_c, k_h, k_w, run, stride_y, stride_x, dilation_y, ...rows, top, left, zero_x, flat: Number(flat) };
    const more = flat ? 0 : rows.lines > 0 ? rows.lines * rows.wide : depth;
    return { params: { ...shape, ...made }, scratch: made.words * 16 + Math.ceil(more / 4) * 4 };
  },
};
