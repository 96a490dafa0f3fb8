/** What every kernel of every layer costs on a board: cycles measured there layer by layer, bytes counted. */
import { features, type Board } from "../boards/index.js";
import type { Form } from "../emit/index.js";
import { CoincellError } from "../ir/diagnostics.js";
import type { Program, Step } from "../ir/op.js";
import { kernelsOf, type StepKernel } from "../passes/kernels.js";
import { memoryOf } from "../passes/memory.js";
import { liveBound } from "../plan/bound.js";
import type { KernelReport } from "../report/types.js";
import { placeTensors } from "./arena.js";
import type { Compiled } from "./compile.js";
import { weightsOf } from "./measure-network.js";
import { profileLayers, type LayerCost } from "./profile.js";

export interface KernelCost extends KernelReport {
  readonly step: Step;
  /** Cycles, else instructions; what was not measured counts as more than anything that was, in the order of preference. */
  readonly cost: number;
}

/** For each layer of a program all kernels that suit it, the plain one first. */
export type CostTable = readonly (readonly KernelCost[])[];

/** What is known, by layer and kernel. */
export type Measured = readonly ReadonlyMap<string | null, LayerCost>[];

/** No layer takes as many cycles. */
export const UNKNOWN = 1e12;

/** Without figures: the first one that is for speed, as its operator lists them, then the plain one, then those that trade speed for bytes. */
function rankOf(kernels: readonly StepKernel[], i: number): number {
  const order = kernels.map((_, at) => at).sort((a, b) => Number(kernels[a]?.gains !== undefined) - Number(kernels[b]?.gains !== undefined) || Number(a === 0) - Number(b === 0) || a - b);
  return order.indexOf(i);
}

/** Programs in which, together, every kernel of every layer stands: number r gives each layer its r-th kernel, or its last. */
const roundsOf = (p: Program, kernels: readonly (readonly StepKernel[])[]): readonly Program[] =>
  Array.from({ length: Math.max(0, ...kernels.map((l) => l.length)) }, (_, r) => ({ ...p, steps: kernels.map((l) => (l[Math.min(r, l.length - 1)] as StepKernel).step) }));

/** Bytes of tensors and scratch alive at every step: below them no plan can be. A step's kernel hardly changes those of another. Layers that run row by row are all at work until the last of them ends. */
function ramAt(p: Program): readonly number[] {
  const { storage, overlaps } = memoryOf(p);
  return p.steps.map((_, step) => {
    const k = Math.max(step, (p.rows?.steps ?? 0) - 1);
    const here = storage.filter((s) => s.first <= k && k <= s.last);
    const ids = new Set(here.map((s) => s.id));
    return liveBound(here, overlaps.filter((o) => ids.has(o.a) && ids.has(o.b)));
  });
}

/** @param measured in a program with the same layers; its steps may have other shapes, and so other kernels */
export function costTable(p: Program, board: Board, measured: Measured): CostTable {
  const all = kernelsOf(p, features(board.core));
  const rams = roundsOf(p, all).map(ramAt);
  return all.map((kernels, k) => kernels.map(({ step }, i): KernelCost => {
    const { instructions = null, cycles = null } = measured[k]?.get(step.variant ?? null) ?? {};
    return { step, kernel: step.variant ?? null, instructions, cycles, cost: cycles ?? instructions ?? UNKNOWN * (1 + rankOf(kernels, i)), constants: weightsOf(p, step), scratch: step.scratch ?? 0, ram: rams[i]?.[k] ?? 0 };
  }));
}

/** Forms in which layers are priced: as fast programs are, or where that has no room as small ones. */
const pricingForms: readonly (readonly [Form, string])[] = [["inline", "-O2"], ["table", "-Os"]];

/** Null where the program is too large for the board or the emulated machine, or nothing counts there. */
async function costsOf(c: Compiled, board: Board, form: Form, optimise: string, row: Uint8Array): Promise<readonly LayerCost[] | null> {
  try {
    return await profileLayers(c, { board, form, optimise }, row);
  } catch (e) {
    if (e instanceof CoincellError && e.diagnostic.code !== "board/no-compiler") return null;
    throw e;
  }
}

/**
 * Every kernel of every layer, run once, in as many programs as the layer with most kernels has.
 * @param row bytes of all inputs of one row
 */
export async function measureKernels(c: Compiled, board: Board, row: Uint8Array): Promise<Measured> {
  const kernels = kernelsOf(c.program, features(board.core));
  const rounds = roundsOf(c.program, kernels).map((program) => ({ ...c, program, placed: placeTensors(program) }));
  // What is priced need not fit beside the frame that feeds it; the machine itself still has an end.
  const roomy = { ...board, ramBytes: null };
  let made: readonly (readonly LayerCost[] | null)[] = [];
  for (const [form, optimise] of rounds.length > 1 && board.cycles !== "none" ? pricingForms : []) {
    made = await Promise.all(rounds.map((r) => costsOf(r, roomy, form, optimise, row)));
    if (made.every((l) => l !== null)) break;
  }
  return kernels.map((l, k) => new Map(l.flatMap(({ step }, i) => { const cost = made[i]?.[k]; return cost ? [[step.variant ?? null, cost] as const] : []; })));
}
