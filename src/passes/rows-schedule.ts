/**
 * The schedule of a head that runs row by row, as `runtime/rows.h` runs it on the device: the step farthest from the input whose rows are there
 * goes first, so that rows are kept as briefly as can be; only when none can go are rows dropped that nobody reads any more.
 */
import type { RowEdge, RowHead, RowLine } from "../ir/rows.js";

/** All counts in rows. */
export interface RowState {
  /** By line: rows made so far, those above the image included, and how many of them are in its buffer. */
  readonly made: number[];
  readonly held: number[];
  /** By edge: where its next window begins. */
  readonly next: number[];
}

/** Called as the schedule goes along. */
export interface RowWatch {
  /** A row of the input is about to be put in its place. */
  readonly push?: (s: RowState) => void;
  /** The step that makes line `k` is about to run. */
  readonly step?: (k: number, s: RowState) => void;
  /** Other rows lie in line `k` now. */
  readonly changed?: (k: number, s: RowState) => void;
}

const edgesFrom = (h: RowHead, line: number): readonly number[] => h.edges.flatMap((e, i) => (e.source === line ? [i] : []));

/** Rows at the front of line `k` that no window needs any more. */
export function passed(h: RowHead, s: RowState, k: number, next: readonly number[] = s.next): number {
  const [made, held] = [s.made[k] as number, s.held[k] as number];
  const first = Math.min(...edgesFrom(h, k).map((e) => next[e] as number));
  return first === Infinity ? 0 : Math.min(first - (made - held), held);
}

/** Where windows begin once the step that makes line `k` has run; behind all rows after its last one, so that none is kept. */
export function nextAfter(h: RowHead, s: RowState, k: number): readonly number[] {
  const line = h.lines[k] as RowLine;
  return s.next.map((at, e) => {
    const { source, stride } = h.edges[e] as RowEdge;
    if (!line.inputs.includes(e)) return at;
    const { total } = h.lines[source] as RowLine;
    const last = line.whole > 0 ? at + stride === line.whole : (s.made[k] as number) + line.each >= line.inside;
    return last ? total : at + stride;
  });
}

function step(h: RowHead, s: RowState, k: number, watch: RowWatch): boolean {
  const line = h.lines[k] as RowLine;
  if ((s.held[k] as number) + line.each > line.room || (s.made[k] as number) >= line.inside) return false;
  const edges = line.inputs.filter((e) => e >= 0);
  if (edges.some((e) => { const { source, window } = h.edges[e] as RowEdge; return (s.next[e] as number) + window > (s.made[source] as number); })) return false;
  watch.step?.(k, s);
  const after = nextAfter(h, s, k);
  for (const e of edges) s.next[e] = after[e] as number;
  if (line.whole === 0 || s.next[edges[0] as number] === line.whole) add(s, k, Math.min(line.each, line.inside - (s.made[k] as number)));
  watch.changed?.(k, s);
  return true;
}

function add(s: RowState, k: number, rows: number): void {
  s.made[k] = (s.made[k] as number) + rows;
  s.held[k] = (s.held[k] as number) + rows;
}

/** Drops the rows nobody needs, and puts those below the image behind it. */
function tidy(h: RowHead, s: RowState, watch: RowWatch): boolean {
  let some = false;
  for (let k = h.steps; k >= 0; k--) {
    const line = h.lines[k] as RowLine;
    const gone = passed(h, s, k);
    s.held[k] = (s.held[k] as number) - gone;
    const before = s.made[k] as number;
    while ((s.made[k] as number) >= line.inside && (s.made[k] as number) < line.total && (s.held[k] as number) < line.room) add(s, k, 1);
    if (gone === 0 && s.made[k] === before) continue;
    watch.changed?.(k, s);
    some = true;
  }
  return some;
}

/** Runs a whole image; false where it comes to a standstill because some line has too little room. */
export function runRows(h: RowHead, watch: RowWatch = {}): boolean {
  const s: RowState = { made: h.lines.map((l) => l.above), held: h.lines.map((l) => l.above), next: h.edges.map((e) => e.first) };
  if (h.lines.some((l) => l.above > l.room)) return false;
  h.lines.forEach((_, k) => watch.changed?.(k, s));
  const [input] = h.lines as [RowLine];
  for (let y = input.above; y < input.inside; y++) {
    if ((s.held[0] as number) >= input.room) return false;
    watch.push?.(s);
    add(s, 0, 1);
    watch.changed?.(0, s);
    do {
      for (let k = h.steps; k > 0;) k = step(h, s, k, watch) ? (h.lines[k] as RowLine).reader : k - 1;
    } while (tidy(h, s, watch));
  }
  return h.lines.every((l, k) => (s.made[k] as number) >= l.inside);
}

const withRooms = (h: RowHead, rooms: readonly number[]): RowHead => ({ ...h, lines: h.lines.map((l, k) => ({ ...l, room: rooms[k] as number })) });

/** Room for as many rows as the schedule needs and no more; null where it does not come to an end. */
export function withLeastRoom(h: RowHead): RowHead | null {
  const most = h.lines.map((l) => (l.room === Infinity ? 0 : l.room));
  const eager = runRows(h, { step: (k, s) => { most[k] = Math.max(most[k] as number, (s.held[k] as number) + (h.lines[k]?.each ?? 1)); }, changed: (k, s) => { most[k] = Math.max(most[k] as number, s.held[k] as number); } });
  if (!eager) return null;
  // A line that waits instead of running ahead may need less.
  h.lines.forEach((l, k) => {
    if (l.room !== Infinity) return;
    while ((most[k] as number) > l.each && runRows(withRooms(h, most.with(k, (most[k] as number) - 1)))) most[k] = (most[k] as number) - 1;
  });
  return withRooms(h, most);
}

/** Bytes that one input makes the lines move down, and that are copied from an input kept in memory as a whole. */
export function bytesMoved(h: RowHead): number {
  const [input] = h.lines as [RowLine];
  const start = h.lines.map(() => 0);
  let moved = h.resident ? (input.inside - input.above) * input.bytes : 0;
  runRows(h, {
    changed: (k, s) => {
      const first = (s.made[k] as number) - (s.held[k] as number);
      const { bytes, inside } = h.lines[k] as RowLine;
      // Rows below the image are put there after the others have moved.
      if (first !== start[k]) moved += Math.max(0, Math.min(s.made[k] as number, inside) - first) * bytes;
      start[k] = first;
    },
  });
  return moved;
}
