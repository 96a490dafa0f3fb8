/**
 * Row streaming: the first steps of a network rewritten so that each call makes one row of its output, from the few rows of its input that are
 * kept in a line buffer. Nothing is computed twice and every kernel stays as it is: it is told of an image as high as its window.
 */
import type { Program, Step } from "../ir/op.js";
import type { RowEdge, RowForm, RowHead, RowLine } from "../ir/rows.js";
import { bytesOf, elements, type Tensor } from "../ir/types.js";
import { findOp } from "../ops/registry.js";
import { withLeastRoom } from "./rows-schedule.js";

/** Lines and edges are counted in bytes of the tables that the C reads. */
const MOST = 255;

/** Whether steps of the head read the line: else it is a whole tensor. */
const isRead = (h: RowHead, k: number): boolean => h.edges.some((e) => e.source === k);

/** An element-wise operator handles rows as it handles the whole: it says by `n` (and `run`) how many elements there are. */
function elementwiseForm(p: Program, s: Step, height: number, each: number): RowForm | null {
  const { n, run, rank } = s.params;
  const y = p.tensors[s.outputs[0] ?? -1];
  if (typeof n !== "number" || n % height !== 0 || !y || n !== elements(y)) return null;
  const some = each * n / height;
  // A constant may be stretched over all rows but not differ from one to the next; other operands are as large as the result.
  const alike = s.inputs.every((t) => { const x = p.tensors[t]; return x && (x.data ? y.shape.length === 4 && (x.shape.length < 3 || x.shape.at(-3) === 1) : elements(x) === n); });
  if (!alike || (rank !== undefined && typeof run !== "number")) return null;
  const params = { ...s.params, n: some, ...(typeof run === "number" ? { run: Math.min(run, some) } : {}) };
  return { params, height, rows: height, window: each, stride: each, top: 0, fill: null };
}

function formOf(p: Program, s: Step, height: number | undefined, each: number): RowForm | null {
  const { traits } = findOp(s.op);
  const io = { inputs: s.inputs.map((t) => p.tensors[t] as Tensor), outputs: s.outputs.map((t) => p.tensors[t] as Tensor) };
  if (traits.rows) return traits.rows(s.params, io, each);
  return traits.elementwise === true && height !== undefined ? elementwiseForm(p, s, height, each) : null;
}

/** The most rows a call may make of those there are, where none may be left over. */
const divisor = (rows: number, most: number): number => { let d = Math.min(rows, most); while (rows % d !== 0) d--; return d; };

/** @param most rows of one call; fewer where rows that lie outside the image could not be made and forgotten. @param whole the output is kept whole */
function formFor(p: Program, s: Step, height: number | undefined, most: number, whole: boolean): { readonly form: RowForm; readonly each: number } | null {
  const one = formOf(p, s, height, 1);
  if (!one) return null;
  const rows = one.gathers ? one.height : one.rows;
  const each = one.gathers || one.fill === null || whole ? divisor(rows, most) : Math.min(rows, most);
  const form = each === 1 ? one : formOf(p, s, height, each);
  return form && { form, each };
}

/** A line in the making. */
interface Draft {
  readonly tensor: number;
  readonly height: number;
  readonly bytes: number;
  readonly form: RowForm | null;
  /** Rows of a call. */
  readonly each: number;
  /** Lines the operands come from; -1 for constants. */
  readonly sources: readonly number[];
}

/** Whether step `s` may follow the lines there are, and the line that it makes. */
function draftOf(p: Program, s: Step, lines: readonly Draft[], most: number, behind: ReadonlySet<number>): Draft | null {
  const [y = -1] = s.outputs;
  const made = p.tensors[y];
  const sources = s.inputs.map((t) => (p.tensors[t]?.data ? -1 : lines.findIndex((l) => l.tensor === t)));
  const computed = s.inputs.every((t, i) => p.tensors[t]?.data !== undefined || (sources[i] ?? -1) >= 0);
  if (!computed || !made || s.outputs.length !== 1 || s.inputs.length > 2 || s.variant !== undefined || (s.scratch ?? 0) > 0 || sources.every((l) => l < 0)) return null;
  const heights = new Set(sources.filter((l) => l >= 0).map((l) => lines[l]?.height));
  const [height] = heights;
  const { form, each } = formFor(p, s, height, most, behind.has(y)) ?? {};
  if (!form || !each || heights.size !== 1 || sources[0] === -1 && findOp(s.op).traits.rows || form.height !== height) return null;
  const bytes = elements(made) * bytesOf(made.dtype) / form.rows;
  return Number.isInteger(bytes) ? { tensor: y, height: form.rows, bytes, form, each: form.gathers ? 1 : each, sources } : null;
}

/** Rows of the input by the first step that reads it; without such a one there is nothing to stream. */
function inputDraft(p: Program): Draft | null {
  const x = p.tensors[p.input] as Tensor;
  const reader = p.steps.find((s) => s.inputs[0] === p.input);
  const form = reader && formOf(p, reader, undefined, 1);
  const bytes = form ? elements(x) * bytesOf(x.dtype) / form.height : NaN;
  return form && form.height > 1 && Number.isInteger(bytes) ? { tensor: p.input, height: form.height, bytes, form: null, each: 1, sources: [] } : null;
}

type Reader = { readonly form: RowForm; readonly each: number };

/** Windows of one source, lowest first row on top, and the rows outside the image that they ask for. */
function bordersOf(lines: readonly Draft[], k: number) {
  const readers = lines.flatMap((l) => l.sources.flatMap((s): Reader[] => (s === k && l.form ? [{ form: l.form, each: l.each }] : [])));
  const { height } = lines[k] as Draft;
  const above = Math.max(0, ...readers.map((r) => r.form.top));
  // What gathers reads every row once, however few it makes.
  const end = ({ form: f, each }: Reader): number => (f.gathers ? height : (Math.ceil(f.rows / each) - 1) * f.stride - f.top + f.window);
  const below = Math.max(0, ...readers.map((r) => end(r) - height));
  const fills = new Set(readers.flatMap((r) => ((r.form.top > 0 || end(r) > height) ? [r.form.fill] : [])));
  const [fill = 0] = fills;
  return fills.size > 1 || fill === null ? null : { above, below, fill };
}

/** Tensors that are read behind the head, or by the caller. */
function readBehind(p: Program, steps: number): ReadonlySet<number> {
  return new Set([...p.steps.slice(steps).flatMap((s) => s.inputs), p.scores, ...p.moreOutputs, ...(p.label === null ? [] : [p.label])]);
}

function edgesOf(lines: readonly Draft[], above: readonly number[]): { readonly edges: readonly RowEdge[]; readonly inputs: readonly (readonly number[])[] } {
  const all = lines.flatMap((l, k) => l.sources.flatMap((source, i) => (source >= 0 && l.form ? [{ k, i, edge: { source, window: l.form.window, stride: l.form.stride, first: (above[source] ?? 0) - l.form.top } }] : [])));
  const sorted = all.toSorted((a, b) => a.edge.source - b.edge.source);
  return { edges: sorted.map((e) => e.edge), inputs: lines.map((l, k) => l.sources.map((_, i) => sorted.findIndex((e) => e.k === k && e.i === i))) };
}

/** Lines and edges of a head of `drafts.length - 1` steps; null where a tensor would be both line buffer and whole, or rows outside it have no value. */
function headOf(p: Program, drafts: readonly Draft[], resident: boolean): RowHead | null {
  const steps = drafts.length - 1;
  const behind = readBehind(p, steps);
  const read = new Set(drafts.flatMap((d) => d.sources));
  const borders = drafts.map((_, k) => bordersOf(drafts, k));
  if (borders.includes(null) || drafts.some((d, k) => behind.has(d.tensor) && (read.has(k) || k === 0))) return null;
  const { edges, inputs } = edgesOf(drafts, borders.map((b) => b?.above ?? 0));
  const lines = drafts.map((d, k): RowLine => {
    const { above, below, fill } = borders[k] as { above: number; below: number; fill: number };
    const inside = above + d.height;
    const reader = Math.max(k, drafts.findLastIndex((l) => l.sources.includes(k)));
    return { tensor: d.tensor, bytes: d.bytes, room: read.has(k) ? Infinity : d.height, each: d.each, above, inside, total: inside + below, fill, inputs: inputs[k] ?? [], whole: d.form?.gathers ? d.form.height : 0, reader };
  });
  const head = withLeastRoom({ steps, lines, edges, resident });
  const small = head?.lines.every((l, k) => l.room <= MOST || !isRead(head, k)) && edges.every((e) => e.stride <= MOST) && steps < MOST;
  return small ? head : null;
}

const shapeOf = (t: Tensor, l: RowLine): readonly number[] => (t.shape.length === 4 ? [1, l.room, ...t.shape.slice(2)] : [l.room, l.bytes / bytesOf(t.dtype)]);

/** The program with the steps of its head made for rows; the rows of the input are a tensor of their own. */
function rewritten(p: Program, head: RowHead, drafts: readonly Draft[]): Program {
  const x = p.tensors[p.input] as Tensor;
  const first = p.tensors.length;
  const lines = head.lines.map((l, k) => (k === 0 ? { ...l, tensor: first } : l));
  const steps = p.steps.map((s, k): Step => {
    const form = drafts[k + 1]?.form;
    if (k >= head.steps || !form) return s;
    return { ...s, params: form.params, inputs: s.inputs.map((t) => (t === p.input ? first : t)), ...form.gathers };
  });
  const buffers = new Map(lines.filter((_, k) => isRead(head, k)).map((l) => [l.tensor, l]));
  const tensors = [...p.tensors, x].map((t, i) => { const l = buffers.get(i); return l ? { ...t, name: `${l.room} rows of ${t.name}`, shape: shapeOf(t, l) } : t; });
  return { ...p, tensors, steps, rows: { ...head, lines } };
}

/** The lines of the first `steps` steps, or of as many as can run row by row. @param most rows of one call */
function draftsOf(p: Program, steps: number, most: number): readonly Draft[] {
  const input = p.moreInputs.length === 0 && !p.tensors.some((t) => t.state) ? inputDraft(p) : null;
  if (!input) return [];
  const lines: Draft[] = [input];
  const behind = readBehind(p, steps);
  for (const s of p.steps.slice(0, steps)) {
    const next = draftOf(p, s, lines, most, behind);
    if (!next) break;
    lines.push(next);
    // Behind one row there is nothing to stream.
    if (next.height === 1) break;
  }
  return lines;
}

/** Which form is meant: the input kept in memory as a whole or not, and the most rows that one call of a layer makes. */
export interface RowOptions {
  readonly resident?: boolean;
  readonly each?: number;
}

/** The program with its first `steps` steps run row by row; null where they cannot. */
export function withRows(p: Program, steps: number, { resident = true, each = 1 }: RowOptions = {}): Program | null {
  const some = draftsOf(p, steps, each);
  if (steps < 1 || steps !== some.length - 1) return null;
  const head = headOf(p, some, resident);
  return head && rewritten(p, head, some);
}

/** Every program that runs a head of some length row by row. */
export function rowForms(p: Program, options: RowOptions = {}): readonly Program[] {
  return draftsOf(p, p.steps.length, 1).slice(1).flatMap((_, k) => withRows(p, k + 1, options) ?? []);
}
