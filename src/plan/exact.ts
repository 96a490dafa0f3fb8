/**
 * Exact search for a smaller plan. Any plan can be pushed down until every buffer rests on the ground or on another one, so it
 * is enough to stack buffers in order of their offsets: the search chooses which buffer comes next. Where two may overlap, the
 * higher one rests on a part of the lower one.
 */
import { sharable } from "./bound.js";
import { byPair, pairOf } from "./pairs.js";
import type { Buffer, Overlap, Plan } from "./types.js";

/** Work that may be spent, in places looked at; counted instead of timed so that the answer never depends on the machine. */
export interface Effort {
  left: number;
}

/** A buffer with the range of moments in which it is alive; moments are the steps in which some buffer begins. */
interface Block {
  readonly index: number;
  readonly bytes: number;
  readonly align: number;
  readonly from: number;
  readonly to: number;
}

function blocksOf(buffers: readonly Buffer[]): { readonly blocks: Block[]; readonly moments: number } {
  const moments = [...new Set(buffers.filter((b) => b.bytes > 0).map((b) => b.first))].sort((a, b) => a - b);
  const blocks = buffers.flatMap((b, index): Block[] => {
    if (b.bytes === 0) return [];
    const to = moments.findLastIndex((m) => m <= b.last);
    return [{ index, bytes: b.bytes, align: b.align, from: moments.indexOf(b.first), to }];
  });
  return { blocks, moments: moments.length };
}

/** What another block must keep from the start of `b` when it does not lie lower. */
function gapTo(b: Buffer, pair: readonly Overlap[]): number {
  const gaps = pair.map((o) => {
    const [from, to] = o.a === b.id ? [o.from, o.to] : [-o.to, -o.from];
    // Only where nothing more is forbidden above; what lies between two forbidden ranges is left to the other planners.
    return to >= b.bytes ? Math.max(0, from) : b.bytes;
  });
  return Math.min(b.bytes, ...gaps);
}

/** What to try first among blocks that would rest equally low; a search that gets lost with one may succeed with another. */
const RANKS: readonly ((b: Block) => number)[] = [
  (b) => b.bytes * (b.to - b.from + 1),
  (b) => b.bytes,
  (b) => b.to - b.from,
  (b) => -b.from,
];
export const RANK_COUNT = RANKS.length;

class Search {
  private readonly blocks: readonly Block[];
  /** By block, those alive at the same time, with the least distance of their start above its own. */
  private readonly beside: readonly (readonly { readonly c: number; readonly gap: number }[])[];
  /** By moment: where the stack ends, and bytes still to be placed. */
  private readonly top: Float64Array;
  private readonly open: Float64Array;
  /** By block: where it would rest now. */
  private readonly rest: Float64Array;
  private readonly placed: Uint8Array;
  private readonly offsets: number[];
  best: Plan | null = null;

  constructor(buffers: readonly Buffer[], overlaps: readonly Overlap[], rank: number, private limit: number, private readonly goal: number, private readonly effort: Effort) {
    const { blocks, moments } = blocksOf(buffers);
    const by = RANKS[rank] ?? (() => 0);
    this.blocks = blocks.sort((a, b) => by(b) - by(a) || b.bytes - a.bytes || a.index - b.index);
    const allowed = byPair(overlaps);
    const at = (b: Block): Buffer => buffers[b.index] as Buffer;
    const gap = (b: Buffer, c: Buffer): number => gapTo(b, allowed.get(pairOf(b.id, c.id)) ?? []);
    this.beside = blocks.map((b) => blocks.flatMap((c, k) => (c !== b && c.from <= b.to && b.from <= c.to ? [{ c: k, gap: gap(at(b), at(c)) }] : [])));
    this.top = new Float64Array(moments);
    this.open = new Float64Array(moments);
    this.rest = new Float64Array(blocks.length);
    this.placed = new Uint8Array(blocks.length);
    this.offsets = buffers.map(() => 0);
    for (const b of blocks) this.spend(b, b.bytes);
    // What a pair shares need not be found room for: a bound that stays one whichever of the two is placed first.
    const blockOf = new Map(blocks.map((b) => [at(b), b]));
    for (const p of sharable(buffers, overlaps)) {
      const [a, b] = [blockOf.get(p.a), blockOf.get(p.b)];
      if (a && b) for (let t = Math.max(a.from, b.from); t <= Math.min(a.to, b.to); t++) this.open[t] = (this.open[t] ?? 0) - p.bytes;
    }
  }

  private spend(b: Block, bytes: number): void {
    for (let t = b.from; t <= b.to; t++) this.open[t] = (this.open[t] ?? 0) + bytes;
  }

  /** Whether what is still open can come to lie within the limit when nothing more goes below `floor`. */
  private hopeful(floor: number): boolean {
    this.effort.left -= this.top.length;
    for (let t = 0; t < this.top.length; t++) {
      const open = this.open[t] ?? 0;
      if (open > 0 && Math.max(this.top[t] ?? 0, floor) + open > this.limit) return false;
    }
    return true;
  }

  private carries(last: number, k: number): boolean {
    return this.beside[last]?.some(({ c, gap }) => c === k && gap <= 0) === true;
  }

  /** Blocks that may come next, lowest first. */
  private next(floor: number, last: number): number[] {
    const found: number[] = [];
    this.effort.left -= this.blocks.length;
    // Above this a block would leave a hole into which another one fits whole; the other one is then placed first.
    let ceiling = Infinity;
    for (let k = 0; k < this.blocks.length; k++) {
      if (this.placed[k] === 1) continue;
      const at = this.rest[k] ?? 0;
      const bytes = this.blocks[k]?.bytes ?? 0;
      // Its place can only rise.
      if (Math.max(at, floor) + bytes > this.limit) return [];
      ceiling = Math.min(ceiling, at + bytes);
      // Two that start alike are tried in one order, but for those of which only one can carry the other.
      if (at > floor || (at === floor && (k > last || this.carries(last, k)))) found.push(k);
    }
    const { rest } = this;
    return found.filter((k) => (rest[k] ?? 0) < ceiling).sort((i, j) => (rest[i] ?? 0) - (rest[j] ?? 0) || i - j);
  }

  /** Blocks beside `k` now rest on it, if not on something higher. */
  private raise(k: number, start: number): void {
    for (const { c, gap } of this.beside[k] ?? []) {
      const { align } = this.blocks[c] ?? { align: 1 };
      const end = start + gap;
      if ((this.rest[c] ?? 0) < end) this.rest[c] = Math.ceil(end / align) * align;
    }
    this.effort.left -= this.beside[k]?.length ?? 0;
  }

  /** True when the search may stop. `floor` is the offset of block `last`, which was placed before. */
  run(count: number, floor: number, last: number, bytes: number): boolean {
    if (count === this.blocks.length) {
      this.best = { offsets: [...this.offsets], bytes };
      this.limit = bytes - 1;
      return bytes <= this.goal;
    }
    for (const k of this.next(floor, last)) {
      if (this.effort.left <= 0) return true;
      const b = this.blocks[k];
      const at = this.rest[k] ?? 0;
      // The limit may have sunk since the list was made.
      if (b === undefined || at + b.bytes > this.limit) continue;
      const [top, rest] = [this.top.slice(b.from, b.to + 1), this.rest.slice()];
      this.spend(b, -b.bytes);
      for (let t = b.from; t <= b.to; t++) this.top[t] = Math.max(this.top[t] ?? 0, at + b.bytes);
      this.raise(k, at);
      this.placed[k] = 1;
      this.offsets[b.index] = at;
      if (this.hopeful(at) && this.run(count + 1, at, k, Math.max(bytes, at + b.bytes))) return true;
      this.placed[k] = 0;
      this.rest.set(rest);
      this.top.set(top, b.from);
      this.spend(b, b.bytes);
    }
    return false;
  }
}

/** A plan of at most `limit` bytes, as small as the effort allows and no smaller than `goal`; null where none was found. */
export function search(buffers: readonly Buffer[], overlaps: readonly Overlap[], rank: number, limit: number, goal: number, effort: Effort): Plan | null {
  const s = new Search(buffers, overlaps, rank, limit, goal, effort);
  s.run(0, 0, -1, 0);
  return s.best;
}
