/** What a network must keep in memory, and from which step to which: the question that `plan/` answers with offsets. */
import type { KernelVariant, Program, Step } from "../ir/op.js";
import { bytesOf, elements, type Tensor } from "../ir/types.js";
import { findOp } from "../ops/registry.js";
import { sharedInHead } from "./rows-memory.js";

/** Bytes alive from step `first` to step `last`, both included; -1 is before the first step, `steps.length` after the last. */
export interface Storage {
  /** A tensor's index; scratch of step k is `tensors.length + k`. */
  readonly id: number;
  readonly bytes: number;
  readonly align: number;
  readonly first: number;
  readonly last: number;
}

/** Word accesses of 32-bit cores need four; tensors of one byte an element are copied by words as well. */
const ALIGN = 4;

const bytesIn = (t: Tensor): number => elements(t) * bytesOf(t.dtype === "f64" ? "i32" : t.dtype);

/** Last step that reads each tensor; outputs and states are read after the last one. */
function lastReaders(p: Program): Map<number, number> {
  const last = new Map<number, number>();
  p.steps.forEach((s, k) => s.inputs.forEach((t) => last.set(t, k)));
  const end = p.steps.length;
  // The lines of a head that runs row by row are all needed until its last row is made.
  const head = p.rows ? [...(p.rows.resident ? [p.input] : []), ...p.rows.lines.map((l) => l.tensor)] : [];
  for (const t of head) last.set(t, Math.max(last.get(t) ?? 0, (p.rows?.steps ?? 0) - 1));
  for (const t of [p.scores, ...p.moreOutputs, ...(p.label === null ? [] : [p.label])]) last.set(t, end);
  p.tensors.forEach((t, i) => { if (t.state) last.set(i, end); });
  return last;
}

/** The kernel that is meant. */
export const variantOf = (s: Step): KernelVariant | undefined => findOp(s.op).variants?.find((v) => v.name === s.variant);

/** Whether the output may lie exactly where input 0 does. */
function worksInPlace(s: Step, x: Tensor, y: Tensor): boolean {
  if (s.variant !== undefined) return variantOf(s)?.inPlace?.(s.params) === true;
  // A stretched operand is read again after its first elements are overwritten; a wider result overtakes its input.
  return findOp(s.op).traits.inPlace === true && elements(x) === elements(y) && bytesIn(y) <= bytesIn(x);
}

/** Two storages that may share bytes: `from <= offset of b - offset of a <= to`. */
export interface SharedBytes {
  readonly a: number;
  readonly b: number;
  readonly from: number;
  readonly to: number;
}

/** Bytes between output and input that a kernel needs where its output starts before the input, and where it starts behind it. */
interface Distances { readonly before: number; readonly behind: number }

/** They hang on the step alone, and kernels are chosen by planning the same steps many times. */
const distances = new WeakMap<Step, Distances>();

function distancesOf(s: Step, from: Tensor, to: Tensor): Distances {
  const known = distances.get(s);
  if (known) return known;
  const rules = s.variant === undefined ? findOp(s.op).traits : variantOf(s);
  const size = { x: bytesOf(from.dtype), y: bytesOf(to.dtype) };
  const made = { before: rules?.overlap?.(s.params, size) ?? Infinity, behind: rules?.overlapBehind?.(s.params, size) ?? Infinity };
  distances.set(s, made);
  return made;
}

/** Steps whose output may run into an input that nobody reads later. */
function overlapsOf(p: Program, storage: readonly Storage[], homes: ReadonlyMap<number, number>): readonly SharedBytes[] {
  const byId = new Map(storage.map((s) => [s.id, s]));
  return p.steps.flatMap((s, k): SharedBytes[] => {
    if (k < (p.rows?.steps ?? 0)) return [];
    const [x = -1, ...more] = s.inputs;
    const [y = -1] = s.outputs;
    const [a, b] = [byId.get(homes.get(x) ?? -1), byId.get(homes.get(y) ?? -1)];
    const [from, to] = [p.tensors[x], p.tensors[y]];
    if (!a || !b || a === b || !from || !to || from.state || s.outputs.length > 1) return [];
    // Each is alive with the other at this step only, and no other operand lives in these bytes.
    if (a.last !== k || b.first !== k || more.some((t) => homes.get(t) === a.id)) return [];
    const { before, behind } = distancesOf(s, from, to);
    // A kernel that turns where the output starts behind the input goes forward up to there only.
    const last = behind === Infinity ? -before : Math.min(0, -before);
    return [
      ...(before < b.bytes ? [{ a: a.id, b: b.id, from: -Infinity, to: last }] : []),
      ...(behind < a.bytes ? [{ a: a.id, b: b.id, from: behind, to: Infinity }] : []),
      ...(worksInPlace(s, from, to) ? [{ a: a.id, b: b.id, from: 0, to: 0 }] : []),
    ];
  });
}

export interface Memory {
  readonly storage: readonly Storage[];
  readonly overlaps: readonly SharedBytes[];
  /** Storage that holds each tensor; absent for constants. */
  readonly homes: ReadonlyMap<number, number>;
}

/** Constants are in flash and need none. */
export function memoryOf(p: Program): Memory {
  const last = lastReaders(p);
  const given = p.rows ? [...(p.rows.resident ? [p.input] : []), p.rows.lines[0]?.tensor ?? p.input] : [p.input, ...p.moreInputs];
  const made = new Map<number, number>(given.map((t) => [t, -1]));
  p.tensors.forEach((t, i) => { if (t.state) made.set(i, -1); });
  p.steps.forEach((s, k) => s.outputs.forEach((t) => made.set(t, k)));
  const homes = new Map([...made.keys()].map((t) => [t, t]));
  const tensors = [...made].map(([t, first]): Storage => ({ id: t, bytes: bytesIn(p.tensors[t] as Tensor), align: ALIGN, first, last: last.get(t) ?? first }));
  const scratch = p.steps.flatMap((s, k): Storage[] => (s.scratch ? [{ id: p.tensors.length + k, bytes: s.scratch, align: ALIGN, first: k, last: Math.max(k, (p.rows?.steps ?? 0) - 1) }] : []));
  const storage = [...tensors, ...scratch];
  const inHead = p.rows ? sharedInHead(p, p.rows, storage) : [];
  return { storage, overlaps: [...inHead, ...overlapsOf(p, storage, homes)], homes };
}
