/** What a network must keep in memory, and from which step to which: the question that `plan/` answers with offsets. */
import type { KernelVariant, Program, Step } from "../ir/op.js";
import { bytesOf, elements, type Tensor } from "../ir/types.js";
import { findOp } from "../ops/registry.js";

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
  for (const t of [p.scores, ...p.moreOutputs, ...(p.label === null ? [] : [p.label])]) last.set(t, end);
  p.tensors.forEach((t, i) => { if (t.state) last.set(i, end); });
  return last;
}

/** The kernel that is meant. */
const variantOf = (s: Step): KernelVariant | undefined => findOp(s.op).variants?.find((v) => v.name === s.variant);

const worksInPlace = (s: Step): boolean => (s.variant === undefined ? findOp(s.op).traits.inPlace === true : variantOf(s)?.inPlace?.(s.params) === true);

/** Tensors that live in another one's bytes: element-wise operators overwrite an input that nobody reads later. */
function shared(p: Program, last: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const home = new Map<number, number>();
  const homeOf = (t: number): number => home.get(t) ?? t;
  const busy = new Map(last);
  p.steps.forEach((s, k) => {
    const [x = -1] = s.inputs;
    const [y = -1] = s.outputs;
    const [from, to] = [p.tensors[x], p.tensors[y]];
    const root = homeOf(x);
    if (!from || !to || !worksInPlace(s) || from.data || from.state || s.inputs.indexOf(x, 1) > 0) return;
    // A stretched operand is read again after its first elements are overwritten; a wider result overtakes its input.
    if ((s.variant === undefined && elements(from) !== elements(to)) || bytesIn(to) > bytesIn(from) || (busy.get(root) ?? -1) > k) return;
    home.set(y, root);
    busy.set(root, last.get(y) ?? k);
  });
  return home;
}

/** Two storages that may share bytes: `from <= offset of b - offset of a <= to`. */
export interface SharedBytes {
  readonly a: number;
  readonly b: number;
  readonly from: number;
  readonly to: number;
}

/** Steps whose output may run into an input that nobody reads later. */
function overlapsOf(p: Program, storage: readonly Storage[], homes: ReadonlyMap<number, number>): readonly SharedBytes[] {
  const byId = new Map(storage.map((s) => [s.id, s]));
  return p.steps.flatMap((s, k): SharedBytes[] => {
    const [x = -1, ...more] = s.inputs;
    const [y = -1] = s.outputs;
    const [a, b] = [byId.get(homes.get(x) ?? -1), byId.get(homes.get(y) ?? -1)];
    const [from, to] = [p.tensors[x], p.tensors[y]];
    const rule = s.variant === undefined ? findOp(s.op).traits.overlap : variantOf(s)?.overlap;
    if (!rule || !a || !b || a === b || !from || !to || from.state || s.outputs.length > 1) return [];
    // Each is alive with the other at this step only, and no other operand lives in these bytes.
    if (a.last !== k || b.first !== k || more.some((t) => homes.get(t) === a.id)) return [];
    const distance = rule(s.params, { x: bytesOf(from.dtype), y: bytesOf(to.dtype) });
    return distance >= b.bytes ? [] : [{ a: a.id, b: b.id, from: -Infinity, to: -distance }];
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
  const alias = shared(p, last);
  const made = new Map<number, number>([p.input, ...p.moreInputs].map((t) => [t, -1]));
  p.tensors.forEach((t, i) => { if (t.state) made.set(i, -1); });
  p.steps.forEach((s, k) => s.outputs.forEach((t) => made.set(t, k)));
  const homes = new Map([...made.keys()].map((t) => [t, alias.get(t) ?? t]));
  const ends = new Map<number, number>();
  for (const [t, root] of homes) ends.set(root, Math.max(ends.get(root) ?? -1, last.get(t) ?? made.get(t) ?? -1));
  const tensors = [...made].filter(([t]) => homes.get(t) === t).map(([t, first]): Storage => ({ id: t, bytes: bytesIn(p.tensors[t] as Tensor), align: ALIGN, first, last: ends.get(t) ?? first }));
  const scratch = p.steps.flatMap((s, k): Storage[] => (s.scratch ? [{ id: p.tensors.length + k, bytes: s.scratch, align: ALIGN, first: k, last: k }] : []));
  const storage = [...tensors, ...scratch];
  return { storage, overlaps: overlapsOf(p, storage, homes), homes };
}
