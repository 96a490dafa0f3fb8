/** Model file, board and CSV in; measurements, predictions and the built program out. */
import { findBoard } from "../boards/index.js";
import type { Goal } from "./candidates.js";
import { compile, type CompileOptions } from "./compile.js";
import { importModel, importTable } from "./files.js";
import { run, type RunOutcome } from "./run.js";

export interface RunFileOptions extends Omit<CompileOptions, "rows"> {
  readonly board: string;
  readonly data: string;
  /** Typical rows the ranges and widths are chosen from; the test rows themselves (with a note) when absent. */
  readonly calibrate?: string;
  readonly label?: string;
  readonly goal?: Goal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** `coincell run` as one call: model file, board and CSV in; measurements, predictions and the built program out. */
export async function runFile(model: string, o: RunFileOptions): Promise<RunOutcome> {
  const board = findBoard(o.board);
  const graph = await importModel(model);
  const table = await importTable(o.data, graph, o.label);
  const calibration = o.calibrate === undefined ? table : await importTable(o.calibrate, graph, o.label);
  const notes = o.calibrate === undefined && o.inputType !== "f32" ? ["ranges and widths were chosen from the test rows themselves; give --calibrate for an independent figure"] : [];
  const compiled = compile(graph, { ...o, rows: calibration.rows });
  return run({ compiled, board, table, goal: o.goal ?? "auto", notes, ...(o.onProgress ? { onProgress: o.onProgress } : {}) });
}
