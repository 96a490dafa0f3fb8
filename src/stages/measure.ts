/** What a built program takes of its board, and how it was made: the parts of a report that need no run. */
import type { RunReport } from "../report/types.js";
import type { Candidate } from "./candidates.js";
import type { Compiled } from "./compile.js";

/** Bytes of flash and RAM against the board's limits; `stack` is null before a run. */
export function memory({ built, compiled }: Candidate, stack: number | null): Pick<RunReport, "flash" | "ram" | "fits" | "over"> {
  const { flash, ram } = built.sizes;
  const total = ram.total + (stack ?? 0);
  // A network's input row lies in its own memory.
  const inside = compiled.placed !== null && compiled.program.moreInputs.length === 0;
  const over = { flash: Math.max(0, flash.total - (flash.available ?? Infinity)), ram: Math.max(0, total - (ram.available ?? Infinity)) };
  return {
    flash: { model: flash.model, harness: flash.harness, total: flash.total, limit: flash.available },
    ram: { static: ram.model, input: inside ? 0 : built.inBytes, stack, total, limit: ram.available },
    fits: over.flash === 0 && over.ram === 0, over,
  };
}

/** The steps are those of the program that finds the answer, which may be shorter than the one with scores. */
export function choiceOf(c: Compiled, form: string, optimise: string): RunReport["choice"] {
  const p = c.labelProgram ?? c.program;
  return {
    form, optimise, inputType: c.program.tensors[c.program.input]?.dtype ?? "", arithmetic: c.program.arithmetic,
    steps: p.steps.map((s) => `${s.op} -> ${s.outputs.map((t) => p.tensors[t]?.dtype).join(", ")}`),
  };
}
