/** One form of a program on a board, really compiled. */
import { kernelSource, runtimeHeader } from "../assets.js";
import { buildProgram, type Board, type Program as Built } from "../boards/index.js";
import { emitC, entry, inPlace, type Form, type Glue, type Measured } from "../emit/index.js";
import { fail } from "../ir/diagnostics.js";
import type { KernelReport } from "../report/types.js";
import type { Compiled } from "./compile.js";
import { callsOf } from "./rows.js";

export const goals = ["size", "speed", "ram", "auto"] as const;
/** What is made least among all that fits: flash; cycles; RAM, then cycles; `auto`: cycles, but what is smaller wins within a percent. */
export type Goal = (typeof goals)[number];

export const parseGoal = (text: string): Goal =>
  goals.find((g) => g === text) ?? fail("cli/bad-goal", "--optimise", `"${text}"`, `Supported: ${goals.join(", ")}.`);

/** How a program is compiled. */
export interface Way {
  readonly board: Board;
  readonly form: Form;
  readonly optimise: string;
}

export interface Candidate {
  /** What was emitted: for this board it may have other kernels, and so another arena, than what was asked for. */
  readonly compiled: Compiled;
  readonly form: Form;
  readonly optimise: string;
  readonly built: Built;
  /** Networks: every kernel that was weighed, layer by layer; absent where there was no choice. */
  readonly weighed?: readonly (readonly KernelReport[])[];
  /** Networks: how the program goes through its layers (`program-forms.ts`). */
  readonly programForm?: string;
}

export const wayOf = ({ built, form, optimise }: Candidate): Way => ({ board: built.board, form, optimise });

/** The model's C files, by path. */
export const emit = (c: Compiled, form: Form, measured: Measured | null = null): ReadonlyMap<string, string> =>
  emitC({ program: c.program, labelProgram: c.labelProgram, form, sources: c.sources ?? kernelSource, runtime: runtimeHeader(), measured, arena: c.placed?.arena ?? null });

/** Compiles the emitted C for a board, with the harness that feeds it rows. */
export async function build(c: Compiled, board: Board, form: Form, optimise: string, what: Glue = "answer", sanitize = false): Promise<Candidate> {
  const glue = entry(c.program, what, c.placed !== null);
  const request = { board, inBytes: glue.inBytes, outBytes: glue.outBytes, optimise, sanitize };
  const files = emit(c, form);
  const built = await buildProgram(c.placed && c.program.moreInputs.length === 0 && callsOf(c) === 1
    ? { ...request, files: inPlace(c.program, c.placed.arena, files, glue.text), ownBuffers: true }
    : { ...request, files: new Map([...files, ["entry.c", glue.text]]) });
  return { compiled: c, form, optimise, built };
}

/** A network's answer is one of its outputs, so that one run gives both. */
export const glueOf = (c: Compiled): Glue => (c.placed ? (callsOf(c) > 1 ? "rows" : c.fresh ? "fresh" : "all") : "answer");
