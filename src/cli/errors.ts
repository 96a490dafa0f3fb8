/** How an error is shown: a diagnostic as data or as two lines, anything else as a fault of coincell. */
import { CoincellError, type Diagnostic } from "../ir/diagnostics.js";
import { plain } from "../report/format.js";
import { exit, exitOfError, type ExitCode } from "./exit.js";
import { printJson, type Io } from "./io.js";

export const errorText = (d: Diagnostic): string => plain(`error [${d.code}] ${d.where}: ${d.what}\n`) + (d.cure === "" ? "" : plain(`  cure: ${d.cure}\n`));

function fault(e: unknown, debug: boolean): Diagnostic {
  const what = e instanceof Error ? (debug ? (e.stack ?? e.message) : e.message) : String(e);
  return {
    code: "coincell/fault", where: "coincell", what: `this is a fault of coincell, not of your files: ${what}`,
    cure: debug ? "Please report it with the file that caused it." : "Please report it with the file that caused it; COINCELL_DEBUG=1 shows where it happened.",
  };
}

/** Prints the error and gives the exit status it stands for. */
export function showError(e: unknown, io: Io, json: boolean): ExitCode {
  const known = e instanceof CoincellError;
  const { code, where, what, cure } = known ? e.diagnostic : fault(e, (io.env["COINCELL_DEBUG"] ?? "") !== "");
  if (json) printJson(io, { error: { code, where, what, cure } });
  else io.err(errorText({ code, where, what, cure }));
  return known ? exitOfError({ code }) : exit.failure;
}
