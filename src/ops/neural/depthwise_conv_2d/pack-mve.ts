/** The 3x3 depthwise convolution for Helium: rows woven into planes, so that one instruction meets a whole window of one channel. */
import type { LayerValues } from "../../../ir/layer.js";
import { mveAdd, mveSign } from "../../../ir/mve.js";
import type { KernelVariant } from "../../../ir/op.js";
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

/** Whether what lies where the input did never reaches a row that is still to be read. A band is two rows; the first row of its windows is read ahead. */
function inPlace(any: AnyParams): boolean {
  const p = any as unknown as Omit<Plain, "stride_x"> & { readonly stride: number };
  for (let r = 2; r < p.out_h; r += 2) if (Math.max(0, r * p.stride - p.top + 1) * p.in_w < r * p.out_w) return false;
  return true;
}

export const mve: KernelVariant = {
  name: "mve",
  needs: ["mve"],
  params,
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
