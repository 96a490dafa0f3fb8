/** What the exit status of every verb means, and how an outcome or an error becomes one. */
import type { Diagnostic } from "../ir/diagnostics.js";
import type { RunReport } from "../report/types.js";

export const exit = { ok: 0, failure: 1, usage: 2, doesNotFit: 3, differs: 4 } as const;
export type ExitCode = (typeof exit)[keyof typeof exit];

/** A wrong answer weighs more than a program too large: the first is a fault, the second a fact. */
export function exitOfReport(report: Pick<RunReport, "fits" | "difference">): ExitCode {
  if (report.difference !== null) return exit.differs;
  return report.fits ? exit.ok : exit.doesNotFit;
}

/** Codes of errors that say the same as `fits: false`. */
const noRoom: readonly string[] = ["board/does-not-fit", "board/stack-overflow", "fit/does-not-fit"];
/** Codes of errors in what was typed, beside all of `cli/…`. */
const typed: readonly string[] = ["board/unknown-board", "train/unknown-model", "train/unknown-hyper", "train/bad-hyper"];

export function exitOfError({ code }: Pick<Diagnostic, "code">): ExitCode {
  if (noRoom.includes(code)) return exit.doesNotFit;
  return code.startsWith("cli/") || typed.includes(code) ? exit.usage : exit.failure;
}

/** Of several outcomes, the one to leave with: a difference, then no room, then any other failure. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  return Math.max(exit.ok, ...codes) as ExitCode;
}
