/** For a CPU that can do more than plain C: every step gets the first kernel that suits it. The arithmetic stays the same. */
import type { CpuFeature, KernelVariant, NodeIo, Program, Step } from "../ir/op.js";
import type { Tensor } from "../ir/types.js";
import { findOp } from "../ops/registry.js";

/** Which kernels may be taken: a limit on scratch memory, or a choice for one step. */
export type Allowed = (step: number, variant: KernelVariant, scratch: number) => boolean;

/** The kernels with fewer cycles, whatever memory they take. */
const forSpeed: Allowed = (_step, variant) => variant.gains === undefined;

/** The kernels with fewer bytes in flash; plain ones where there are none. */
export const forFlash: Allowed = (_step, variant) => variant.gains === "flash";

function suited(s: Step, k: number, io: NodeIo, features: ReadonlySet<CpuFeature>, allowed: Allowed): Step {
  for (const v of findOp(s.op).variants ?? []) {
    if (!v.needs.every((f) => features.has(f))) continue;
    const made = v.repack(s.params, io);
    if (!made || !allowed(k, v, made.scratch ?? 0)) continue;
    const { scratch: _plain, ...rest } = s;
    return { ...rest, params: made.params, variant: v.name, ...(made.scratch ? { scratch: made.scratch } : {}) };
  }
  return s;
}

/** The same program with the kernels of a CPU. @param io tensors as the steps see them are those of `p` */
export function withKernels(p: Program, features: ReadonlySet<CpuFeature>, allowed: Allowed = forSpeed): Program {
  const at = (list: readonly number[]): Tensor[] => list.map((t) => p.tensors[t] as Tensor);
  return { ...p, steps: p.steps.map((s, k) => suited(s, k, { inputs: at(s.inputs), outputs: at(s.outputs) }, features, allowed)) };
}
