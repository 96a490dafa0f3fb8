/**
 * Search in the order of time: buffers are placed when their life begins, beside what is alive then. Networks are chains with few tensors
 * alive at once, so that few situations differ. Offsets may fall below 0, since what counts is how far apart the ends come to lie: a chain
 * of outputs, each somewhat lower than its input, starts where it must.
 */
import type { Effort } from "./exact.js";
import type { Conflict, Puzzle } from "./greedy.js";
import type { Buffer, Plan } from "./types.js";

/** A moment in which buffers begin. */
interface Moment {
  /** Of those that live on at the next moment, and of the others. */
  readonly lasting: readonly number[];
  readonly passing: readonly number[];
  /** Those alive at the next moment, `lasting` among them. */
  readonly kept: readonly number[];
}

interface Extent {
  readonly low: number;
  readonly high: number;
}

/** What has been placed, newest first. */
interface Path {
  readonly buffer: number;
  readonly at: number;
  readonly before: Path | null;
}

/** Everything placed that begins before moment `next`; what is alive stands in `placed`. */
interface State extends Extent {
  readonly next: number;
  readonly placed: ReadonlyMap<number, number>;
  readonly path: Path | null;
}

const indices = (list: readonly { readonly i: number }[]): number[] => list.map((b) => b.i);

function momentsOf(buffers: readonly Buffer[]): readonly Moment[] {
  const solid = buffers.flatMap((b, i) => (b.bytes > 0 ? [{ ...b, i }] : []));
  const times = [...new Set(solid.map((b) => b.first))].sort((a, b) => a - b);
  return times.map((time, k) => {
    const next = times[k + 1] ?? Infinity;
    const begins = solid.filter((b) => b.first === time).sort((a, b) => b.bytes - a.bytes || a.i - b.i);
    return { lasting: indices(begins.filter((b) => b.last >= next)), passing: indices(begins.filter((b) => b.last < next)), kept: indices(solid.filter((b) => b.first <= time && b.last >= next)) };
  });
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
/** A common multiple of all alignments: where the lowest end may lie. */
const unitOf = (buffers: readonly Buffer[]): number => buffers.reduce((u, b) => (u * b.align) / gcd(u, b.align), 1);

/** Places at an edge of something: of another buffer, of what two of them may share, of all that has been used. */
function places(b: Buffer, conflicts: readonly Conflict[], s: State, effort: Effort): readonly number[] {
  const down = (at: number): number => Math.floor(at / b.align) * b.align;
  const found = new Set([down(s.high - b.bytes), s.low]);
  const taken: Extent[] = [];
  for (const c of conflicts) {
    const at = s.placed.get(c.other);
    if (at === undefined) continue;
    for (const t of c.taken) {
      taken.push({ low: at + t.low, high: at + t.high });
      found.add(down(at + t.low)).add(-down(-at - t.high));
    }
  }
  effort.left -= found.size * (1 + taken.length);
  return [...found].filter((at) => !taken.some((t) => at > t.low && at < t.high));
}

function put(s: State, i: number, b: Buffer, at: number, unit: number): State {
  const [low, high] = [Math.floor(Math.min(s.low, at) / unit) * unit, Math.max(s.high, at + b.bytes)];
  return { next: s.next, placed: new Map(s.placed).set(i, at), path: { buffer: i, at, before: s.path }, low, high };
}

const size = (e: Extent): number => e.high - e.low;

interface Task {
  readonly puzzle: Puzzle;
  readonly moments: readonly Moment[];
  readonly unit: number;
  readonly effort: Effort;
}

/** All that can become of one state when buffer `i` joins it. */
function joined({ puzzle, unit, effort }: Task, s: State, i: number, most: number): readonly State[] {
  const b = puzzle.buffers[i];
  return b ? places(b, puzzle.conflicts[i] ?? [], s, effort).map((at) => put(s, i, b, at, unit)).filter((n) => size(n) <= most) : [];
}

/** What passes with the moment only counts by the room it takes: least growth, at either end. */
function least(states: readonly State[]): readonly State[] {
  const room = Math.min(...states.map(size));
  return [...new Map(states.filter((s) => size(s) === room).map((s) => [s.low, s])).values()];
}

function after(task: Task, s: State, most: number): readonly State[] {
  const m = task.moments[s.next];
  if (!m) return [];
  let states: readonly State[] = [s];
  for (const i of m.lasting) states = states.flatMap((x) => joined(task, x, i, most));
  for (const i of m.passing) states = states.flatMap((x) => least(joined(task, x, i, most)));
  return states.map((x) => ({ ...x, next: s.next + 1, placed: new Map(m.kept.map((i) => [i, x.placed.get(i) ?? 0])) }));
}

const keyOf = (s: State): string => `${s.next} ${size(s)} ${[...s.placed.values()].map((at) => at - s.low).join(" ")}`;

function planOf(buffers: readonly Buffer[], s: State): Plan {
  const offsets = buffers.map(() => 0);
  for (let p = s.path; p; p = p.before) offsets[p.buffer] = p.at - s.low;
  return { offsets, bytes: size(s) };
}

/** The smallest plan of at most `most` bytes that the search sees; null for none, or where the effort was spent. States at the bound are all alike: the latest goes first. */
export function searchInTime(puzzle: Puzzle, most: number, bound: number, effort: Effort): Plan | null {
  const unit = unitOf(puzzle.buffers);
  const task = { puzzle, moments: momentsOf(puzzle.buffers), unit, effort };
  const open = new Map<number, State[]>([[bound, [{ next: 0, placed: new Map(), path: null, low: 0, high: 0 }]]]);
  const seen = new Set<string>();
  while (open.size > 0 && effort.left > 0) {
    const cost = Math.min(...open.keys());
    const s = open.get(cost)?.pop();
    if (!s) { open.delete(cost); continue; }
    if (s.next === task.moments.length) return planOf(puzzle.buffers, s);
    for (const n of after(task, s, most)) {
      const key = keyOf(n);
      if (seen.has(key)) continue;
      seen.add(key);
      const at = Math.max(bound, size(n));
      const list = open.get(at) ?? [];
      list.push(n);
      open.set(at, list);
    }
  }
  return null;
}
