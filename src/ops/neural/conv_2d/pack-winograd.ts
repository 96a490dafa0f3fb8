/** The 3x3 convolution of stride 1 for the DSP extension by Winograd's F(2x2, 3x3) in integers: its weights transformed at compile time, or kept as bytes. */
import { dspAct, dspStage, reach, type DotLayer, type Stage } from "../../../ir/dsp.js";
import type { LayerValues } from "../../../ir/layer.js";
import type { KernelVariant, NodeIo } from "../../../ir/op.js";
import { trailing, type ElementSizes } from "../../../ir/overlap.js";
import type { AnyParams } from "../../../ir/params.js";

/** `words`: of two input channels; `pairs`: of output channels. `q`: for each channel what `dsp_winograd.h` says. */
const shape = {
  in_h: "len", in_w: "len", in_c: "len", out_h: "len", out_w: "len", out_c: "len", words: "len", pairs: "len", top: "i16", left: "i16",
  zero_x: "i16", lo: "i16", hi: "i16", act: "u8", q: "rom",
} as const;

type Plain = LayerValues & Readonly<Record<"in_h" | "in_w" | "in_c" | "out_h" | "out_w" | "out_c" | "k_h" | "k_w" | "depth" | "stride_y" | "stride_x" | "dilation_y" | "dilation_x" | "top" | "left", number>>;

/** Tiles are 2 by 2 outputs; four side by side are one group. */
const [TILE, GROUP] = [2, 8];

/** 2G: row i meets the three weights of a row or column. */
const G2 = [[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]] as const;

/** With fewer input channels the outputs cost more than the products. */
const LEAST = 6;

/** Sums of products below this stay exact as four times as much. */
const MOST = 2 ** 29;

/** Where the weights are transformed at run time: bytes for V of several groups, and how many share them at most (more gain little). */
const [STRIP_BYTES, STRIP] = [16384, 4] as const;

/** Weight of output channel o at cell t of the kernel and input channel c. */
const weightOf = (p: Plain) => (o: number, t: number, c: number): number => (c < p.in_c ? (p.w[(o * 9 + t) * p.in_c + c] as number) : 0);

/** The two input channels of word d, in the order of cell_dsp_spread. */
const channelsOf = (d: number): readonly [number, number] => { const first = (d >> 1) * 4 + (d & 1); return [first, first + 2]; };

/** Output channels two by two; one without partner is its own. */
const pairsOf = (n: number): readonly (readonly [number, number])[] => Array.from({ length: Math.ceil(n / 2) }, (_, k) => [2 * k, Math.min(2 * k + 1, n - 1)] as const);

/** (pairs, 16, words, 2 channels) of two lanes each. */
function transformed(p: Plain, words: number): Uint32Array {
  const weight = weightOf(p);
  const element = (o: number, k: number, c: number): number => {
    const [down, across] = [G2[k >> 2] as readonly number[], G2[k & 3] as readonly number[]];
    let sum = 0;
    for (let t = 0; t < 9; t++) sum += (down[Math.floor(t / 3)] as number) * (across[t % 3] as number) * weight(o, t, c);
    return sum;
  };
  const lanes = (o: number, k: number, d: number): number => { const [a, b] = channelsOf(d); return ((element(o, k, a) & 0xffff) | (element(o, k, b) << 16)) >>> 0; };
  const out = new Uint32Array(pairsOf(p.out_c).length * 32 * words);
  let at = 0;
  for (const pair of pairsOf(p.out_c)) for (let k = 0; k < 16; k++) for (let d = 0; d < words; d++) for (const o of pair) out[at++] = lanes(o, k, d);
  return out;
}

/** (pairs, words, 9) of four bytes: for each of two input channels those of both output channels. */
function bytesOf(p: Plain, words: number): Uint32Array {
  const weight = weightOf(p);
  const out = new Uint32Array(pairsOf(p.out_c).length * 9 * words);
  let at = 0;
  for (const pair of pairsOf(p.out_c)) for (let d = 0; d < words; d++) for (let t = 0; t < 9; t++) {
    const four = channelsOf(d).flatMap((c) => pair.map((o) => weight(o, t, c) & 0xff));
    out[at++] = four.reduce((word, byte, i) => word | (byte << (8 * i)), 0) >>> 0;
  }
  return out;
}

const groupsOf = (p: Pick<Plain, "out_h" | "out_w">): number => Math.ceil(p.out_h / TILE) * Math.ceil(p.out_w / GROUP);

/** Instructions for 32 outputs (one group, two channels), and for as many as plain sums of products in lanes (`kernel.dsp.c`): as measured on a Cortex-M4. */
const ofWinograd = (words: number, pairs: number): number => 176 * words + 920 + (400 * words + 300) / pairs;
const ofSums = (p: Plain): number => 32 * (6.75 * p.in_c + 28 + (14 * p.in_c) / p.out_c);
/** U of two channels made at run time. */
const ofWeights = (words: number): number => 170 * words;

/** Tiles at the borders may hold fewer outputs than they cost. */
const pays = (p: Plain, cost: number): boolean => p.in_c >= LEAST && groupsOf(p) * GROUP * TILE * cost < 0.95 * p.out_h * p.out_w * ofSums(p);

/** What both have in common; null where it is not exact, or not meant for it. */
function common(p: Plain & AnyParams, { inputs: [x] }: NodeIo) {
  if (x?.dtype !== "i8" || p.k_h !== 3 || p.k_w !== 3 || p.depth !== p.in_c || [p.stride_y, p.stride_x, p.dilation_y, p.dilation_x].some((v) => v !== 1)) return null;
  const words = Math.ceil(p.in_c / 4) * 2;
  const layer: DotLayer = { ...p, depth: 9 * p.in_c, out: p.out_c };
  const stages = Array.from({ length: p.out_c }, (_, o): Stage | null => {
    const bound = reach(layer, o);
    return bound < MOST ? dspStage(p.mult[o] as number, p.shift[o] as number, p.zero_y, bound) : null;
  });
  if (stages.includes(null)) return null;
  const q = pairsOf(p.out_c).flatMap((pair) => pair.flatMap((o) => { const s = stages[o] as Stage; return [(4 * (p.b[o] as number)) | 0, s.mult, s.add, s.right + 256 * o]; }));
  const { in_h, in_w, in_c, out_h, out_w, out_c, top, left, zero_x, lo, hi } = p;
  const params = { in_h, in_w, in_c, out_h, out_w, out_c, words, pairs: q.length / 8, top, left, zero_x, lo, hi, act: dspAct(p), q: Int32Array.from(q) };
  // The sums of one pair, and 4 x 10 pixels of whole words.
  return { params, words, cost: ofWinograd(words, params.pairs), rest: 512 + 40 * words * 2 };
}

/** The image of `strip` groups is read before any of their outputs is written. */
function overlap(any: AnyParams, size: ElementSizes): number {
  const p = any as unknown as Plain;
  const strip = (any["strip"] as number | undefined) ?? 1;
  const across = Math.ceil(p.out_w / GROUP);
  const groups = groupsOf(p);
  const at = (g: number): readonly [number, number] => [Math.floor(g / across) * TILE, (g % across) * GROUP];
  const members = (j: number): readonly number[] => Array.from({ length: Math.min(strip, groups - j * strip) }, (_, i) => j * strip + i);
  const firstRead = (g: number): number => { const [r, c] = at(g); return (Math.max(0, r - p.top) * p.in_w + Math.max(0, c - p.left)) * p.in_c; };
  const end = (g: number): number => { const [r, c] = at(g); return (Math.min(r + 1, p.out_h - 1) * p.out_w + Math.min(c + GROUP, p.out_w)) * p.out_c; };
  return trailing(Math.ceil(groups / strip), (j) => Math.min(...members(j).map(firstRead)), size, (j) => Math.max(...members(j).map(end)));
}

/** More flash, fewest cycles. */
export const winograd: KernelVariant = {
  name: "winograd",
  needs: ["dsp"],
  params: { ...shape, u: "rom" },
  overlap,
  repack: (any, io) => {
    const p = any as Plain & AnyParams;
    const made = common(p, io);
    return made && pays(p, made.cost) ? { params: { ...made.params, u: transformed(p, made.words) }, scratch: made.words * 256 + made.rest } : null;
  },
};

/** No more flash than plain weights, more memory: the transformed weights of two channels serve `strip` groups. */
export const winogradBytes: KernelVariant = {
  name: "winograd_bytes",
  needs: ["dsp"],
  params: { ...shape, strip: "len", w: "rom" },
  overlap,
  repack: (any, io) => {
    const p = any as Plain & AnyParams;
    const made = common(p, io);
    if (!made) return null;
    const strip = Math.max(1, Math.min(groupsOf(p), STRIP, Math.floor(STRIP_BYTES / (made.words * 256))));
    if (!pays(p, made.cost + ofWeights(made.words) / strip)) return null;
    return { params: { ...made.params, strip, w: bytesOf(p, made.words) }, scratch: made.words * (256 * strip + 128) + made.rest };
  },
};
