/** The depthwise convolution for the DSP extension straight from the image: four channels of a pixel at a time, their weights as 16-bit lanes. */
import { dspAct, dspStage } from "../../../ir/dsp.js";
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant } from "../../../ir/op.js";
import { firstOfWindow, trailing, type Sliding } from "../../../ir/overlap.js";
import type { AnyParams } from "../../../ir/params.js";

/** `w` and `q`: what `dsp_direct.h` says. */
const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", k_h: "len", k_w: "len", stride_y: "u8", stride_x: "u8", top: "i16", left: "i16",
  zero_x: "i16", lo: "i16", hi: "i16", act: "u8", w: "rom", q: "rom",
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "each" | "k_h" | "k_w" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

/** So wide a row of outputs is made faster from planes (`kernel.dsp.c`), which two rows share. */
const WIDE = 12;

const planesSuit = (p: Plain): boolean => p.k_h === 3 && p.k_w === 3 && p.stride_y === 1 && p.stride_x === 1 && p.out_w >= WIDE;

function suits(p: Plain): boolean {
  return p.each === 1 && p.in_c >= 4 && p.dilation_x === 1 && p.dilation_y === 1 && p.stride_y < 256 && p.stride_x < 256 && !planesSuit(p);
}

/** First channels of the fours; the last four end with the last channel. */
const foursOf = (channels: number): readonly number[] => Array.from({ length: Math.ceil(channels / 4) }, (_, k) => Math.min(4 * k, channels - 4));

interface Channel { readonly bias: number; readonly stage: readonly number[] }

/** Null where the output stage would not be exact. */
function channel(p: Plain, c: number): Channel | null {
  let reach = Math.abs(p.b[c] as number);
  for (let k = 0; k < p.k_h * p.k_w; k++) reach += 255 * Math.abs(p.w[k * p.in_c + c] as number);
  const stage = dspStage(p.mult[c] as number, p.shift[c] as number, p.zero_y, reach);
  return stage && { bias: 2 * (p.b[c] as number), stage: [stage.mult, stage.add, stage.right] };
}

function words(p: Plain): Uint32Array {
  const lane = (k: number, c: number): number => 2 * (p.w[k * p.in_c + c] as number);
  const pair = (k: number, c: number): number => ((lane(k, c) & 0xffff) | (lane(k, c + 2) << 16)) >>> 0;
  return Uint32Array.from(foursOf(p.in_c).flatMap((c) => Array.from({ length: p.k_h * p.k_w }, (_, k) => [pair(k, c), pair(k, c + 1)]).flat()));
}

export const dspDirect: KernelVariant = {
  name: "dsp_direct",
  needs: ["dsp"],
  params,
  overlap: (any, size) => {
    const p = any as unknown as Plain;
    const fours = foursOf(p.in_c);
    const first = firstOfWindow({ ...p, out_c: p.in_c, dilation_y: 1, dilation_x: 1 } as Sliding);
    const at = (j: number): readonly [number, number] => [Math.floor(j / fours.length), fours[j % fours.length] as number];
    return trailing(p.out_h * p.out_w * fours.length, (j) => { const [pixel, c] = at(j); return first(pixel) + c; }, size, (j) => { const [pixel, c] = at(j); return pixel * p.in_c + c + 4; });
  },
  repack: (any, { inputs: [x] }) => {
    const p = any as Plain & AnyParams;
    if (x?.dtype !== "i8" || !suits(p)) return null;
    const made = Array.from({ length: p.in_c }, (_, c) => channel(p, c));
    if (made.includes(null)) return null;
    const all = made as readonly Channel[];
    const q = foursOf(p.in_c).flatMap((c) => { const four = all.slice(c, c + 4); return [...four.map((v) => v.bias), ...four.flatMap((v) => v.stage)]; });
    const { in_h, in_w, in_c, out_h, out_w, k_h, k_w, stride_y, stride_x, top, left, zero_x, lo, hi } = p;
    return { params: { in_h, in_w, in_c, out_h, out_w, k_h, k_w, stride_y, stride_x, top, left, zero_x, lo, hi, act: dspAct(p), w: words(p), q: Int32Array.from(q) } };
  },
};
