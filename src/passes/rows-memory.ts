/**
 * Which bytes the line buffers of a head that runs row by row may share: the schedule is gone through, and whatever two of them hold at the same
 * moment must lie apart. So an output row may stand where rows stood that were read for the last time, and rows of the input that are used up
 * leave room for lines that begin later.
 */
import type { Program, Step } from "../ir/op.js";
import type { RowEdge, RowHead, RowLine } from "../ir/rows.js";
import { bytesOf } from "../ir/types.js";
import { findOp } from "../ops/registry.js";
import { nextAfter, passed, runRows, type RowState } from "./rows-schedule.js";

/** Bytes from `low` up to `high`, counted from the start of the storage they are in. */
interface Span {
  readonly low: number;
  readonly high: number;
}

/** Bytes in use of a storage, by its id as `passes/memory` numbers it. */
type Used = readonly [id: number, span: Span];

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

/** By pair, the lower id first: distances (offset of the second - offset of the first) at which they were in each other's way, between two bounds. */
type Ranges = Map<string, { low: number; high: number }>;

function forbid(ranges: Ranges, [a, x]: Used, [b, y]: Used, low = x.low - y.high): void {
  const range = a < b ? { low, high: x.high - y.low } : { low: y.low - x.high, high: -low };
  const key = a < b ? `${a} ${b}` : `${b} ${a}`;
  const known = ranges.get(key);
  ranges.set(key, known ? { low: Math.min(known.low, range.low), high: Math.max(known.high, range.high) } : range);
}

/** Both are in use at the same moment. */
function meet(ranges: Ranges, x: Used, y: Used): void {
  if (x[0] !== y[0] && x[1].high > x[1].low && y[1].high > y[1].low) forbid(ranges, x, y);
}

/** As {@link meet}, but `y` may be written while `x` is read where it starts `distance` bytes lower. */
const trail = (ranges: Ranges, x: Used, y: Used, distance: number): void =>
  forbid(ranges, x, y, x[1].low - y[1].low - Math.min(distance, y[1].high - y[1].low));

/** What a pair may share: on the side where it is more. */
function sharedOf(ranges: Ranges, a: Bytes, b: Bytes): readonly Shared[] {
  const range = ranges.get(`${a.id} ${b.id}`);
  if (!range) return [{ a: a.id, b: b.id, from: -Infinity, to: Infinity }];
  const [below, above] = [range.low + b.bytes, a.bytes - range.high];
  if (Math.max(below, above) <= 0) return [];
  return [below >= above ? { a: a.id, b: b.id, from: -Infinity, to: range.low } : { a: a.id, b: b.id, from: range.high, to: Infinity }];
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

/** A head as far as its schedule has been gone through. */
interface Walk {
  readonly p: Program;
  readonly h: RowHead;
  readonly ranges: Ranges;
  /** Lines whose step has sums in its scratch that stay from call to call. */
  readonly gathering: Set<number>;
  /** By line, {@link distanceOf} the step that makes it. */
  readonly distances: readonly (number | null)[];
  /** Rows of the input that have been taken. */
  taken: number;
}

const lineOf = (h: RowHead, k: number): RowLine => h.lines[k] as RowLine;

/** Of the step that makes line `k`. */
const scratchOf = ({ p }: Walk, k: number): Used => [p.tensors.length + k - 1, { low: 0, high: p.steps[k - 1]?.scratch ?? 0 }];

/** What line `k` holds that is still needed. */
function live(w: Walk, k: number, s: RowState, next: readonly number[] = s.next): Used {
  const { tensor, bytes } = lineOf(w.h, k);
  return [tensor, { low: passed(w.h, s, k, next) * bytes, high: (s.held[k] as number) * bytes }];
}

/** Where the next rows of line `k` go. */
function coming(w: Walk, k: number, s: RowState): Used {
  const { tensor, bytes, each } = lineOf(w.h, k);
  return [tensor, { low: (s.held[k] as number) * bytes, high: ((s.held[k] as number) + each) * bytes }];
}

/** All that is in use, but for the lines in `not`. */
function inUse(w: Walk, s: RowState, not: readonly number[] = []): readonly Used[] {
  const lines = w.h.lines.flatMap((_, k) => (not.includes(k) ? [] : [live(w, k, s)]));
  const input = lineOf(w.h, 0);
  const rest: readonly Used[] = w.h.resident ? [[w.p.input, { low: w.taken * input.bytes, high: (input.inside - input.above) * input.bytes }]] : [];
  return [...lines, ...[...w.gathering].map((k) => scratchOf(w, k)), ...rest];
}

const meetAll = (w: Walk, one: Used, others: readonly Used[]): void => others.forEach((o) => { meet(w.ranges, one, o); });

/** The step that makes line `k` runs: its rows come while its operands are read. */
function stepRuns(w: Walk, k: number, s: RowState): void {
  const line = lineOf(w.h, k);
  const sources = line.inputs.filter((e) => e >= 0).map((e) => (w.h.edges[e] as RowEdge).source);
  const [first = -1] = line.inputs;
  const distance = w.distances[k] ?? null;
  // Only what is read through operand 0, and by no other, may be overwritten as it is read.
  const [source = -1] = first >= 0 && distance !== null && sources.indexOf(sources[0] as number, 1) < 0 ? sources : [];
  const out = coming(w, k, s);
  meetAll(w, out, inUse(w, s, [k, source]));
  if (source >= 0 && distance !== null) {
    const { tensor, bytes } = lineOf(w.h, source);
    const at = ((s.next[first] as number) - ((s.made[source] as number) - (s.held[source] as number))) * bytes;
    meet(w.ranges, live(w, source, s, nextAfter(w.h, s, k)), out);
    trail(w.ranges, [tensor, { low: at, high: at + (w.h.edges[first] as RowEdge).window * bytes }], out, distance);
  }
  meetAll(w, scratchOf(w, k), [...inUse(w, s), out]);
  if (line.whole > 0) w.gathering.add(k);
}

/** Pairs of storages of the head (tensors, and scratch as `passes/memory` numbers it) that may share bytes. */
export function sharedInHead(p: Program, h: RowHead, storage: readonly Bytes[]): readonly Shared[] {
  const distances = h.lines.map((_, k) => (k === 0 ? null : distanceOf(p, p.steps[k - 1] as Step)));
  const w: Walk = { p, h, ranges: new Map(), gathering: new Set(), distances, taken: 0 };
  const done = runRows(h, {
    push: (s) => { meetAll(w, coming(w, 0, s), inUse(w, s, [0])); w.taken++; },
    step: (k, s) => { stepRuns(w, k, s); },
    changed: (k, s) => { meetAll(w, live(w, k, s), inUse(w, s, [k])); },
  });
  if (!done) throw new Error(`${p.name}: the rows come to a standstill`);
  const lines = new Set(h.lines.map((l) => l.tensor));
  const inHead = (id: number): boolean => lines.has(id) || (h.resident && id === p.input) || (id >= p.tensors.length && id < p.tensors.length + h.steps);
  const some = storage.filter((s) => inHead(s.id)).toSorted((a, b) => a.id - b.id);
  return some.flatMap((a, i) => some.slice(i + 1).flatMap((b) => sharedOf(w.ranges, a, b)));
}
