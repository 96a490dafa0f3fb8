/** What a network takes of its board, layer by layer, and its memory over time: the parts of a report that only networks have. */
import { identifier } from "../emit/index.js";
import type { Program, Step } from "../ir/op.js";
import { bytesOf, elements, type Tensor, type TypedArray } from "../ir/types.js";
import type { KernelReport, LayerReport, MemoryBlock, MemoryMap, RunReport } from "../report/types.js";
import type { Candidate } from "./candidates.js";
import type { Compiled } from "./compile.js";
import type { LayerCost } from "./profile.js";

const bytesIn = (t: Tensor | undefined): number => (t ? elements(t) * bytesOf(t.dtype === "f64" ? "i32" : t.dtype) : 0);

interface Life { readonly first: number; readonly last: number }

/** From the step that makes a tensor (-1: there from the start) to the last that reads it (`steps.length`: read afterwards). */
export function lives(p: Program): ReadonlyMap<number, Life> {
  const end = p.steps.length;
  const last = new Map<number, number>();
  p.steps.forEach((s, k) => s.inputs.forEach((t) => last.set(t, k)));
  for (const t of [p.scores, ...p.moreOutputs, ...(p.label === null ? [] : [p.label])]) last.set(t, end);
  const first = new Map<number, number>([p.input, ...p.moreInputs].map((t) => [t, -1]));
  p.tensors.forEach((t, i) => { if (t.state) { first.set(i, -1); last.set(i, end); } });
  p.steps.forEach((s, k) => s.outputs.forEach((t) => { if (!first.has(t)) first.set(t, k); }));
  // Layers that run row by row run until the last of them is done, and so do the rows they keep.
  if (p.rows) for (const t of [...(p.rows.resident ? [p.input] : []), ...p.rows.lines.map((l) => l.tensor)]) { first.set(t, first.get(t) ?? -1); last.set(t, Math.max(last.get(t) ?? 0, p.rows.steps - 1)); }
  return new Map([...first].map(([t, f]) => [t, { first: f, last: Math.max(f, last.get(t) ?? f) }]));
}

/** Arrays of constants that belong to a step: those in its parameters, and constant operands. */
export function weightsOf(p: Program, s: Step): number {
  const inParams = Object.values(s.params).filter((v): v is TypedArray => ArrayBuffer.isView(v));
  const operands = s.inputs.flatMap((t) => { const d = p.tensors[t]?.data; return d ? [d] : []; });
  return [...inParams, ...operands].reduce((n, a) => n + a.byteLength, 0);
}

export const weightBytes = (p: Program): number => p.steps.reduce((n, s) => n + weightsOf(p, s), 0);

type Weighed = readonly (readonly KernelReport[])[];

/** What there was to choose from, where any layer had a choice. */
const weighedAt = (weighed: Weighed | undefined, k: number): Pick<LayerReport, "kernels"> => {
  const all = weighed?.[k];
  return all && weighed?.some((l) => l.length > 1) ? { kernels: all.map(({ kernel, instructions, cycles, constants, scratch, ram }) => ({ kernel, instructions, cycles, constants, scratch, ram })) } : {};
};

export function layersOf(c: Compiled, costs: readonly LayerCost[] | null, weighed?: Weighed): readonly LayerReport[] {
  const p = c.program;
  const life = lives(p);
  return p.steps.map((s, k) => {
    const [y = -1] = s.outputs;
    const made = p.tensors[y];
    return {
      name: s.name, op: s.op, ...(s.variant === undefined ? {} : { kernel: s.variant }), ...weighedAt(weighed, k),
      shapes: { inputs: s.inputs.map((t) => p.tensors[t]?.shape ?? []), output: made?.shape ?? [] }, type: made?.dtype ?? "", macs: s.macs ?? 0,
      instructions: costs?.[k]?.instructions ?? null, cycles: costs?.[k]?.cycles ?? null, weightBytes: weightsOf(p, s), outputBytes: bytesIn(made),
      offset: c.placed?.arena.offsets.get(y) ?? 0, first: life.get(y)?.first ?? k, last: life.get(y)?.last ?? k,
    };
  });
}

export function memoryMapOf(c: Compiled): MemoryMap | null {
  const { program: p, placed } = c;
  if (!placed) return null;
  const { arena, bound } = placed;
  const tensors = [...lives(p)].flatMap(([t, { first, last }]): MemoryBlock[] => {
    const offset = arena.offsets.get(t);
    const tensor = p.tensors[t];
    if (offset === undefined || !tensor) return [];
    return [{ name: tensor.name, kind: tensor.state ? "state" : first < 0 ? "input" : "layer", bytes: bytesIn(tensor), offset, first, last }];
  });
  const head = (p.rows?.steps ?? 0) - 1;
  const scratch = [...arena.scratch].map(([k, offset]): MemoryBlock => ({ name: `scratch of ${p.steps[k]?.name ?? k}`, kind: "scratch", bytes: p.steps[k]?.scratch ?? 0, offset, first: k, last: Math.max(k, head) }));
  return { bytes: arena.bytes, bound, steps: p.steps.length, blocks: [...tensors, ...scratch] };
}

/** Constants as they stand in the linked program: all read-only objects that bear the model's name. */
function linkedConstants({ compiled, built }: Candidate): number {
  const prefix = `${identifier(compiled.program.name)}_`;
  const readOnly = new Set(built.elf.sections.filter((s) => s.allocated && !s.writable && !s.empty).map((s) => s.name));
  const places = new Map(built.elf.symbols.filter((s) => s.kind === "object" && s.name.startsWith(prefix) && readOnly.has(s.section)).map((s) => [s.address, s.bytes]));
  return [...places.values()].reduce((a, b) => a + b, 0);
}

/** The further fields of a network's flash and RAM. */
export function networkMemory(k: Candidate, m: Pick<RunReport, "flash" | "ram">): Pick<RunReport, "flash" | "ram"> {
  const { placed, program } = k.compiled;
  if (!placed) return m;
  const weights = Math.min(m.flash.model, linkedConstants(k));
  const scratch = program.steps.reduce((n, s) => Math.max(n, s.scratch ?? 0), 0);
  return { flash: { code: m.flash.model - weights, weights, ...m.flash }, ram: { activations: placed.arena.bytes, bound: placed.bound, scratch, ...m.ram } };
}
