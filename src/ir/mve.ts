/**
 * What kernels for Helium share at compile time: weights in blocks of 16 inputs, the zero point in the biases, and the numbers of the
 * output stage as `runtime/arch/mve_tile.h` reads them. That stage is the one of `dsp.ts`, under the same conditions.
 */
import type { Bounds, DotLayer } from "./dsp.js";
import { trailing, type ElementSizes } from "./overlap.js";
import { dotOf, type Dot } from "./tile.js";

/** Inputs that one instruction meets. */
export const BLOCK = 16;
/** Output channels that share the inputs of one pixel. */
const OCTET = 8;
/** Pixels that share the weights of two output channels. */
export const TILE = 4;

/** Parameters of a kernel that works by tiles (`cell_mve_tile4`) or rows (`cell_mve_row8`), besides its own geometry. */
export const mveParams = { out: "len", blocks: "len", sign: "u8", lo: "i16", hi: "i16", w: "rom", q: "rom" } as const;

/** Whether it can be seen that negative sums are rounded away from zero: not where all below the zero point is cut off. */
export const mveSign = ({ zero_y: zero, lo }: Bounds): number => Number(lo !== zero);

/** Half of the last place and the zero point, as the output stage adds them before its shift. */
export const mveAdd = (zero: number, right: number): number => (2 * zero + 1) * 2 ** (right - 1);

/** The weights of all channels, block after block, `order` side by side; zeros where there are no more inputs. */
function blocksOf(l: DotLayer, order: readonly number[]): number[] {
  const out: number[] = [];
  for (let first = 0; first < l.depth; first += BLOCK) for (const o of order) for (let k = first; k < first + BLOCK; k++) out.push(o < l.out && k < l.depth ? (l.w[o * l.depth + k] as number) : 0);
  return out;
}

function layer(l: DotLayer): readonly Dot[] | null {
  const dots = Array.from({ length: l.out }, (_, o) => dotOf(l, o, l.w.subarray(o * l.depth, (o + 1) * l.depth)));
  return dots.includes(null) ? null : (dots as Dot[]);
}

const common = (l: DotLayer) => ({ out: l.out, blocks: Math.ceil(l.depth / BLOCK), sign: mveSign(l), lo: l.lo, hi: l.hi });

/** Two channels at a time, for tiles; null where the layer's numbers do not allow it. */
export function packPairs(l: DotLayer) {
  const dots = layer(l);
  // Places of a tile's outputs are 16-bit distances.
  if (!dots || l.out < 2 || (TILE - 1) * l.out + 1 > 0xffff) return null;
  const pairs = Array.from({ length: Math.ceil(l.out / 2) }, (_, k) => { const first = Math.min(2 * k, l.out - 2); return [first, first + 1] as const; });
  const numbers = (o: number, place: number): number[] => { const d = dots[o] as Dot; return [d.bias, d.mult, mveAdd(l.zero_y, d.right), place * 256 + ((-d.right) & 255)]; };
  return { ...common(l), w: Int8Array.from(pairs.flatMap((p) => blocksOf(l, p))), q: Int32Array.from(pairs.flatMap(([a, b]) => [...numbers(a, a), ...numbers(b, a)])) };
}

/** Eight channels at a time, for single rows; channels that are not there have no weights. */
export function packOctets(l: DotLayer) {
  const dots = layer(l);
  if (!dots) return null;
  const none: Dot = { bias: 0, mult: 0, right: 1 };
  const octets = Array.from({ length: Math.ceil(l.out / OCTET) }, (_, k) => Array.from({ length: OCTET }, (_v, i) => k * OCTET + i));
  // The output stage takes the even channels first.
  const numbers = (octet: readonly number[]): number[] => {
    const all = [0, 2, 4, 6, 1, 3, 5, 7].map((i) => dots[octet[i] as number] ?? none);
    return [...all.map((d) => d.bias), ...all.map((d) => d.mult), ...all.map((d) => mveAdd(l.zero_y, d.right)), ...all.map((d) => -d.right)];
  };
  return { ...common(l), w: Int8Array.from(octets.flatMap((o) => blocksOf(l, o))), q: Int32Array.from(octets.flatMap(numbers)) };
}

/** How far the output may run into the input of kernels that read a tile of pixels before they write what is made of them; fewer pixels than a tile are worked one by one. */
export function mveTrailing(pixels: number, width: number, firstRead: (pixel: number) => number, size: ElementSizes): number {
  const tile = pixels < TILE ? 1 : TILE;
  const end = (t: number): number => Math.min((t + 1) * tile, pixels);
  const least = (t: number): number => Math.min(...Array.from({ length: end(t) - t * tile }, (_, i) => firstRead(t * tile + i)));
  return trailing(Math.ceil(pixels / tile), least, size, (t) => end(t) * width);
}
