/** Places the tensors of a network in one block of memory: what they are (`passes/memory`), where they go (`plan`), proven apart. */
import type { Arena } from "../emit/index.js";
import type { Program } from "../ir/op.js";
import { memoryOf } from "../passes/memory.js";
import { liveBound } from "../plan/bound.js";
import { place } from "../plan/place.js";
import { validate } from "../plan/validate.js";

export interface Placed {
  readonly arena: Arena;
  /** Least bytes any placement could have: the largest sum of what is alive at one step. */
  readonly bound: number;
}

export function placeTensors(p: Program): Placed {
  const { storage, overlaps, homes } = memoryOf(p);
  const plan = place(storage, overlaps);
  validate(storage, plan, overlaps);
  const offsetOf = new Map(storage.map((s, i) => [s.id, plan.offsets[i] ?? 0]));
  const offsets = new Map([...homes].map(([t, home]) => [t, offsetOf.get(home) ?? 0]));
  const scratch = new Map(p.steps.flatMap((_, k) => { const at = offsetOf.get(p.tensors.length + k); return at === undefined ? [] : [[k, at] as const]; }));
  return { arena: { bytes: plan.bytes, offsets, scratch }, bound: liveBound(storage, overlaps) };
}
