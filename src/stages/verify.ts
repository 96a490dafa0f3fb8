/** One model on several boards: the proof that all of them answer as the reference does. */
import { findBoard } from "../boards/index.js";
import { CoincellError, type Diagnostic } from "../ir/diagnostics.js";
import type { Certificate, RunReport } from "../report/types.js";
import { sha256 } from "./certificate.js";
import { readyFor, runReady, type Ready, type RunFileOptions } from "./run-file.js";

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

async function verifyOn(ready: Ready, name: string, options: VerifyOptions): Promise<Verified> {
  const { boards: _all, onProgress, ...rest } = options;
  try {
    const { report } = await runReady(ready, { ...rest, board: name, ...(onProgress ? { onProgress: (done, total) => onProgress(name, done, total) } : {}) });
    return { board: name, report, error: null };
  } catch (e) {
    if (e instanceof CoincellError && /^(board|fit)\//.test(e.diagnostic.code)) return { board: name, report: null, error: e.diagnostic };
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
  const ready = await readyFor(model, options);
  const out: Verified[] = [];
  for (const name of names) out.push(await verifyOn(ready, name, options));
  return out;
}

/** One document for all boards that ran, with a hash of the whole. */
export function certificateOf(results: readonly Verified[]): { readonly equal: boolean; readonly boards: readonly Certificate[]; readonly notProven: readonly string[]; readonly hash: string } {
  const boards = results.flatMap((r) => (r.report?.certificate ? [r.report.certificate] : []));
  const fields = { equal: results.every((r) => r.report?.equal === true), boards, notProven: results.filter((r) => r.report?.equal !== true).map((r) => r.board) };
  return { ...fields, hash: sha256(JSON.stringify(fields)) };
}
