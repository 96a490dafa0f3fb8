/** The 3x3 depthwise convolution for the DSP extension: four channels at a time as planes of vertical pairs, so that one SMLAD meets two rows. */
import { dspAct, dspStage } from "../../../ir/dsp.js";
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant, NodeIo } from "../../../ir/op.js";
import type { AnyParams } from "../../../ir/params.js";

/**
 * `band`: rows of the output made from one set of planes, `pairs` words high and `columns` wide. `w`: for each channel and column of
 * the kernel the words (w0, w1) and (w1, w2), doubled; `q`: bias, doubled, multiplier, addend, right shift (0: nothing to compute).
 */
const params = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", quads: "len", stride: "u8", columns: "len", pairs: "len", band: "len", top: "i16", left: "i16",
  zero_x: "i16", lo: "i16", hi: "i16", act: "u8", w: "rom", q: "rom",
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "each" | "k_h" | "k_w" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

/** Bytes of planes; what would be larger is made band by band. */
const MOST = 4096;
/** Where memory is short: more bands, each with the way into its loops. */
const SMALL = 512;

const TAPS = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;

interface Channel { readonly words: readonly number[]; readonly q: readonly number[] }
const nothing: Channel = { words: [0, 0, 0, 0, 0, 0], q: [0, 0, 0, 0] };

const pair = (a: number, b: number): number => (((2 * a) & 0xffff) | ((2 * b) << 16)) >>> 0;

/** Null where the output stage would not be exact. */
function channel(p: Plain, c: number): Channel | null {
  const w = TAPS.map((k) => p.w[k * p.in_c + c] as number);
  const bias = p.b[c] as number;
  const stage = dspStage(p.mult[c] as number, p.shift[c] as number, p.zero_y, Math.abs(bias) + w.reduce((n, v) => n + Math.abs(v) * 255, 0));
  const words = [0, 1, 2].flatMap((x) => { const [a, b, d] = [w[x] as number, w[3 + x] as number, w[6 + x] as number]; return [pair(a, b), pair(b, d)]; });
  return stage && { words, q: [2 * bias, stage.mult, stage.add, stage.right] };
}

/** Rows of a band and the size of its planes. */
function planes(p: Plain, most: number) {
  const s = p.stride_y;
  const columns = (p.out_w - 1) * s + 3;
  const pairsOf = (band: number): number => (s === 1 ? band / 2 + 1 : band + 1);
  const whole = s === 1 ? Math.ceil(p.out_h / 2) * 2 : p.out_h;
  const unit = s === 1 ? 2 : 1;
  let band = whole;
  for (let bands = 1; band > unit && 16 * columns * pairsOf(band) > most; bands++) band = Math.ceil(whole / bands / unit) * unit;
  return { columns, band, pairs: pairsOf(band) };
}

function suits(p: Plain): boolean {
  return p.k_h === 3 && p.k_w === 3 && p.each === 1 && p.in_c >= 4 && p.dilation_x === 1 && p.dilation_y === 1 && p.stride_x === p.stride_y && p.stride_x <= 2;
}

type Bands = Readonly<Record<"in_h" | "in_w" | "out_h" | "out_w" | "stride" | "top" | "band", number>>;

/**
 * Whether the outputs of four channels may take the place of their inputs, and no other is touched: what a band is made of must lie behind the
 * outputs of those before, but for the rows that are kept in the planes.
 */
function inBands(p: Bands): boolean {
  for (let r = p.band; r < p.out_h; r += p.band) {
    const copied = r * p.stride - p.top + (p.stride === 1 ? 2 : 0);
    if (copied < p.in_h && copied * p.in_w < r * p.out_w) return false;
  }
  return true;
}

function repack(any: AnyParams, { inputs: [x] }: NodeIo, most: number): ReturnType<KernelVariant["repack"]> {
  const p = any as Plain & AnyParams;
  if (x?.dtype !== "i8" || !suits(p)) return null;
  const made = Array.from({ length: p.in_c }, (_, c) => channel(p, c));
  if (made.includes(null)) return null;
  const channels = made as Channel[];
  // The last four end with the last channel: those that the four before it have made are passed over.
  const quads = Math.ceil(p.in_c / 4);
  const slots = Array.from({ length: quads * 4 }, (_, i): Channel => {
    const first = Math.min(i - (i % 4), p.in_c - 4);
    const c = first + (i % 4);
    return c < i - (i % 4) ? nothing : channels[c] as Channel;
  });
  const { columns, band, pairs } = planes(p, most);
  const { in_h, in_w, in_c, out_h, out_w, top, left, zero_x, lo, hi } = p;
  return {
    params: {
      in_h, in_w, in_c, out_h, out_w, quads, stride: p.stride_y, columns, pairs, band, top, left, zero_x, lo, hi, act: dspAct(p),
      w: Uint32Array.from(slots.flatMap((s) => s.words)), q: Int32Array.from(slots.flatMap((s) => s.q)),
    },
    scratch: 16 * columns * pairs,
  };
}

export const dsp: KernelVariant = {
  name: "dsp",
  needs: ["dsp"],
  params,
  inPlace: (p) => inBands(p as unknown as Bands),
  repack: (p, io) => repack(p, io, MOST),
};

export const dspBands: KernelVariant = {
  ...dsp,
  name: "dsp_bands",
  file: "dsp",
  gains: "ram",
  repack: (any, io) => {
    const p = any as Plain & AnyParams;
    return suits(p) && planes(p, SMALL).band < planes(p, MOST).band ? repack(p, io, SMALL) : null;
  },
};
