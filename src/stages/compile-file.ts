/** Model file to C text for one board: the form is chosen by compiling, and measured where test rows are given. */
import { CoincellError } from "../ir/diagnostics.js";
import { convertRow, convertRows, joinRows } from "../ir/conversion.js";
import { elements, type Tensor } from "../ir/types.js";
import { features as featuresOf, findBoard } from "../boards/index.js";
import { chooseCandidate, emit } from "./candidates.js";
import { compile, type Compiled } from "./compile.js";
import { importModel, importTable } from "./files.js";
import { choiceOf, memory } from "./measure.js";
import { inRows } from "./rows.js";
import { randomRows } from "./random-rows.js";
import { run } from "./run.js";
import type { RunFileOptions } from "./run-file.js";
import type { RunReport } from "../report/types.js";

export interface CompileFileOptions extends Omit<RunFileOptions, "data" | "onProgress"> {
  readonly data?: string;
}

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

const inputOf = (c: Compiled): Tensor => c.program.tensors[c.program.input] as Tensor;

/** Device inputs on which the forms' cycles are compared: calibration rows, or (any bytes are an input) a fixed pattern. */
function probe(c: Compiled, rows: readonly Float64Array[]): Uint8Array {
  if (c.placed) {
    const inputs = [c.program.input, ...c.program.moreInputs].map((t) => c.program.tensors[t] as Tensor);
    return joinRows((rows.length > 0 ? rows.slice(0, 1) : randomRows(c.program, 1, 1).rows).flatMap((r) => convertRows(r, inputs)));
  }
  const input = inputOf(c);
  const features = elements(input);
  const some = rows.length > 0 ? rows.slice(0, 24) : Array.from({ length: 24 }, (_, r) => Float64Array.from({ length: features }, (__, i) => ((r * 37 + i * 11) % 97) / 9 - 5));
  return joinRows(some.map((row) => convertRow(row, input)));
}

async function unmeasured(c: Compiled, o: CompileFileOptions, rows: readonly Float64Array[]): Promise<CompiledFile> {
  const board = findBoard(o.board);
  const { notes } = c.graph;
  try {
    const k = await chooseCandidate(c, board, o.goal ?? "auto", probe(c, rows));
    return { board: board.name, files: emit(k.compiled, k.form), choice: choiceOf(k.compiled, k.form, k.optimise), sizes: memory(k, null), report: null, notes };
  } catch (e) {
    if (!(e instanceof CoincellError) || e.diagnostic.code !== "board/no-compiler") throw e;
    const why = `${e.diagnostic.where}: ${e.diagnostic.what}, so no sizes are known. ${e.diagnostic.cure}`;
    return { board: board.name, files: emit(inRows(c, featuresOf(board.core)), "table"), choice: choiceOf(c, "table", board.optimise), sizes: null, report: null, notes: [...notes, why] };
  }
}

/** @throws CoincellError where the model, the rows or the options are at fault. */
export async function compileFile(model: string, o: CompileFileOptions): Promise<CompiledFile> {
  const board = findBoard(o.board);
  const graph = await importModel(model);
  const table = o.data === undefined ? null : await importTable(o.data, graph, o);
  const calibration = o.calibrate === undefined ? table : await importTable(o.calibrate, graph, o);
  const compiled = compile(graph, { ...o, rows: calibration?.rows ?? null });
  if (!table) return unmeasured(compiled, o, calibration?.rows ?? []);
  const { report, candidate } = await run({ compiled, board, table, goal: o.goal ?? "auto" });
  const { flash, ram, cycles, fits, over } = report;
  const measured = report.equal ? { board: board.name, flashBytes: flash.model, ramBytes: ram.static, stackBytes: ram.stack, cycles: cycles?.max ?? null } : null;
  const notes = report.difference ? [...report.notes, "the board's answer differs from the reference: do not use this program, and report the fault"] : report.notes;
  return { board: board.name, files: emit(candidate.compiled, candidate.form, measured), choice: report.choice, sizes: { flash, ram, fits, over }, report, notes };
}
