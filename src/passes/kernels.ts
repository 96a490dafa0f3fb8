/** For a CPU that can do more than plain C: the kernels that suit every step. The arithmetic stays the same. */
import type { CpuFeature, KernelVariant, NodeIo, Program, Step } from "../ir/op.js";
import type { Tensor } from "../ir/types.js";
import { findOp } from "../ops/registry.js";

/** Which kernels may be taken: a limit on scratch memory, or a choice for one step. */
export type Allowed = (step: number, variant: KernelVariant, scratch: number) => boolean;

/** The kernels with fewer cycles, whatever memory they take. */
const forSpeed: Allowed = (_step, variant) => variant.gains === undefined;

function ioOf(p: Program, s: Step): NodeIo {
  const at = (list: readonly number[]): Tensor[] => list.map((t) => p.tensors[t] as Tensor);
  return { inputs: at(s.inputs), outputs: at(s.outputs) };
}

/** A step that has its kernel already (a pool that gathers rows) keeps it. */
const variantsFor = (s: Step, features: ReadonlySet<CpuFeature>): readonly KernelVariant[] =>
  (s.variant === undefined ? (findOp(s.op).variants ?? []).filter((v) => v.needs.every((f) => features.has(f))) : []);

/** A plain step with another kernel; null where that does not suit it. */
function withKernel(s: Step, v: KernelVariant, io: NodeIo): Step | null {
  const made = v.repack(s.params, io);
  if (!made) return null;
  const { scratch: _plain, ...rest } = s;
  return { ...rest, params: made.params, variant: v.name, ...(made.scratch ? { scratch: made.scratch } : {}) };
}

/** The same program with the first kernels that suit a CPU. @param p with plain kernels */
export function withKernels(p: Program, features: ReadonlySet<CpuFeature>, allowed: Allowed = forSpeed): Program {
  const chosen = (s: Step, k: number): Step => {
    for (const v of variantsFor(s, features)) {
      const made = withKernel(s, v, ioOf(p, s));
      if (made && allowed(k, v, made.scratch ?? 0)) return made;
    }
    return s;
  };
  return { ...p, steps: p.steps.map(chosen) };
}

/** A step with one of the kernels that suit it. */
export interface StepKernel {
  readonly step: Step;
  readonly gains?: KernelVariant["gains"];
}

/** Every step with each kernel that suits it and the CPU: the plain one first, the others in their operator's order. @param p with plain kernels */
export function kernelsOf(p: Program, features: ReadonlySet<CpuFeature>): readonly (readonly StepKernel[])[] {
  return p.steps.map((s) => [{ step: s }, ...variantsFor(s, features).flatMap((v): StepKernel[] => {
    const step = withKernel(s, v, ioOf(p, s));
    return step ? [{ step, ...(v.gains ? { gains: v.gains } : {}) }] : [];
  })]);
}
