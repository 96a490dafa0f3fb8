/** One model on several boards: the proof that all of them answer as the reference does. */
import { findBoard } from "../boards/index.js";
import { CoincellError, type Diagnostic } from "../ir/diagnostics.js";
import type { RunReport } from "../report/types.js";
import { runFile, type RunFileOptions } from "./run-file.js";

export interface VerifyOptions extends Omit<RunFileOptions, "board" | "onProgress"> {
  /** Names or aliases of boards, see {@link boards}. */
  readonly boards: readonly string[];
  readonly onProgress?: (board: string, done: number, total: number) => void;
}

/** What a board gave: a report, or the error that kept it from running (no compiler, a trap of the simulated chip). */
export interface Verified {
  readonly board: string;
  readonly report: RunReport | null;
  readonly error: Diagnostic | null;
}

async function verifyOn(model: string, name: string, options: VerifyOptions): Promise<Verified> {
  const { boards: _all, onProgress, ...rest } = options;
  try {
    const { report } = await runFile(model, { ...rest, board: name, ...(onProgress ? { onProgress: (done, total) => onProgress(name, done, total) } : {}) });
    return { board: name, report, error: null };
  } catch (e) {
    if (e instanceof CoincellError && e.diagnostic.code.startsWith("board/")) return { board: name, report: null, error: e.diagnostic };
    throw e;
  }
}

/**
 * Runs every row of `options.data` on each board and compares it byte for byte with the reference.
 * A board that cannot run gives an `error` instead of a report; the other boards still run.
 * @param model path of a model file
 * @throws CoincellError where the model, the rows or a board's name are at fault
 */
export async function verify(model: string, options: VerifyOptions): Promise<readonly Verified[]> {
  const names = [...new Set(options.boards.map((b) => findBoard(b).name))];
  const out: Verified[] = [];
  for (const name of names) out.push(await verifyOn(model, name, options));
  return out;
}
