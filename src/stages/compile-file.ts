/** Model file to C text for one board: the form is chosen by compiling, and measured where test rows are given. */
import { CoincellError } from "../ir/diagnostics.js";
import { findBoard } from "../boards/index.js";
import { emit } from "./candidates.js";
import { chooseCandidate } from "./choose.js";
import type { Compiled } from "./compile.js";
import { choiceOf, memory } from "./measure.js";
import { prepare } from "./prepare.js";
import { probe } from "./probe.js";
import { asAsked } from "./program-forms.js";
import { run } from "./run.js";
import type { RunFileOptions } from "./run-file.js";
import type { RunReport } from "../report/types.js";

export type CompileFileOptions = Omit<RunFileOptions, "onProgress">;

type Sizes = Pick<RunReport, "flash" | "ram" | "fits" | "over">;

export interface CompiledFile {
  readonly board: string;
  readonly files: ReadonlyMap<string, string>;
  readonly choice: RunReport["choice"];
  /** Null where the board's compiler is not installed. */
  readonly sizes: Sizes | null;
  readonly report: RunReport | null;
  readonly notes: readonly string[];
}

async function unmeasured(c: Compiled, o: CompileFileOptions, rows: readonly Float64Array[]): Promise<CompiledFile> {
  const board = findBoard(o.board);
  const { notes } = c.graph;
  try {
    const k = await chooseCandidate(c, board, o.goal ?? "auto", probe(c, rows), o.limits);
    return { board: board.name, files: emit(k.compiled, k.form), choice: choiceOf(k.compiled, k.form, k.optimise), sizes: memory(k, null), report: null, notes };
  } catch (e) {
    if (!(e instanceof CoincellError) || e.diagnostic.code !== "board/no-compiler") throw e;
    const why = `${e.diagnostic.where}: ${e.diagnostic.what}, so no sizes are known. ${e.diagnostic.cure}`;
    return { board: board.name, files: emit(asAsked(c), "table"), choice: choiceOf(c, "table", board.optimise), sizes: null, report: null, notes: [...notes, why] };
  }
}

/** @throws CoincellError where the model, the rows or the options are at fault. */
export async function compileFile(model: string, o: CompileFileOptions): Promise<CompiledFile> {
  const board = findBoard(o.board);
  const { compiled, table, calibration } = await prepare(model, o);
  if (!table) return unmeasured(compiled, o, calibration?.rows ?? []);
  const { report, candidate } = await run({ compiled, board, table, goal: o.goal ?? "auto", ...(o.limits ? { limits: o.limits } : {}) });
  const { flash, ram, cycles, fits, over } = report;
  const measured = report.equal ? { board: board.name, flashBytes: flash.model, ramBytes: ram.static, stackBytes: ram.stack, cycles: cycles?.max ?? null } : null;
  const notes = report.difference ? [...report.notes, "the board's answer differs from the reference: do not use this program, and report the fault"] : report.notes;
  return { board: board.name, files: emit(candidate.compiled, candidate.form, measured), choice: report.choice, sizes: { flash, ram, fits, over }, report, notes };
}
