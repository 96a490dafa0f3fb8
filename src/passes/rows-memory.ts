/**
 * Which bytes the line buffers of a head that runs row by row may share: the schedule is gone through, and whatever two of them hold at the same
 * moment must lie apart. So an output row may stand where rows stood that were read for the last time, and rows of the input that are used up
 * leave room for lines that begin later.
 */
import type { Program, Step } from "../ir/op.js";
import type { RowHead, RowLine } from "../ir/rows.js";
import { bytesOf } from "../ir/types.js";
import { findOp } from "../ops/registry.js";
import { nextAfter, passed, runRows, type RowState } from "./rows-schedule.js";

/** Bytes from `low` up to `high`, counted from the start of the storage they are in. */
interface Span {
  readonly low: number;
  readonly high: number;
}

/** Two storages that may share bytes: `from <= offset of b - offset of a <= to`. */
interface Shared {
  readonly a: number;
  readonly b: number;
  readonly from: number;
  readonly to: number;
}

interface Bytes {
  readonly id: number;
  readonly bytes: number;
}

/** The distances (offset of the second - offset of the first) at which two storages were in each other's way: from the least to the largest, both excluded. */
class Apart {
  private readonly ranges = new Map<string, { low: number; high: number }>();

  /** `x` of storage `a` and `y` of storage `b` are in use at the same time. */
  meet(a: number, x: Span, b: number, y: Span): void {
    if (x.high <= x.low || y.high <= y.low) return;
    if (a < b) this.add(a, b, x.low - y.high, x.high - y.low);
    else this.add(b, a, y.low - x.high, y.high - x.low);
  }

  /** As {@link meet}, but `y` may be written while `x` is read where it lies `distance` bytes lower. */
  trail(a: number, x: Span, b: number, y: Span, distance: number): void {
    const low = Math.max(x.low - distance, x.low - (y.high - y.low)) - y.low;
    if (a < b) this.add(a, b, low, x.high - y.low);
    else this.add(b, a, y.low - x.high, -low);
  }

  private add(a: number, b: number, low: number, high: number): void {
    const known = this.ranges.get(`${a} ${b}`);
    this.ranges.set(`${a} ${b}`, known ? { low: Math.min(known.low, low), high: Math.max(known.high, high) } : { low, high });
  }

  /** What `a` and `b` may share: on the side where it is more. */
  shared(a: Bytes, b: Bytes): readonly Shared[] {
    const range = this.ranges.get(`${a.id} ${b.id}`);
    if (!range) return [{ a: a.id, b: b.id, from: -Infinity, to: Infinity }];
    const [below, above] = [range.low + b.bytes, a.bytes - range.high];
    if (Math.max(below, above) <= 0) return [];
    return [below >= above ? { a: a.id, b: b.id, from: -Infinity, to: range.low } : { a: a.id, b: b.id, from: range.high, to: Infinity }];
  }
}

/** Bytes that the output must stay behind input 0 while the step runs; null: they may not share any. */
function distanceOf(p: Program, s: Step): number | null {
  const op = findOp(s.op);
  const [x, y] = [p.tensors[s.inputs[0] ?? -1], p.tensors[s.outputs[0] ?? -1]];
  if (!x || !y) return null;
  const size = { x: bytesOf(x.dtype), y: bytesOf(y.dtype) };
  const rule = s.variant === undefined ? op.traits.overlap : op.variants?.find((v) => v.name === s.variant)?.overlap;
  if (rule) return rule(s.params, size);
  return s.variant === undefined && op.traits.inPlace === true && size.y <= size.x ? 0 : null;
}

/** Goes through the schedule and notes who meets whom. */
class Head {
  readonly apart = new Apart();
  private readonly distance: readonly (number | null)[];
  private readonly begun = new Set<number>();
  private consumed = 0;

  constructor(private readonly p: Program, private readonly h: RowHead) {
    this.distance = h.lines.map((_, k) => (k === 0 ? null : distanceOf(p, p.steps[k - 1] as Step)));
  }

  run(): void {
    const done = runRows(this.h, { push: (s) => this.push(s), step: (k, s) => this.step(k, s), changed: (k, s) => this.changed(k, s) });
    if (!done) throw new Error(`${this.p.name}: the rows come to a standstill`);
  }

  private line(k: number): RowLine { return this.h.lines[k] as RowLine; }

  /** What line `k` holds that is still needed. */
  private live(k: number, s: RowState, next: readonly number[] = s.next): Span {
    const { bytes } = this.line(k);
    return { low: passed(this.h, s, k, next) * bytes, high: (s.held[k] as number) * bytes };
  }

  /** Where the next rows of line `k` go. */
  private row(k: number, s: RowState): Span {
    const { bytes, each } = this.line(k);
    return { low: (s.held[k] as number) * bytes, high: ((s.held[k] as number) + each) * bytes };
  }

  /** All storages in use, but for those of the lines in `not`. */
  private others(s: RowState, not: readonly number[]): readonly (readonly [id: number, span: Span])[] {
    const lines = this.h.lines.flatMap((l, k) => (not.includes(k) ? [] : [[l.tensor, this.live(k, s)] as const]));
    const sums = [...this.begun].map((k) => [this.scratchId(k), { low: 0, high: this.p.steps[k - 1]?.scratch ?? 0 }] as const);
    const [input] = this.h.lines as [RowLine];
    const rest = this.h.resident ? [[this.p.input, { low: this.consumed * input.bytes, high: (input.inside - input.above) * input.bytes }] as const] : [];
    return [...lines, ...sums, ...rest];
  }

  /** Of the step that makes line `k`. */
  private scratchId(k: number): number { return this.p.tensors.length + k - 1; }

  private meetAll(id: number, span: Span, others: readonly (readonly [number, Span])[]): void {
    for (const [other, theirs] of others) if (other !== id) this.apart.meet(id, span, other, theirs);
  }

  private push(s: RowState): void {
    this.meetAll(this.line(0).tensor, this.row(0, s), this.others(s, [0]));
    this.consumed++;
  }

  private changed(k: number, s: RowState): void {
    this.meetAll(this.line(k).tensor, this.live(k, s), this.others(s, [k]));
  }

  private step(k: number, s: RowState): void {
    const line = this.line(k);
    const edges = line.inputs.filter((e) => e >= 0).map((e) => ({ e, ...this.h.edges[e] as RowHead["edges"][number] }));
    const out = this.row(k, s);
    const next = nextAfter(this.h, s, k);
    const [first] = edges;
    const distance = this.distance[k] ?? null;
    // Only what is read through operand 0, and by no other, may be overwritten as it is read.
    const behind = first && line.inputs[0] === first.e && distance !== null && edges.filter((x) => x.source === first.source).length === 1 ? first.source : -1;
    this.meetAll(line.tensor, out, this.others(s, [k, behind]));
    if (behind >= 0 && first && distance !== null) {
      const { tensor, bytes } = this.line(behind);
      const at = ((s.next[first.e] as number) - ((s.made[behind] as number) - (s.held[behind] as number))) * bytes;
      this.apart.meet(tensor, this.live(behind, s, next), line.tensor, out);
      this.apart.trail(tensor, { low: at, high: at + first.window * bytes }, line.tensor, out, distance);
    }
    this.scratch(k, s, out);
  }

  private scratch(k: number, s: RowState, out: Span): void {
    const bytes = this.p.steps[k - 1]?.scratch ?? 0;
    if (bytes === 0) return;
    const [id, span] = [this.scratchId(k), { low: 0, high: bytes }];
    this.meetAll(id, span, [...this.others(s, []), [this.line(k).tensor, out]]);
    // Sums stay from row to row.
    if (this.line(k).whole > 0) this.begun.add(k);
  }
}

/** Pairs of storages of the head (tensors, and scratch as `passes/memory` numbers it) that may share bytes. */
export function sharedInHead(p: Program, h: RowHead, storage: readonly Bytes[]): readonly Shared[] {
  const head = new Head(p, h);
  head.run();
  const lines = new Set(h.lines.map((l) => l.tensor));
  const inHead = (id: number): boolean => lines.has(id) || (h.resident && id === p.input) || (id >= p.tensors.length && id < p.tensors.length + h.steps);
  const some = storage.filter((s) => inHead(s.id)).toSorted((a, b) => a.id - b.id);
  return some.flatMap((a, i) => some.slice(i + 1).flatMap((b) => head.apart.shared(a, b)));
}

