/** Model file, board and CSV in; measurements, predictions and the built program out. */
import { findBoard } from "../boards/index.js";
import type { Goal } from "./candidates.js";
import { compile, type CompileOptions } from "./compile.js";
import { importModel, importTable } from "./files.js";
import { randomRows } from "./random-rows.js";
import { run, type RunOutcome } from "./run.js";

export interface RunFileOptions extends Omit<CompileOptions, "rows"> {
  readonly board: string;
  /** Rows in the model's own units; or ... */
  readonly data?: string;
  /** ... so many rows of random device input. */
  readonly random?: number;
  readonly seed?: number;
  /** Typical rows the ranges and widths are chosen from; the test rows themselves (with a note) when absent. */
  readonly calibrate?: string;
  readonly label?: string;
  readonly goal?: Goal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Rows of random input where neither data nor a number is given. */
const RANDOM_ROWS = 16;

/** `coincell run` as one call: model file, board and CSV in; measurements, predictions and the built program out. */
export async function runFile(model: string, o: RunFileOptions): Promise<RunOutcome> {
  const board = findBoard(o.board);
  const graph = await importModel(model);
  const given = o.data === undefined ? null : await importTable(o.data, graph, o.label);
  const calibration = o.calibrate === undefined ? given : await importTable(o.calibrate, graph, o.label);
  const compiled = compile(graph, { ...o, rows: calibration?.rows ?? null });
  const notes = given !== null && o.calibrate === undefined && o.inputType !== "f32" && compiled.placed === null ? ["ranges and widths were chosen from the test rows themselves; give --calibrate for an independent figure"] : [];
  const table = given ?? randomRows(compiled.program, o.random ?? RANDOM_ROWS, o.seed ?? 1);
  return run({ compiled, board, table, goal: o.goal ?? "auto", notes, ...(o.onProgress ? { onProgress: o.onProgress } : {}) });
}
