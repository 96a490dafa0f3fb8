/** The 3x3 depthwise convolution for Helium: rows woven into planes, so that one instruction meets a whole window of one channel. */
import type { LayerValues } from "../../../ir/layer.js";
import { mveAdd, mveSign } from "../../../ir/mve.js";
import type { KernelVariant } from "../../../ir/op.js";
import { trailing, type ElementSizes } from "../../../ir/overlap.js";
import type { AnyParams } from "../../../ir/params.js";
import { dotOf, type Dot } from "../../../ir/tile.js";

/** `columns` of a plane; `above`: bytes of a row of the image. `w`: for each channel 4 bytes of nothing, then each column of the kernel with a zero behind; as many zeros around all. */
const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", stride: "u8", columns: "len", above: "len", top: "i16", left: "i16",
  zero_x: "i16", lo: "i16", hi: "i16", sign: "u8", w: "rom", q: "rom",
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "each" | "k_h" | "k_w" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

/** Bytes of a column of a plane: four rows of 16 channels. */
const COLUMN = 64;
const CHANNELS = 16;
const TAPS = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;

const planes = (stride: number): number => (stride === 1 ? 1 : 2);

function suits(p: Plain): boolean {
  return p.k_h === 3 && p.k_w === 3 && p.each === 1 && p.dilation_x === 1 && p.dilation_y === 1 && p.stride_x === p.stride_y && p.stride_x <= 2 && p.top <= 1 && p.out_w >= 2;
}

function weights(p: Plain): Int8Array {
  const w = new Int8Array(16 * p.in_c + 8);
  for (let c = 0; c < p.in_c; c++) for (const k of TAPS) w[4 + 16 * c + 4 * (1 + (k % 3)) + Math.floor(k / 3)] = p.w[k * p.in_c + c] as number;
  return w;
}

/** Band after band of two rows, in each 16 channels after the other; a band's first row has been read with the band before. */
function overlap(any: AnyParams, size: ElementSizes): number {
  const p = any as unknown as Omit<Plain, "stride_x"> & { readonly stride: number };
  if (p.stride === 1) return Infinity;
  const groups = Math.ceil(p.in_c / CHANNELS);
  const row = (j: number): number => 2 * Math.floor(j / groups);
  const channel = (j: number): number => (j % groups) * CHANNELS;
  const read = (j: number): number => { const y = Math.max(0, row(j) * p.stride - p.top + 1); return y < p.in_h ? y * p.in_w * p.in_c + channel(j) : Infinity; };
  const end = (j: number): number => (Math.min(p.out_h, row(j) + 2) * p.out_w - 1) * p.in_c + Math.min(p.in_c, channel(j) + CHANNELS);
  return trailing(Math.ceil(p.out_h / 2) * groups, read, size, end);
}

/** With stride 1 a band lies on rows that it has read itself, one of them ahead for the next band. */
const inPlace = (p: AnyParams): boolean => p["stride"] === 1 && (p["in_w"] as number) >= (p["out_w"] as number);

export const mve: KernelVariant = {
  name: "mve",
  needs: ["mve"],
  params,
  overlap,
  inPlace,
  repack: (any: AnyParams, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8" || !suits(p)) return null;
    const made = Array.from({ length: p.in_c }, (_, c) => dotOf(p, c, TAPS.map((k) => p.w[k * p.in_c + c] as number)));
    if (made.includes(null)) return null;
    const { in_h, in_w, in_c, out_h, out_w, stride_y: stride, top, left, zero_x, lo, hi } = p;
    // A patch is four columns wide, and the last one holds two windows.
    const columns = stride === 1 ? out_w + 2 : 2 * out_w + 2;
    const q = Int32Array.from((made as Dot[]).flatMap((d) => [d.bias, d.mult, mveAdd(p.zero_y, d.right), -d.right]));
    const above = Math.ceil((in_w * in_c) / 4) * 4;
    return { params: { in_h, in_w, in_c, out_h, out_w, stride, columns, above, top, left, zero_x, lo, hi, sign: mveSign(p), w: weights(p), q }, scratch: above + planes(stride) * columns * COLUMN };
  },
};
